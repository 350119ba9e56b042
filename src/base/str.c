// SPDX-License-Identifier: MPL-2.0
#include "base/str.h"

#include <errno.h>

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
    while (s.len && is_space(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len && is_space(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

struct str str_cut(struct str *s, char by)
{
    const char *at = s->len ? memchr(s->ptr, by, s->len) : NULL;
    struct str head = *s;
    if (!at) {
        *s = (struct str){ s->ptr + s->len, 0 };
        return head;
    }
    head.len = (size_t)(at - s->ptr);
    *s = (struct str){ at + 1, s->len - head.len - 1 };
    return head;
}

int str_to_int(struct str s, int64_t *ret_number)
{
    if (s.len == 0 || s.len > 19 || (s.len > 1 && s.ptr[0] == '0'))
        return -EINVAL;
    int64_t number = 0;
    for (size_t i = 0; i < s.len; i++) {
        int digit = s.ptr[i] - '0';
        if (digit < 0 || digit > 9)
            return -EINVAL;
        if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, digit, &number))
            return -EINVAL;
    }
    *ret_number = number;
    return 0;
}
