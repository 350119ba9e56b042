// SPDX-License-Identifier: MPL-2.0
// Time, injected: nothing asks the operating system for the time except through a clock, so that a test can live
// through two years in seconds.
#pragma once

#include "base/str.h"

// now_ms gives milliseconds since 1970-01-01 UTC (without leap seconds).
struct clock {
    int64_t (*now_ms)(const struct clock *clock);
};

// The real clock; lives as long as the program.
const struct clock *clock_system(void);

static inline int64_t clock_now(const struct clock *clock)
{
    return clock->now_ms(clock);
}

// Milliseconds from a start that never jumps; for time-outs and durations only.
int64_t clock_monotonic(void);
int64_t clock_monotonic_us(void);   // microseconds

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)

// Civil time in the municipality's time zone (TZ, by default Europe/Copenhagen).
struct civil {
    int year, month, day;      // 1-based month and day
    int hour, minute, second;
    int weekday;               // 0 = Sunday
};

struct civil clock_civil(int64_t ms);

// When a day (counted since 1970-01-01) begins here, ms.
int64_t clock_day_begin(int64_t day);

// Days since 1970-01-01 of a date of the proleptic Gregorian calendar (Hinnant, "chrono-compatible low-level date
// algorithms").
int64_t clock_days(int year, int month, int day);

// The date of a number of days since 1970-01-01; only year, month and day are set.
struct civil clock_date(int64_t days);
