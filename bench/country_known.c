// SPDX-License-Identifier: MPL-2.0
#include "country.h"

#include <math.h>

// All of the country on 1 January 2012; the table below is of the same day, so the others are what
// is left.
#define KNOWN_PEOPLE 5580516.0
#define MINUTES 60
#define HOURS 24
#define PEAK_HOUR 8

// Statistics Denmark, population of municipalities on 1 January 2012, as listed by
// en.wikipedia.org/wiki/List_of_municipalities_of_Denmark.
static const struct {
    const char *name;
    double people;
} known[] = {
    { "København", 549050 },    { "Aarhus", 314545 },       { "Aalborg", 201142 },   { "Odense", 191610 },     { "Esbjerg", 115112 },
    { "Vejle", 108021 },        { "Frederiksberg", 100215 }, { "Randers", 95756 },    { "Viborg", 93819 },      { "Kolding", 89412 },
    { "Silkeborg", 89328 },     { "Herning", 86348 },       { "Horsens", 83598 },    { "Roskilde", 83137 },    { "Næstved", 81012 },
    { "Slagelse", 77310 },      { "Sønderborg", 76094 },    { "Gentofte", 72814 },   { "Holbæk", 69415 },      { "Hjørring", 66178 },
    { "Gladsaxe", 65303 },      { "Guldborgsund", 61913 },  { "Helsingør", 61493 },  { "Frederikshavn", 61158 }, { "Aabenraa", 59600 },
    { "Svendborg", 58551 },     { "Skanderborg", 58008 },   { "Ringkøbing-Skjern", 57892 },
};

#define KNOWN (sizeof(known) / sizeof(known[0]))

// Parts of a day's visits in each hour: assumed. Before school, the morning's work, lunch, when children are fetched, the evening.
static const double hours[HOURS] = { .002, .001, .001, .001, .002, .010, .035, .100, .140, .090, .070, .065,
                                     .060, .055, .060, .065, .055, .035, .035, .040, .035, .025, .013, .005 };

const struct assumption country_assumed[ASSUMED] = {
    [VISITS] = { "visits on a weekday", 750000, "log-ins to Aula on a typical weekday: KOMBIT, kombit.dk/loesninger/aula" },
    [MONDAY] = { "Monday, of a typical weekday", 1.3, "assumed" },
    [THREADS] = { "threads of messages a year", 85e6 / 4, "85 million in Aula's first four years: Folketinget, BUU Alm.del 2023-24, bilag 134" },
    [POSTS_THREAD] = { "posts in a thread", 4, "assumed" },
    [SCHOOL_DAYS] = { "weekdays on which a year's posts are written", 200, "assumed: school days" },
    [PAGES_VISIT] = { "pages of a visit", 8, "assumed; each as dear as a dialogue that was not opened lately" },
    [SEARCHES_VISIT] = { "searches of a visit", 0.05, "assumed" },
    [SEARCHED_POSTS] = { "posts that a search looks through", 5000, "assumed" },
    [SIGN_IN_PAGES] = { "a sign-in, in pages", 10, "assumed; not measured" },
    [STREAM_MINUTES] = { "minutes that a visit's live stream is open", 30, "assumed" },
    [STREAM_KERNEL] = { "bytes of the kernel for a connection", 8192, "assumed; not in the measured figure" },
    [PEAK_MINUTES] = { "five minutes before the bell, of the hour's mean", 2, "assumed" },
    [WRITER_PAGE] = { "part of a page that is the writer's", 0.2, "a fifth by callgrind: docs/benchmark.md" },
    [YEARS] = { "years that are kept", 5, "assumed" },
};

double country_value(enum assumed which)
{
    return country_assumed[which].value;
}

const char *country_name(size_t number)
{
    return number < KNOWN ? known[number].name : NULL;
}

// Those that are not in the table have what is left, falling evenly from the smallest that is: right in
// sum, approximate one by one (the smallest islands have fewer).
double country_place(size_t number)
{
    double left = KNOWN_PEOPLE, first = known[KNOWN - 1].people, count = COUNTRY_PLACES - KNOWN;
    for (size_t i = 0; i < KNOWN; i++)
        left -= known[i].people;
    double fall = 2 * (first - left / count) / (count + 1);
    double people = number < KNOWN ? known[number].people : first - fall * (double)(number - KNOWN + 1);
    return people * COUNTRY_PEOPLE / KNOWN_PEOPLE;
}

static double visits(double people)
{
    return people / COUNTRY_PEOPLE * country_value(VISITS);
}

double country_requests(void)
{
    double posts = country_value(THREADS) * country_value(POSTS_THREAD) / country_value(SCHOOL_DAYS) / country_value(VISITS);
    return country_value(PAGES_VISIT) + country_value(SEARCHES_VISIT) + 1 + posts;
}

size_t country_peak(void)
{
    return PEAK_HOUR * MINUTES - COUNTRY_SHARED;
}

void country_rates(double people, double rates[QUEUE_STEPS])
{
    double day = visits(people) * country_value(MONDAY) * country_requests(), sum = 0;
    for (size_t i = 0; i < HOURS; i++)
        sum += hours[i];
    for (size_t i = 0; i < QUEUE_STEPS; i++) {
        double hour = hours[i / MINUTES] / sum * day / (MINUTES * 60.0);
        bool bell = i >= country_peak() && i < country_peak() + COUNTRY_SHARED;
        rates[i] = bell ? hours[PEAK_HOUR] / sum * day / (MINUTES * 60.0) * country_value(PEAK_MINUTES) : hour;
    }
}

static double at_least(double value, double least)
{
    return value > least ? value : least;
}

void country_kinds(const struct figures *figures, bool warm, struct queue_load *load)
{
    double page = warm ? figures->page : figures->cold, written = figures->page * country_value(WRITER_PAGE);
    double all = country_requests(), searches = country_value(SEARCHES_VISIT), pages = country_value(PAGES_VISIT);
    // At its highest rate the writer never rests: what each post keeps it is its work and its part of the disk's.
    double post = at_least(fmin(1 / figures->posts_second - figures->sync / figures->batch, figures->post), figures->post / 10);
    double posts = all - pages - searches - 1, sum = warm ? pages + posts : all;
    load->kinds[0] = (struct queue_kind){ pages / sum, at_least(page - written, 0), written, true };
    load->kinds[1] = (struct queue_kind){ posts / sum, at_least(figures->post - post, 0), post, true };
    load->kinds[2] = (struct queue_kind){ searches / sum, figures->search * country_value(SEARCHED_POSTS) / 100000, written, true };
    load->kinds[3] = (struct queue_kind){ 1 / sum, figures->cold * country_value(SIGN_IN_PAGES), written, true };
    load->kind_count = warm ? 2 : 4;
    load->sync = figures->sync;
}

double country_streams(double people)
{
    return visits(people) * country_value(MONDAY) * hours[PEAK_HOUR] * country_value(STREAM_MINUTES) / MINUTES * country_value(PEAK_MINUTES);
}

double country_bytes(const struct figures *figures, double people)
{
    double posts = country_value(THREADS) * country_value(POSTS_THREAD) * people / COUNTRY_PEOPLE;
    double pages = visits(people) * country_value(PAGES_VISIT) * 365;
    return posts * figures->post_bytes + pages * figures->read_bytes;
}
