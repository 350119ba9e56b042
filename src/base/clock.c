// SPDX-License-Identifier: MPL-2.0
#include "base/clock.h"

#include <time.h>

static int64_t read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t system_now(const struct clock *clock)
{
    (void)clock;
    return read_clock(CLOCK_REALTIME);
}

const struct clock *clock_system(void)
{
    static const struct clock system = { system_now };
    return &system;
}

int64_t clock_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

// Rounds down.
static int64_t divide(int64_t number, int64_t by)
{
    return number / by - (number % by < 0);
}

#define DAY_SECONDS 86400
#define DAYS_KNOWN 64

static int64_t zone_look_up(int64_t seconds)
{
    time_t time = (time_t)seconds;
    struct tm tm;
    localtime_r(&time, &tm);
    return tm.tm_gmtoff;
}

// Seconds east of UTC. localtime_r takes a lock and works out the zone's rules anew for each time, which was a seventh of a dialogue's page. Days that
// begin and end with the same offset have it throughout: no zone changes its offset twice in a day.
static int64_t zone_offset(int64_t seconds)
{
    static _Thread_local struct {
        int64_t day, offset;
        bool known, whole;
    } days[DAYS_KNOWN];
    int64_t day = divide(seconds, DAY_SECONDS);
    size_t at = (uint64_t)day % DAYS_KNOWN;
    if (!days[at].known || days[at].day != day) {
        days[at].day = day;
        days[at].offset = zone_look_up(day * DAY_SECONDS);
        days[at].whole = zone_look_up((day + 1) * DAY_SECONDS - 1) == days[at].offset;
        days[at].known = true;
    }
    return days[at].whole ? days[at].offset : zone_look_up(seconds);
}

struct civil clock_civil(int64_t ms)
{
    int64_t seconds = divide(ms, 1000);
    int64_t local = seconds + zone_offset(seconds);
    int64_t days = divide(local, DAY_SECONDS), rest = local - days * DAY_SECONDS;
    struct civil civil = clock_date(days);
    civil.hour = (int)(rest / 3600);
    civil.minute = (int)(rest / 60 % 60);
    civil.second = (int)(rest % 60);
    civil.weekday = (int)(days + 4 - 7 * divide(days + 4, 7));   // the first day was a Thursday
    return civil;
}

int64_t clock_days(int year, int month, int day)
{
    // A year that begins in March puts the leap day last; an era is 400 years.
    int64_t y = month <= 2 ? (int64_t)year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct civil clock_date(int64_t days)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;   // 0 is March
    int64_t year = year_of_era + era * 400 + (month >= 10);
    return (struct civil){ .year = (int)year, .month = (int)(month < 10 ? month + 3 : month - 9),
                           .day = (int)(day_of_year - (153 * month + 2) / 5 + 1) };
}

int64_t clock_day_begin(int64_t day)
{
    int64_t ms = day * DAY_MS;
    for (int round = 0; round < 2; round++) {   // again, where the first guess fell on the other side of a change to summer time
        struct civil civil = clock_civil(ms);
        ms += (day - clock_days(civil.year, civil.month, civil.day)) * DAY_MS
            - civil.hour * HOUR_MS - civil.minute * MINUTE_MS - civil.second * SECOND_MS;
    }
    return ms;
}
