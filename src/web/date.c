// SPDX-License-Identifier: MPL-2.0
#include "web/date.h"

#include <time.h>

static const char *const weekdays[] = {
    TEXT("Sunday"), TEXT("Monday"), TEXT("Tuesday"), TEXT("Wednesday"), TEXT("Thursday"), TEXT("Friday"), TEXT("Saturday"),
};

static const char *const months[] = {
    TEXT("January"), TEXT("February"), TEXT("March"), TEXT("April"), TEXT("May"), TEXT("June"), TEXT("July"), TEXT("August"),
    TEXT("September"), TEXT("October"), TEXT("November"), TEXT("December"),
};

// Works out the hour of a time. Zones change their offset at a full hour of UTC or half of one; Denmark's at a full one.
static const struct civil *turn_to(struct dates *dates, int64_t ms)
{
    int64_t hour = ms / HOUR_MS;
    if (hour != dates->hour) {
        dates->hour = hour;
        dates->civil = clock_civil(hour * HOUR_MS);
        const struct civil *c = &dates->civil;
        dates->offset = (clock_days(c->year, c->month, c->day) * 24 + c->hour - hour) * 60 + c->minute;
    }
    return &dates->civil;
}

static int64_t minute_of(int64_t ms)
{
    return ms / MINUTE_MS % 60;
}

static int64_t day_number(const struct civil *c)
{
    return clock_days(c->year, c->month, c->day);
}

struct dates dates_begin(struct arena *arena, enum language language, int64_t now)
{
    struct dates dates = { .arena = arena, .language = language, .now = now, .hour = -1 };
    dates.today = day_number(turn_to(&dates, now));
    dates.year = dates.civil.year;
    return dates;
}

int64_t dates_day_number(struct dates *dates, int64_t ms)
{
    return day_number(turn_to(dates, ms));
}

static char *put_two(char *at, int64_t number)
{
    *at++ = (char)('0' + number / 10 % 10);
    *at++ = (char)('0' + number % 10);
    return at;
}

struct str dates_clock(struct dates *dates, int64_t ms)
{
    const struct civil *c = turn_to(dates, ms);
    char text[5];
    char *at = put_two(text, c->hour);
    *at++ = dates->language == LANGUAGE_ENGLISH ? ':' : '.';
    put_two(at, minute_of(ms));
    return arena_str(dates->arena, (struct str){ text, sizeof(text) });
}

static char *put_date(char *at, const struct civil *c)
{
    at = put_two(put_two(at, c->year / 100), c->year % 100);
    *at++ = '-';
    at = put_two(at, c->month);
    *at++ = '-';
    return put_two(at, c->day);
}

struct str dates_key(struct dates *dates, int64_t ms)
{
    char text[10];
    put_date(text, turn_to(dates, ms));
    return arena_str(dates->arena, (struct str){ text, sizeof(text) });
}

struct str dates_iso(struct dates *dates, int64_t ms)
{
    const struct civil *c = turn_to(dates, ms);
    int64_t offset = dates->offset < 0 ? -dates->offset : dates->offset;
    char text[25];
    char *at = put_date(text, c);
    *at++ = 'T';
    at = put_two(at, c->hour);
    *at++ = ':';
    at = put_two(at, minute_of(ms));
    *at++ = ':';
    at = put_two(at, ms / SECOND_MS % 60);
    *at++ = dates->offset < 0 ? '-' : '+';
    at = put_two(at, offset / 60);
    *at++ = ':';
    put_two(at, offset % 60);
    return arena_str(dates->arena, (struct str){ text, sizeof(text) });
}

static struct str name_of(const struct dates *dates, const char *const *names, int index)
{
    return text_of(dates->language, names[index]);
}

struct str dates_date(struct dates *dates, int64_t ms)
{
    const struct civil *c = turn_to(dates, ms);
    char day[DECIMAL_ROOM], year[DECIMAL_ROOM];
    const struct str parts[] = {
        str_decimal(day, c->day), dates->language == LANGUAGE_ENGLISH ? STR(" ") : STR(". "), name_of(dates, months, c->month - 1),
        STR(" "), str_decimal(year, c->year),
    };
    return arena_join(dates->arena, parts, c->year == dates->year ? 3 : 5);
}

struct str dates_day(struct dates *dates, int64_t ms)
{
    int64_t day = dates_day_number(dates, ms);
    if (day == dates->today)
        return text_of(dates->language, TEXT("Today"));
    if (day == dates->today - 1)
        return text_of(dates->language, TEXT("Yesterday"));
    const struct str parts[] = { name_of(dates, weekdays, dates->civil.weekday), STR(" "), dates_date(dates, ms) };
    return parts[2].ptr ? arena_join(dates->arena, parts, 3) : parts[2];
}

struct str dates_short(struct dates *dates, int64_t ms)
{
    int64_t day = dates_day_number(dates, ms);
    if (day == dates->today)
        return dates_clock(dates, ms);
    return day == dates->today - 1 ? text_of(dates->language, TEXT("yesterday")) : dates_date(dates, ms);
}

struct str dates_moment(struct dates *dates, int64_t ms)
{
    const struct str parts[] = { dates_date(dates, ms), STR(" "), text_of(dates->language, TEXT("at")), STR(" "), dates_clock(dates, ms) };
    return parts[0].ptr && parts[4].ptr ? arena_join(dates->arena, parts, 5) : (struct str){ NULL, 0 };
}

struct str dates_duration(struct dates *dates, int64_t ms)
{
    static const struct {
        int64_t unit;
        const char *one, *many;
    } steps[] = {
        { DAY_MS, TEXT("1 day"), TEXT("{n} days") },
        { HOUR_MS, TEXT("1 hour"), TEXT("{n} hours") },
        { MINUTE_MS, TEXT("1 minute"), TEXT("{n} minutes") },
    };
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        int64_t n = ms / steps[i].unit;
        if (n == 1)
            return text_of(dates->language, steps[i].one);
        if (n > 1) {
            struct buf text = buf_bounded(200);
            struct str number = arena_int(dates->arena, n);
            struct text_value value = { "n", number };
            text_format(&text, text_of(dates->language, steps[i].many), &value, 1);
            struct str copy = arena_str(dates->arena, buf_view(&text));
            buf_free(&text);
            return copy;
        }
    }
    return text_of(dates->language, TEXT("less than a minute"));
}
