// SPDX-License-Identifier: MPL-2.0
// Dates as people write them.
#include "web/form.h"

#include "base/ascii.h"
#include "base/clock.h"
#include <errno.h>

#define YEAR_MIN 1850
#define YEAR_MAX 2200

// One or two digits, four of a year; a leading zero is welcome.
static bool read_digits(struct str text, size_t digits, int *ret_number)
{
    if (text.len == 0 || text.len > digits || (digits == 4 && text.len != 4))
        return false;
    int number = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!ascii_is_digit(text.ptr[i]))
            return false;
        number = number * 10 + (text.ptr[i] - '0');
    }
    *ret_number = number;
    return true;
}

static bool is_date(int year, int month, int day)
{
    static const int days_of[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12 || day < 1)
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= days_of[month - 1] + (month == 2 && leap);
}

// Three numbers with one or two of the signs between them that people put there; or eight digits, for a keypad may have no other keys.
static bool split_date(struct str text, struct str ret_parts[3])
{
    size_t at = 0;
    if (text.len == 8 && !memchr(text.ptr, '-', text.len) && !memchr(text.ptr, '.', text.len) && !memchr(text.ptr, '/', text.len)) {
        ret_parts[0] = (struct str){ text.ptr, 2 };
        ret_parts[1] = (struct str){ text.ptr + 2, 2 };
        ret_parts[2] = (struct str){ text.ptr + 4, 4 };
        return true;
    }
    for (size_t i = 0; i < 3; i++) {
        size_t begin = at;
        while (i > 0 && at < text.len && at < begin + 2 && memchr("-./ ", text.ptr[at], 4))
            at++;
        if (i > 0 && at == begin)
            return false;
        begin = at;
        while (at < text.len && ascii_is_digit(text.ptr[at]))
            at++;
        ret_parts[i] = (struct str){ text.ptr + begin, at - begin };
    }
    return at == text.len;
}

int form_read_date(struct str text, int64_t *ret_days)
{
    struct str parts[3];
    int year, month, day;
    if (!split_date(str_trim(text), parts))
        return -EINVAL;
    bool year_first = parts[0].len == 4;
    if (!read_digits(parts[year_first ? 0 : 2], 4, &year) || !read_digits(parts[1], 2, &month) ||
        !read_digits(parts[year_first ? 2 : 0], 2, &day) || !is_date(year, month, day))
        return -EINVAL;
    *ret_days = clock_days(year, month, day);
    return 0;
}
