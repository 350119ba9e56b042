// SPDX-License-Identifier: MPL-2.0
#include "base/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_free(struct buf *buf)
{
    free(buf->data);
    *buf = buf_bounded(buf->max);
}

// What asks only for room finds none any more.
static char *fail(struct buf *buf, int error)
{
    buf->error = error;
    buf->cap = buf->len;
    return NULL;
}

char *buf_reserve(struct buf *buf, size_t more)
{
    if (buf->error)
        return NULL;
    if (buf->cap - buf->len >= more && buf->data)
        return buf->data + buf->len;
    if (more > buf->max - buf->len)
        return fail(buf, -EMSGSIZE);
    size_t cap = buf->cap ? buf->cap : 512;
    while (cap < buf->len + more)
        cap = cap > buf->max / 2 ? buf->max : cap * 2;
    if (cap > buf->max)
        cap = buf->max;
    char *data = realloc(buf->data, cap ? cap : 1);
    if (!data)
        return fail(buf, -ENOMEM);
    buf->data = data;
    buf->cap = cap;
    return data + buf->len;
}

void buf_put_slow(struct buf *buf, const void *data, size_t len)
{
    char *at = buf_reserve(buf, len);
    if (at) {
        memcpy(at, data, len);
        buf->len += len;
    }
}

void buf_int(struct buf *buf, int64_t number)
{
    char room[DECIMAL_ROOM];
    buf_str(buf, str_decimal(room, number));
}

void buf_hex(struct buf *buf, struct bytes bytes)
{
    static const char digits[] = "0123456789abcdef";
    char *at = bytes.len <= SIZE_MAX / 2 ? buf_reserve(buf, bytes.len * 2) : NULL;
    if (!at)
        return;
    for (size_t i = 0; i < bytes.len; i++) {
        *at++ = digits[bytes.ptr[i] >> 4];
        *at++ = digits[bytes.ptr[i] & 15];
    }
    buf->len += bytes.len * 2;
}

void buf_format(struct buf *buf, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    // One byte more: vsnprintf ends with a NUL.
    char *at = len < 0 ? NULL : buf_reserve(buf, (size_t)len + 1);
    if (!at)
        return;
    va_start(arguments, format);
    (void)vsnprintf(at, (size_t)len + 1, format, arguments);
    va_end(arguments);
    buf->len += (size_t)len;
}
