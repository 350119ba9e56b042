// SPDX-License-Identifier: MPL-2.0
// What is known and what is assumed of a country that uses the program: docs/scale.md tells the
// sources.
#pragma once

#include "queue.h"

#define COUNTRY_PLACES 98
#define COUNTRY_PEOPLE 6000000.0
#define COUNTRY_SHARED 5 // minutes in which the bell rings and the phones buzz
#define COUNTRY_CLASSES 5

// What one machine costs us: measured by "bench", in the same run or read from its JSON.
struct figures {
    double page, cold, post, search, sync;   // seconds; all but the last are processor time
    double posts_second, batch;              // at most, and in a transaction then
    double stream, post_bytes, read_bytes, memory;
};

struct machine {
    unsigned cores;
    double memory, disk;   // bytes
    double full;           // the part of any of them that may be used
};

// One number of the model, with where it is from.
struct assumption {
    const char *name;
    double value;
    const char *source;
};

enum assumed {
    VISITS, MONDAY, THREADS, POSTS_THREAD, PAGES_VISIT, SEARCHES_VISIT, SEARCHED_POSTS, SIGN_IN_PAGES, STREAM_MINUTES, STREAM_KERNEL,
    PEAK_MINUTES, WRITER_PAGE, SCHOOL_DAYS, YEARS, ASSUMED
};
extern const struct assumption country_assumed[ASSUMED];
double country_value(enum assumed which);

// People of a municipality, largest first, scaled so that all together are COUNTRY_PEOPLE.
double country_place(size_t number);
const char *country_name(size_t number);   // NULL: not one of those that are known by name

// Requests a second of so many people in each minute of the Monday; 1440 of them.
void country_rates(double people, double rates[QUEUE_STEPS]);

// The minutes with the most requests: from, before.
size_t country_peak(void);

// Requests of one visit.
double country_requests(void);

// The kinds of requests, on such figures. warm: every page was opened lately, nobody signs in or searches.
void country_kinds(const struct figures *figures, bool warm, struct queue_load *load);

// Live streams that are open at the peak, and bytes a year.
double country_streams(double people);
double country_bytes(const struct figures *figures, double people);
