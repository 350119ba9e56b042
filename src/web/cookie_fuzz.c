// SPDX-License-Identifier: MPL-2.0
// The first line is the cookie's name, the rest the header.
#include "web/cookie.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str header = { (const char *)data, size };
    struct str name = str_cut(&header, '\n');
    struct str value = cookie_find(header, name);
    if (!value.ptr)
        return 0;
    // It lies within the header, behind the name and '=', and can't end or split a header line.
    if (value.ptr <= header.ptr + name.len || value.ptr + value.len > header.ptr + header.len)
        abort();
    for (size_t i = 0; i < value.len; i++)
        if (value.ptr[i] <= ' ' || value.ptr[i] == ';' || value.ptr[i] == 0x7f)
            abort();
    return 0;
}
