// SPDX-License-Identifier: MPL-2.0
// templates OUTPUT.c OUTPUT.h INPUT.html…
#include "template.h"

#include "base/cleanup.h"

#include <errno.h>

struct output {
    struct buf uses, header, code;
    bool uses_assets;
};

static int translate(struct arena *arena, const char *path, struct fault *fault, struct output *output)
{
    struct source source;
    int r = source_read(arena, path, SOURCE_MAX, fault, &source);
    if (r < 0)
        return r;
    struct template_parser parser;
    template_begin(&parser, arena, &source);
    r = template_parse(&parser);
    if (r == 0) {
        buf_str(&output->uses, buf_view(&parser.uses));
        buf_str(&output->header, buf_view(&parser.header));
        buf_str(&output->code, buf_view(&parser.code));
        output->uses_assets = output->uses_assets || parser.uses_assets;
    }
    template_end(&parser);
    return r;
}

static int write_output(const struct output *output, const char *code_path, const char *header_path)
{
    const char *slash = strrchr(header_path, '/');
    _cleanup_(buf_free) struct buf header = buf_bounded(OUTPUT_MAX), code = buf_bounded(OUTPUT_MAX);
    buf_lit(&header, "// SPDX-License-Identifier: MPL-2.0\n// Made by tools/templates.\n#pragma once\n\n#include \"web/html.h\"\n");
    buf_str(&header, buf_view(&output->uses));
    buf_char(&header, '\n');
    buf_str(&header, buf_view(&output->header));
    buf_format(&code, "// SPDX-License-Identifier: MPL-2.0\n// Made by tools/templates.\n#include \"%s\"\n#include \"web/template.h\"\n"
                      "#include \"texts_table.h\"\n%s\n",
        slash ? slash + 1 : header_path, output->uses_assets ? "#include \"web/assets/assets_table.h\"\n" : "");
    buf_str(&code, buf_view(&output->code));
    int r = output_write(header_path, &header);
    return r < 0 ? r : output_write(code_path, &code);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: %s OUTPUT.c OUTPUT.h INPUT.html…\n", argv[0]);
        return 2;
    }
    struct arena *arena;
    struct fault fault = { 0 };
    if (arena_new(OUTPUT_MAX, &arena) < 0)
        return 1;
    struct output output = { buf_bounded(OUTPUT_MAX), buf_bounded(OUTPUT_MAX), buf_bounded(OUTPUT_MAX), false };
    int r = 0;
    for (int i = 3; i < argc && r == 0; i++)
        r = translate(arena, argv[i], &fault, &output);
    if (r == 0)
        r = write_output(&output, argv[1], argv[2]);
    if (r < 0)
        fprintf(stderr, "%s\n", fault.text[0] ? fault.text : strerror(-r));
    buf_free(&output.uses);
    buf_free(&output.header);
    buf_free(&output.code);
    arena_free(arena);
    return r < 0;
}
