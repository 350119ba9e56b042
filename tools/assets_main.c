// SPDX-License-Identifier: MPL-2.0
// assets OUTPUT.c OUTPUT.h [NAME=]PATH…
#include "assets.h"

#include "base/cleanup.h"

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: %s OUTPUT.c OUTPUT.h [NAME=]PATH…\n", argv[0]);
        return 2;
    }
    struct asset_files assets = { 0 };
    struct fault fault = { 0 };
    if (arena_new(OUTPUT_MAX, &assets.arena) < 0)
        return 1;
    int r = 0;
    for (int i = 3; i < argc && r == 0; i++)
        r = assets_add(&assets, argv[i], &fault);
    if (r == 0)
        r = assets_finish(&assets);
    _cleanup_(buf_free) struct buf header = buf_bounded(OUTPUT_MAX), code = buf_bounded(OUTPUT_MAX);
    if (r == 0) {
        assets_emit(&assets, &header, &code);
        r = output_write(argv[2], &header);
        if (r == 0)
            r = output_write(argv[1], &code);
    } else {
        fprintf(stderr, "%s\n", fault.text[0] ? fault.text : strerror(-r));
    }
    arena_free(assets.arena);
    return r < 0;
}
