// SPDX-License-Identifier: MPL-2.0
// A bounded buffer that grows. The first failure sticks: writers need not look after each call, only once at the end.
#pragma once

#include "base/str.h"

struct buf {
    char *data;   // owned; NULL while empty
    size_t len;   // bytes written
    size_t cap;   // bytes allocated; once an error is set, as many as written
    size_t max;   // never grows beyond this
    int error;    // 0, -ENOMEM or -EMSGSIZE; once set, all writes are ignored
};

// A buffer that may grow to 'max' bytes. Nothing is allocated before the first write.
static inline struct buf buf_bounded(size_t max)
{
    return (struct buf){ .max = max };
}

// Frees the memory and leaves an empty buffer with the same bound.
void buf_free(struct buf *buf);

// Makes room for 'more' bytes behind the end and returns where to write them, or NULL (error is set). Add what was
// written to buf->len.
char *buf_reserve(struct buf *buf, size_t more);

// The slow half of buf_put.
void buf_put_slow(struct buf *buf, const void *data, size_t len);

static inline void buf_put(struct buf *buf, const void *data, size_t len)
{
    if (!buf->error && buf->cap - buf->len >= len && len != 0) {
        memcpy(buf->data + buf->len, data, len);
        buf->len += len;
    } else if (len != 0) {
        buf_put_slow(buf, data, len);
    }
}

static inline void buf_str(struct buf *buf, struct str s)
{
    buf_put(buf, s.ptr, s.len);
}

// Always inlined: most of a page is short literals, whose copies are a few moves when their length is known.
__attribute__((always_inline)) static inline void buf_put_literal(struct buf *buf, const char *literal, size_t len)
{
    if (len <= 64 && buf->cap - buf->len > len) {
        memcpy(buf->data + buf->len, literal, len);
        buf->len += len;
    } else {
        buf_put(buf, literal, len);
    }
}

#define buf_lit(buf, literal) buf_put_literal((buf), (literal), sizeof(literal) - 1)

static inline void buf_char(struct buf *buf, char c)
{
    buf_put(buf, &c, 1);
}

// Decimal.
void buf_int(struct buf *buf, int64_t number);

// Lower-case hexadecimal.
void buf_hex(struct buf *buf, struct bytes bytes);

// printf, for logs and for text that goes neither into HTML, SQL, JSON nor headers.
void buf_format(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

static inline struct str buf_view(const struct buf *buf)
{
    return (struct str){ buf->data ? buf->data : "", buf->len };
}
