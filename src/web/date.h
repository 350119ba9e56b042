// SPDX-License-Identifier: MPL-2.0
// Times as people read them, in their language and the municipality's time zone.
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include "web/text.h"

// Writes many times of one page: what is the same for all of them is worked out once.
struct dates {
    struct arena *arena;
    enum language language;
    int64_t now;             // ms
    int64_t hour;            // the hour since 1970 that 'civil' and 'offset' hold for
    struct civil civil;      // its beginning
    int64_t offset;          // minutes east of UTC
    int64_t today;           // days since 1970, local
    int year;                // today's
};

struct dates dates_begin(struct arena *arena, enum language language, int64_t now);

// Local days since 1970: equal for two times on the same local day.
int64_t dates_day_number(struct dates *dates, int64_t ms);

// "14.32" (Danish), "14:32" (English).
struct str dates_clock(struct dates *dates, int64_t ms);

// "2026-11-22T14:32:05+01:00" (RFC 3339).
struct str dates_iso(struct dates *dates, int64_t ms);

// "2026-11-22".
struct str dates_key(struct dates *dates, int64_t ms);

// "I dag", "I går", "mandag 3. november"; with the year when it is another one.
struct str dates_day(struct dates *dates, int64_t ms);

// "3. november", with the year when it is another one.
struct str dates_date(struct dates *dates, int64_t ms);

// "14.32" today, "i går", otherwise "3. november".
struct str dates_short(struct dates *dates, int64_t ms);

// "3. november kl. 14.32", with the year when it is another one. ptr is NULL when memory is exhausted.
struct str dates_moment(struct dates *dates, int64_t ms);

// How long something has lasted: "5 minutter", "3 timer", "2 dage".
struct str dates_duration(struct dates *dates, int64_t ms);
