// SPDX-License-Identifier: MPL-2.0
// country: a Monday morning of a country's municipalities, simulated on the figures that "bench"
// measured. script/bench country calls it; docs/scale.md tells what it says.
//
//   country [PROGRAM FOLDER] < JSON      the last line of "bench" with its rows page cold posts
//                                        streams search disk
//
// With PROGRAM (samtraad) and an empty FOLDER on a real disk the model is held against the server.
// Ends with 2 when something went wrong.
#include "country_check.h"

#include "base/buf.h"
#include "base/cleanup.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>

#define FIRST_MINUTE 465   // 7:45
#define SIMULATED 20
#define FIGURES_MAX (1 << 20)
#define CHECK_SECONDS 10
#define CHECK_MODEL 600    // seconds of the model, for the same rate
#define SCHOOLS_CLOSE 10   // times as many as on a Monday morning: assumed

static const struct machine machine = { .cores = 2, .memory = 4e9, .disk = 1e12, .full = 0.5 };

// Classes of size, by their smallest.
static const double smallest[COUNTRY_CLASSES] = { 200000, 100000, 50000, 20000, 0 };

struct outcome {
    size_t places;
    double people;   // of the largest
    double rate, used, p50, p99;
};

static double field(json_t *rows, const char *name, const char *column, bool *missing)
{
    size_t index;
    json_t *row;
    json_array_foreach(rows, index, row) {
        const char *text = json_string_value(json_object_get(row, "name"));
        double number = json_number_value(json_object_get(row, column));
        if (text && strcmp(text, name) == 0 && number > 0)
            return number;
    }
    (void)fprintf(stderr, "country: the figures have no row \"%s\"\n", name);
    *missing = true;
    return 0;
}

// The last line of standard input that is a list.
static int read_figures(struct figures *figures)
{
    _cleanup_(buf_free) struct buf text = buf_bounded(FIGURES_MAX);
    char line[65536];
    while (fgets(line, sizeof(line), stdin))
        if (line[0] == '[') {
            text.len = 0;
            buf_str(&text, str_from(line));
        }
    json_t *rows = text.len > 0 ? json_loadb(text.data, text.len, 0, NULL) : NULL;
    bool missing = !json_is_array(rows);
    if (!missing)
        *figures = (struct figures){
            .page = field(rows, "page_cpu", "ours", &missing) / 1e6,
            .cold = field(rows, "page_cold", "ours", &missing) / 1e6,
            .post = field(rows, "post_cpu", "ours", &missing) / 1e6,
            .search = field(rows, "search", "ours", &missing) / 1e6,
            .sync = field(rows, "sync", "ours", &missing) / 1e6,
            .posts_second = field(rows, "posts_per_second", "ours", &missing),
            .batch = field(rows, "posts_batch", "ours", &missing),
            .stream = field(rows, "stream_memory", "ours", &missing),
            .post_bytes = field(rows, "post_bytes", "ours", &missing),
            .read_bytes = field(rows, "read_bytes", "ours", &missing),
            .memory = field(rows, "memory", "ours", &missing),
        };
    json_decref(rows);
    return missing ? -EINVAL : 0;
}

static void print_assumptions(const struct figures *figures)
{
    printf("What is known and assumed\n");
    for (size_t i = 0; i < ASSUMED; i++)
        printf("  %-50s %12.6g  %s\n", country_assumed[i].name, country_assumed[i].value, country_assumed[i].source);
    printf("  %-50s %12u  %s\n  %-50s %12.6g  %s\n\n", "cores of a machine", machine.cores, "small machines: the mission", "part of a machine that may be used",
           machine.full, "assumed: the other half is for the hour that nobody foresaw");
    printf("What was measured: page %.1f us, not opened lately %.1f us, post %.1f us, search of 100,000 posts %.0f us, a commit's wait for the disk\n"
           "%.0f us, %.0f posts a second, %.1f of them in a transaction, stream %.0f bytes, post %.0f and reading %.0f bytes of disk, program %.0f MB\n\n",
           figures->page * 1e6, figures->cold * 1e6, figures->post * 1e6, figures->search * 1e6, figures->sync * 1e6, figures->posts_second,
           figures->batch, figures->stream, figures->post_bytes, figures->read_bytes, figures->memory / 1e6);
}

// The Monday morning of so many people in one installation, 'times' as lively.
static int simulate(const struct figures *figures, double people, double times, uint64_t seed, struct queue_result *ret_result)
{
    double rates[QUEUE_STEPS];
    country_rates(people * times, rates);
    size_t peak = country_peak() - FIRST_MINUTE;
    struct queue_load load = { .cores = machine.cores, .varied = true, .rates = rates + FIRST_MINUTE, .steps = SIMULATED, .step = 60,
                               .from = peak, .before = peak + COUNTRY_SHARED, .seed = seed };
    country_kinds(figures, false, &load);
    return queue_run(&load, ret_result);
}

static void print_outcome(const char *name, const struct figures *figures, const struct outcome *outcome, double times)
{
    printf("%-28s %4zu %9.0f %9.1f %8.2f %% %8.2f %8.2f %9.0f %8.1f %9.2f\n", name, outcome->places, outcome->people, outcome->rate,
           outcome->used * 100, outcome->p50 * 1e3, outcome->p99 * 1e3, country_streams(outcome->people) * times,
           country_streams(outcome->people) * times * (figures->stream + country_value(STREAM_KERNEL)) / 1e6,
           country_bytes(figures, outcome->people) / 1e9);
}

static void take_in(struct outcome *outcome, double people, const struct queue_result *result)
{
    outcome->places++;
    outcome->people = fmax(outcome->people, people);
    outcome->rate = fmax(outcome->rate, result->rate);
    outcome->used = fmax(outcome->used, result->used);
    outcome->p50 = fmax(outcome->p50, result->p50);
    outcome->p99 = fmax(outcome->p99, result->p99);
}

static size_t pieces(double wanted, double each)
{
    return wanted > each ? (size_t)ceil(wanted / each) : 1;
}

// All installations on as few machines as their processors, memory and disk allow, on a Monday that is 'times' as lively.
static size_t print_shared(const char *name, const struct figures *figures, double used, double times)
{
    double streams = country_streams(COUNTRY_PEOPLE) * times * (figures->stream + country_value(STREAM_KERNEL));
    size_t by_cores = pieces(used * times, machine.full);
    size_t by_memory = pieces(COUNTRY_PLACES * figures->memory + streams, machine.memory * machine.full);
    size_t by_disk = pieces(country_bytes(figures, COUNTRY_PEOPLE) * country_value(YEARS), machine.disk * machine.full);
    size_t most = by_cores > by_memory ? by_cores : by_memory;
    most = most > by_disk ? most : by_disk;
    printf("%s, %d installations beside each other: %zu by processor, %zu by memory, %zu by disk; with a second of each: %zu machines\n", name, COUNTRY_PLACES,
           by_cores, by_memory, by_disk, 2 * most);
    return 2 * most;
}

static int simulate_all(const struct figures *figures, struct outcome *classes, size_t *ret_machines)
{
    int r = 0;
    *ret_machines = 0;
    for (size_t i = 0; i < COUNTRY_PLACES && r == 0; i++) {
        struct queue_result result;
        double people = country_place(i);
        size_t class = 0;
        while (people < smallest[class])
            class++;
        r = simulate(figures, people, 1, i + 1, &result);
        if (r < 0)
            break;
        take_in(&classes[class], people, &result);
        size_t by_cores = pieces(result.used, machine.full);
        size_t by_disk = pieces(country_bytes(figures, people) * country_value(YEARS), machine.disk * machine.full);
        *ret_machines += 2 * (by_cores > by_disk ? by_cores : by_disk);
    }
    return r;
}

static void print_machines(const struct figures *figures, const struct outcome *whole, const struct outcome *tenfold, size_t own)
{
    printf("\nOne for each municipality, and a second: %zu machines\n", own);
    size_t shared = print_shared("Shared", figures, whole->used, 1);
    size_t lively = print_shared("Shared, ten times as lively", figures, whole->used, SCHOOLS_CLOSE);
    printf("After a restart of the country in one, all streams come back: %.1f s of all cores\n\n",
           country_streams(COUNTRY_PEOPLE) * figures->cold / machine.cores);
    printf("{\"own_machines\":%zu,\"shared_machines\":%zu,\"shared_machines_tenfold\":%zu,\"country_used\":%.4g,\"country_p99_us\":%.4g,"
           "\"largest_tenfold_used\":%.4g,\"largest_tenfold_p99_us\":%.4g}\n\n",
           own, shared, lively, whole->used, whole->p99 * 1e6, tenfold->used, tenfold->p99 * 1e6);
}

static int print_country(const struct figures *figures)
{
    struct outcome classes[COUNTRY_CLASSES] = { 0 }, whole = { 0 }, closing = { 0 };
    struct queue_result all, tenfold;
    size_t own;
    int r = simulate_all(figures, classes, &own);
    r = r < 0 ? r : simulate(figures, COUNTRY_PEOPLE, 1, COUNTRY_PLACES + 1, &all);
    r = r < 0 ? r : simulate(figures, country_place(0), SCHOOLS_CLOSE, COUNTRY_PLACES + 2, &tenfold);
    if (r < 0)
        return r;
    printf("The five minutes before the bell: the most of each class, on %u cores\n%-28s %4s %9s %9s %10s %8s %8s %9s %8s %9s\n", machine.cores, "", "", "people",
           "req/s", "used", "p50 ms", "p99 ms", "streams", "MB", "GB/year");
    for (size_t i = 0; i < COUNTRY_CLASSES; i++) {
        char name[64];
        (void)snprintf(name, sizeof(name), smallest[i] > 0 ? "from %.0f people" : "smaller", smallest[i]);
        print_outcome(name, figures, &classes[i], 1);
    }
    take_in(&whole, COUNTRY_PEOPLE, &all);
    take_in(&closing, country_place(0), &tenfold);
    print_outcome("the largest, ten times", figures, &closing, SCHOOLS_CLOSE);
    print_outcome("the country in one", figures, &whole, 1);
    print_machines(figures, &whole, &closing, own);
    return 0;
}

static int check_rate(struct check *check, const struct figures *figures, const char *name, double rate)
{
    struct client_result server;
    struct queue_result model;
    struct queue_load load = { .cores = machine.cores, .rates = &rate, .steps = 1, .step = CHECK_MODEL, .before = 1, .seed = 5 };
    country_kinds(figures, true, &load);
    int r = queue_run(&load, &model);
    r = r < 0 ? r : check_run(check, figures, rate, CHECK_SECONDS, &server);
    if (r < 0)
        return r;
    printf("%-28s %9.1f %8llu %10.2f %10.2f %10.2f %10.2f %10.2f\n", name, rate, (unsigned long long)server.answers, (double)server.p50 / 1e3, model.p50 * 1e3,
           (double)server.p99 / 1e3, model.p99 * 1e3, (double)server.worst / 1e3);
    return 0;
}

static int print_check(struct check *check, const struct figures *figures)
{
    double rates[QUEUE_STEPS], load[1] = { 0 };
    int r = check_open(check);
    if (r < 0)
        return r;
    (void)getloadavg(load, 1);
    printf("The model against the server, for %d s each, pages opened lately and posts; load of the machine before: %.1f\n", CHECK_SECONDS, load[0]);
    printf("%-28s %9s %8s %10s %10s %10s %10s %10s\n", "", "req/s", "requests", "p50 ms", "model", "p99 ms", "model", "worst ms");
    country_rates(country_place(0), rates);
    r = check_rate(check, figures, country_name(0), rates[country_peak()]);
    country_rates(COUNTRY_PEOPLE, rates);
    r = r < 0 ? r : check_rate(check, figures, "the country in one", rates[country_peak()]);
    check_close(check);
    return r;
}

int main(int argc, char **argv)
{
    struct figures figures = { 0 };
    int r = argc == 1 || argc == 3 ? read_figures(&figures) : -EINVAL;
    if (r == 0)
        print_assumptions(&figures);
    r = r < 0 ? r : print_country(&figures);
    if (r == 0 && argc == 3)
        r = print_check(&(struct check){ .program = argv[1], .folder = argv[2] }, &figures);
    if (r < 0)
        (void)fprintf(stderr, "country: %s\n", strerror(-r));
    return r < 0 ? 2 : 0;
}
