// SPDX-License-Identifier: MPL-2.0
// The file's own style: it opens anywhere, offline, and prints. The colours are those of docs/design.md.
#pragma once

static const char folder_style[] =
    ":root{color-scheme:light}"
    "body{margin:0;background:#faf6ef;color:#1f2b2a;font:1.0625rem/1.55 system-ui,-apple-system,\"Segoe UI\",Roboto,sans-serif}"
    "main{max-width:42rem;margin:0 auto;padding:1.5rem 1rem 3rem}"
    "h1{font-size:1.9rem;line-height:1.2;margin:.4rem 0}"
    "h2{font-size:1.4rem;line-height:1.25;margin:2.4rem 0 .6rem;padding-top:1rem;border-top:2px solid #14524b}"
    "h3{font-size:1.1rem;margin:1.4rem 0 .4rem}"
    "a{color:#14524b}p{margin:.4rem 0}"
    ".brand{color:#14524b;font-weight:600}.quiet{color:#56615d;font-size:.94rem}"
    "nav ul,.people,.log{padding-left:1.2rem;margin:.4rem 0}li{margin:.2rem 0}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.6rem 0}dt{color:#56615d}dd{margin:0;overflow-wrap:anywhere}"
    ".self{display:flex;gap:1rem;align-items:flex-start;flex-wrap:wrap}.self img{width:6rem;height:6rem;border-radius:50%;object-fit:cover}"
    ".post{background:#fff;border-radius:.875rem;padding:.7rem 1rem;margin:.6rem 0;break-inside:avoid-page;overflow-wrap:anywhere}"
    ".post--own{background:#e2eee8}.post header{display:flex;flex-wrap:wrap;gap:0 .6rem;align-items:baseline}"
    ".text{white-space:pre-wrap}.marked p{margin:.5rem 0}"
    ".earlier{border-left:3px solid #7d8580;margin:.6rem 0 .2rem;padding-left:.7rem}"
    "table{border-collapse:collapse;width:100%;font-size:.94rem}td,th{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #d8d5cc}"
    "td:first-child{white-space:nowrap}"
    ".code{font:600 1.3rem/1.6 ui-monospace,Menlo,Consolas,monospace;letter-spacing:.04em}"
    ".key{font-family:ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere;font-size:.9rem}"
    ".button{display:inline-block;background:#14524b;color:#fff;padding:.7rem 1.1rem;border-radius:.6rem;text-decoration:none;font-weight:600}"
    "figure{margin:.6rem 0}figure img{display:block;max-width:100%;max-height:85vh;width:auto;height:auto;border-radius:.6rem}"
    "figcaption{font-size:.94rem;overflow-wrap:anywhere}.file__name{font-weight:600;overflow-wrap:anywhere;display:inline-block;padding:.3rem 0}"
    ".hash{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:.8rem}.consent{margin:.6rem 0 1.2rem}.consent h3{margin:.4rem 0}"
    "@media print{body{background:#fff;font-size:11pt}main{max-width:none;padding:0}.post{border:1px solid #b9bdb9}.post--own{background:#fff;border-width:2px}"
    ".screen{display:none}h2{break-after:avoid}a{color:inherit}}";
