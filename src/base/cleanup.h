// SPDX-License-Identifier: MPL-2.0
// Clean-up when a variable leaves its scope: _cleanup_(buf_free) struct buf b = …;
#pragma once

#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(function) __attribute__((cleanup(function)))

#define DEFINE_POINTER_CLEANUP(type, function)      \
    static inline void function##_pointer(type **p) \
    {                                               \
        if (*p)                                     \
            function(*p);                           \
    }

static inline void close_descriptor(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static inline void free_pointer(void *p)
{
    free(*(void **)p);
}
