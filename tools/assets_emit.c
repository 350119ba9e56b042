// SPDX-License-Identifier: MPL-2.0
#include "assets.h"

#include <errno.h>

// Behind "url(": the reference without quotes, up to ")".
static int read_reference(struct scanner *at, struct str *ret_reference)
{
    size_t open = at->at;
    scanner_spaces(at);
    char quote = scanner_peek(at, 0);
    bool quoted = quote == '"' || quote == '\'';
    at->at += quoted;
    size_t start = at->at;
    while (!scanner_done(at) && scanner_peek(at, 0) != (quoted ? quote : ')'))
        at->at++;
    *ret_reference = str_trim((struct str){ at->source->text.ptr + start, at->at - start });
    at->at += quoted && !scanner_done(at);
    scanner_spaces(at);
    return scanner_take(at, ")") ? 0 : source_fail(at->source, open, "expected \")\" at the end of url(");
}

static const struct asset_file *find(const struct asset_files *assets, struct str reference)
{
    // Folders and what follows ? or # say nothing here: names are unique.
    struct str name = reference, rest = reference;
    rest = str_cut(&rest, '#');
    rest = str_cut(&rest, '?');
    while (rest.len > 0)
        name = str_cut(&rest, '/');
    for (size_t i = 0; i < assets->count; i++) {
        if (str_equal(assets->list[i].name, name) && assets->list[i].path.ptr)
            return &assets->list[i];
    }
    return NULL;
}

int assets_rewrite(struct asset_files *assets, const struct source *source, struct buf *buf)
{
    struct scanner at = { source, 0 };
    while (!scanner_done(&at)) {
        size_t start = at.at;
        if (scanner_at(&at, "/*")) {
            while (!scanner_done(&at) && !scanner_take(&at, "*/"))
                at.at++;
            buf_put(buf, source->text.ptr + start, at.at - start);
            continue;
        }
        if (scanner_at(&at, "@import"))
            return source_fail(source, start, "expected no @import: each style sheet is an asset of its own");
        if (!scanner_take(&at, "url(")) {
            buf_char(buf, scanner_peek(&at, 0));
            at.at++;
            continue;
        }
        struct str reference;
        int r = read_reference(&at, &reference);
        if (r < 0)
            return r;
        if (str_starts(reference, STR("data:")) || str_starts(reference, STR("#"))) {
            buf_put(buf, source->text.ptr + start, at.at - start);
            continue;
        }
        const struct asset_file *file = find(assets, reference);
        if (!file)
            return source_fail(source, start, "expected an asset in url(), found \"%.*s\"", (int)(reference.len < 100 ? reference.len : 100),
                reference.ptr);
        buf_format(buf, "url(\"%.*s\")", (int)file->path.len, file->path.ptr);
    }
    return 0;
}

// Bytes as a string literal: compilers read it many times faster than a list of numbers.
static void emit_bytes(struct buf *code, const char *what, size_t number, struct str bytes)
{
    buf_format(code, "static const char %s_%zu[] =\n    \"", what, number);
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.ptr[i];
        bool plain = c >= ' ' && c < 0x7F && c != '"' && c != '\\' && c != '?';
        // Three octal digits end an escape whatever follows.
        if (plain)
            buf_char(code, (char)c);
        else
            buf_put(code, (char[]){ '\\', (char)('0' + (c >> 6)), (char)('0' + ((c >> 3) & 7)), (char)('0' + (c & 7)) }, 4);
        if (i % 4096 == 4095)
            buf_lit(code, "\"\n    \"");
    }
    buf_lit(code, "\";\n");
}

static void emit_view(struct buf *code, const char *member, const char *what, size_t number, struct str bytes)
{
    if (bytes.ptr)
        buf_format(code, "        .%s = { (const uint8_t *)%s_%zu, %zu },\n", member, what, number, bytes.len);
}

void assets_emit(const struct asset_files *assets, struct buf *header, struct buf *code)
{
    buf_lit(header, "// SPDX-License-Identifier: MPL-2.0\n// Made by tools/assets.\n#pragma once\n\n");
    buf_lit(code, "// SPDX-License-Identifier: MPL-2.0\n// Made by tools/assets.\n#include \"web/asset.h\"\n\n");
    for (size_t i = 0; i < assets->count; i++) {
        const struct asset_file *file = &assets->list[i];
        buf_lit(header, "#define ASSET_");
        for (size_t j = 0; j < file->name.len; j++)
            buf_char(header, is_name(file->name.ptr[j]) ? file->name.ptr[j] : '_');
        buf_format(header, " \"%.*s\"\n", (int)file->path.len, file->path.ptr);
        emit_bytes(code, "plain", i, file->bytes);
        if (file->gzip.ptr)
            emit_bytes(code, "gzip", i, file->gzip);
        if (file->brotli.ptr)
            emit_bytes(code, "brotli", i, file->brotli);
    }
    buf_lit(code, "\nconst struct asset assets[] = {\n");
    for (size_t i = 0; i < assets->count; i++) {
        const struct asset_file *file = &assets->list[i];
        buf_format(code, "    {\n        .name = \"%.*s\",\n        .path = \"%.*s\",\n        .type = \"%s\",\n", (int)file->name.len,
            file->name.ptr, (int)file->path.len, file->path.ptr, file->type);
        emit_view(code, "plain", "plain", i, file->bytes);
        emit_view(code, "gzip", "gzip", i, file->gzip);
        emit_view(code, "brotli", "brotli", i, file->brotli);
        buf_format(code, "        .integrity = \"%s\",\n    },\n", file->integrity);
    }
    if (assets->count == 0)
        buf_lit(code, "    { 0 },\n");
    buf_format(code, "};\n\nconst unsigned assets_count = %zu;\n", assets->count);
}
