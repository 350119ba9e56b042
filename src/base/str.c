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

// Two digits at a time: half the divisions.
struct str str_decimal(char room[DECIMAL_ROOM], int64_t number)
{
    static const char pairs[] = "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"
                                "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
    size_t at = DECIMAL_ROOM;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    for (; left >= 10; left /= 100) {
        const char *pair = pairs + 2 * (left % 100);
        room[--at] = pair[1];
        room[--at] = pair[0];
    }
    if (left > 0 || at == DECIMAL_ROOM)
        room[--at] = (char)('0' + left);
    if (number < 0)
        room[--at] = '-';
    return (struct str){ room + at, DECIMAL_ROOM - at };
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
