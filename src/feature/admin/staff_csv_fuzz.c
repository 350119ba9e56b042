// SPDX-License-Identifier: MPL-2.0
#include "feature/admin/staff_csv.h"

#include "base/utf8.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena;
    const struct staff_line *lines;
    size_t count;
    const char *problem = NULL;
    if (arena_new(16u << 20, &arena) < 0)
        return 0;
    int result = staff_csv_read(arena, bytes_from(data, size), &lines, &count, &problem);
    for (size_t i = 0; result == 0 && i < count; i++) {
        if (!utf8_valid(lines[i].name) || !utf8_valid(lines[i].login) || (!lines[i].problem && (lines[i].name.len == 0 || lines[i].login.len == 0)))
            abort();
    }
    arena_free(arena);
    return 0;
}
