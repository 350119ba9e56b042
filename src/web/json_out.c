// SPDX-License-Identifier: MPL-2.0
#include "web/json_out.h"

#include "base/clock.h"

enum { PLAIN = 0, CODE = 1, MAYBE_SEPARATOR = 2 };   // other values: the letter behind the backslash

static const unsigned char escape_of[256] = {
    [0x00 ... 0x07] = CODE, ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', [0x0b] = CODE, ['\f'] = 'f', ['\r'] = 'r',
    [0x0e ... 0x1f] = CODE, ['"'] = '"', ['\\'] = '\\',
    [0x7f] = CODE,
    [0xe2] = MAYBE_SEPARATOR,
};

static void put_code(struct buf *buf, unsigned code)
{
    static const char digits[] = "0123456789abcdef";
    char text[6] = { '\\', 'u', digits[code >> 12 & 15], digits[code >> 8 & 15], digits[code >> 4 & 15], digits[code & 15] };
    buf_put(buf, text, sizeof(text));
}

void json_out_string(struct buf *buf, struct str s)
{
    buf_char(buf, '"');
    size_t start = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        unsigned char escape = escape_of[c];
        if (escape == PLAIN)
            continue;
        bool separator = escape == MAYBE_SEPARATOR && i + 2 < s.len && (unsigned char)s.ptr[i + 1] == 0x80 &&
                         ((unsigned char)s.ptr[i + 2] & 0xfe) == 0xa8;
        if (escape == MAYBE_SEPARATOR && !separator)
            continue;
        buf_put(buf, s.ptr + start, i - start);
        if (separator) {
            put_code(buf, 0x2028 | ((unsigned char)s.ptr[i + 2] & 1));
            i += 2;
        } else if (escape == CODE) {
            put_code(buf, c);
        } else {
            char pair[2] = { '\\', (char)escape };
            buf_put(buf, pair, sizeof(pair));
        }
        start = i + 1;
    }
    buf_put(buf, s.ptr + start, s.len - start);
    buf_char(buf, '"');
}

static char *put_digits(char *at, int64_t number, int digits)
{
    for (int i = digits - 1; i >= 0; i--) {
        at[i] = (char)('0' + number % 10);
        number /= 10;
    }
    return at + digits;
}

void json_out_instant(struct buf *buf, int64_t ms)
{
    int64_t first = clock_days(0, 1, 1) * DAY_MS, last = clock_days(10000, 1, 1) * DAY_MS - 1;
    ms = ms < first ? first : ms > last ? last : ms;
    // Counted from 1 March of the year -400, so that leap days come last (Hinnant, as in clock.h).
    int64_t days = (ms - first) / DAY_MS + 146097 - 60, time = (ms - first) % DAY_MS;
    int64_t era = days / 146097, of_era = days % 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t from_march = (5 * of_year + 2) / 153;
    int64_t day = of_year - (153 * from_march + 2) / 5 + 1, month = from_march < 10 ? from_march + 3 : from_march - 9;
    int64_t year = year_of_era + era * 400 - 400 + (month <= 2);

    char text[] = "\"0000-00-00T00:00:00.000Z\"";
    char *at = put_digits(text + 1, year, 4);
    at = put_digits(at + 1, month, 2);
    at = put_digits(at + 1, day, 2);
    at = put_digits(at + 1, time / HOUR_MS, 2);
    at = put_digits(at + 1, time / MINUTE_MS % 60, 2);
    at = put_digits(at + 1, time / SECOND_MS % 60, 2);
    put_digits(at + 1, time % SECOND_MS, 3);
    buf_put(buf, text, sizeof(text) - 1);
}
