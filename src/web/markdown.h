// SPDX-License-Identifier: MPL-2.0
// Posts are plain text in which a few signs have a meaning. Everything else stays as it was typed: no letter or digit of the source
// is ever missing from the page, and numbers stay as they were written (docs/adr/0010-own-markdown.md).
//
//     Empty lines separate paragraphs; other line ends stay line ends.
//     "- x", "* x", "• x" are list items, "1. x" and "1) x" numbered ones; two spaces more of indentation nest them.
//     **bold** and __bold__, *italic* and _italic_, within one line. "# x" is a bold line.
//     [text](https://…) is a link that shows its address behind the text. Bare https://…, http://…, www.… and e-mail addresses are links.
#pragma once

#include "base/arena.h"
#include "web/html.h"

// What the source becomes: p, br, strong, em, ul, ol, li with value, a with href (http, https, mailto) and rel; nothing else. At most
// MARKDOWN_GROWTH bytes for each byte of the source. The source is valid UTF-8 of at most MARKDOWN_SOURCE_MAX bytes (-E2BIG). -ENOMEM.
#define MARKDOWN_SOURCE_MAX ((size_t)128 * 1024)
#define MARKDOWN_GROWTH 24
int markdown_render(struct arena *arena, struct str source, struct html *ret_html);

// True when markdown_plain writes the same as markdown_render would give. Quick; may say no where yes were right.
bool markdown_is_plain(struct str source);

// Paragraphs and line ends, all else escaped.
void markdown_plain(struct buf *buf, struct str source);
