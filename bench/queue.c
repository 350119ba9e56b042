// SPDX-License-Identifier: MPL-2.0
#include "queue.h"

#include <errno.h>
#include <math.h>

#define NEVER INFINITY
#define WRITER SIZE_MAX   // in a core's place for a job

struct job {
    double arrived, took;
    float cpu;
    uint8_t kind;
};

struct run {
    const struct queue_load *load;
    uint64_t random;
    double now, highest;              // rate of arrivals, in all steps
    struct job *jobs;                 // in the order of their arrival
    size_t arrived, begun, room;      // of jobs; those between 'begun' and 'arrived' wait for a core
    double next_arrival;
    double done_at[QUEUE_CORES];      // NEVER: the core is free
    size_t on[QUEUE_CORES];
    size_t *written;                  // jobs in the order in which they came to the writer
    size_t committed, taken, gathered;   // of these: answered, in the present transaction, all
    bool writer_waits;                // for a core
    double synced_at, written_for;
    size_t transactions;
    double busy[QUEUE_STEPS];         // core seconds, by the step in which the work began
};

// SplitMix64, by Steele, Lea and Flood (2014).
double queue_chance(uint64_t *state)
{
    uint64_t bits = *state += 0x9e3779b97f4a7c15u;
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9u;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111ebu;
    return ((double)((bits ^ bits >> 31) >> 12) + 0.5) / 4503599627370496.0;
}

static double chance(struct run *run)
{
    return queue_chance(&run->random);
}

static double exponential(struct run *run, double mean)
{
    return -mean * log(chance(run));
}

// By thinning (Lewis and Shedler 1979): points at the highest rate, of which each stays with the
// chance that its own step's rate has.
static double find_arrival(struct run *run, double after)
{
    const struct queue_load *load = run->load;
    double end = load->step * (double)load->steps;
    for (;;) {
        after += exponential(run, 1 / run->highest);
        if (after >= end)
            return NEVER;
        // What lies just before the end can be rounded to it.
        if (chance(run) * run->highest < load->rates[(size_t)fmin(after / load->step, (double)(load->steps - 1))])
            return after;
    }
}

static uint8_t choose_kind(struct run *run)
{
    double at = chance(run);
    uint8_t kind = 0;
    while (kind + 1u < run->load->kind_count && at >= run->load->kinds[kind].share)
        at -= run->load->kinds[kind++].share;
    return kind;
}

static int arrive(struct run *run)
{
    if (run->arrived == run->room)
        return -E2BIG;
    struct job *job = &run->jobs[run->arrived++];
    *job = (struct job){ .arrived = run->now, .took = NEVER, .kind = choose_kind(run) };
    double cpu = run->load->kinds[job->kind].cpu;
    job->cpu = (float)(run->load->varied ? exponential(run, cpu) : cpu);
    run->next_arrival = find_arrival(run, run->now);
    return 0;
}

static void use_core(struct run *run, unsigned core, size_t job, double seconds)
{
    size_t step = (size_t)(run->now / run->load->step);
    run->on[core] = job;
    run->done_at[core] = run->now + seconds;
    if (step < run->load->steps)
        run->busy[step] += seconds;
}

// Gives the free cores away: to the writer first.
static void give_cores(struct run *run)
{
    for (unsigned core = 0; core < run->load->cores; core++) {
        if (run->done_at[core] < NEVER)
            continue;
        if (run->writer_waits) {
            run->writer_waits = false;
            use_core(run, core, WRITER, run->written_for);
        } else if (run->begun < run->arrived) {
            use_core(run, core, run->begun, run->jobs[run->begun].cpu);
            run->begun++;
        }
    }
}

// A new transaction, of all that came meanwhile, unless one is under way.
static void begin_transaction(struct run *run)
{
    if (run->taken > run->committed || run->gathered == run->taken)
        return;
    run->written_for = 0;
    for (; run->taken < run->gathered; run->taken++)
        run->written_for += run->load->kinds[run->jobs[run->written[run->taken]].kind].write;
    run->transactions++;
    run->writer_waits = true;
}

static void finish(struct run *run, size_t job)
{
    run->jobs[job].took = run->now - run->jobs[job].arrived;
}

static void core_done(struct run *run, unsigned core)
{
    size_t job = run->on[core];
    run->done_at[core] = NEVER;
    if (job == WRITER)
        run->synced_at = run->now + run->load->sync;
    else if (run->load->kinds[run->jobs[job].kind].writes)
        run->written[run->gathered++] = job;
    else
        finish(run, job);
}

static void commit(struct run *run)
{
    run->synced_at = NEVER;
    for (; run->committed < run->taken; run->committed++)
        finish(run, run->written[run->committed]);
}

// The next event. 1: something happened, 0: all is over.
static int turn(struct run *run)
{
    unsigned core = 0;
    for (unsigned i = 1; i < run->load->cores; i++)
        if (run->done_at[i] < run->done_at[core])
            core = i;
    double done = run->done_at[core];
    int r = 0;
    run->now = fmin(fmin(done, run->synced_at), run->next_arrival);
    if (run->now == NEVER)
        return 0;
    if (run->now == run->synced_at)
        commit(run);
    else if (run->now == done)
        core_done(run, core);
    else
        r = arrive(run);
    begin_transaction(run);
    give_cores(run);
    return r < 0 ? r : 1;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int summarise(const struct run *run, struct queue_result *result)
{
    const struct queue_load *load = run->load;
    double begin = load->step * (double)load->from, end = load->step * (double)load->before;
    double *took = calloc(run->arrived + 1, sizeof(*took));
    if (!took)
        return -ENOMEM;
    for (size_t i = 0; i < run->arrived; i++) {
        const struct job *job = &run->jobs[i];
        if (job->arrived < begin || job->arrived >= end)
            continue;
        took[result->requests++] = job->took;
        result->mean += job->took;
        result->service += job->cpu + load->kinds[job->kind].write;
    }
    size_t count = result->requests;
    if (count > 0) {
        qsort(took, count, sizeof(*took), ascending);
        result->mean /= (double)count;
        result->service /= (double)count;
        result->p50 = took[count / 2];
        result->p99 = took[count - 1 - count / 100];
    }
    free(took);
    for (size_t i = load->from; i < load->before; i++)
        result->used = fmax(result->used, run->busy[i] / (load->step * load->cores));
    result->rate = (double)count / (end - begin);
    result->batch = run->transactions ? (double)run->gathered / (double)run->transactions : 0;
    return 0;
}

// The highest rate, and how many requests there can be: six deviations more than their mean.
static int prepare(struct run *run)
{
    const struct queue_load *load = run->load;
    double mean = 0;
    for (size_t i = 0; i < load->steps; i++) {
        run->highest = fmax(run->highest, load->rates[i]);
        mean += load->rates[i] * load->step;
    }
    double room = mean + 6 * sqrt(mean) + 100;
    if (room > (double)QUEUE_JOBS_MAX)
        return -E2BIG;
    run->room = (size_t)room;
    run->jobs = calloc(run->room, sizeof(*run->jobs));
    run->written = calloc(run->room, sizeof(*run->written));
    for (unsigned core = 0; core < load->cores; core++)
        run->done_at[core] = NEVER;
    run->synced_at = NEVER;
    run->next_arrival = run->highest > 0 ? find_arrival(run, 0) : NEVER;
    return run->jobs && run->written ? 0 : -ENOMEM;
}

int queue_run(const struct queue_load *load, struct queue_result *ret_result)
{
    if (load->cores < 1 || load->cores > QUEUE_CORES || load->kind_count < 1 || load->kind_count > QUEUE_KINDS ||
        load->steps > QUEUE_STEPS || load->from >= load->before || load->before > load->steps || load->step <= 0)
        return -EINVAL;
    struct run *run = calloc(1, sizeof(*run));
    struct queue_result result = { 0 };
    int r = -ENOMEM;
    if (run) {
        *run = (struct run){ .load = load, .random = load->seed };
        r = prepare(run);
        for (int more = r == 0; more > 0;) {
            more = turn(run);
            r = more < 0 ? more : r;
        }
        r = r < 0 ? r : summarise(run, &result);
        free(run->jobs);
        free(run->written);
    }
    free(run);
    if (r == 0)
        *ret_result = result;
    return r;
}
