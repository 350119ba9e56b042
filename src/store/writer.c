// SPDX-License-Identifier: MPL-2.0
#include "store/writer.h"

#include "base/clock.h"
#include "base/log.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define JOBS_MAX 1024   // of one transaction: bounds how long the first of them waits for the last
#define QUIET_MS 1000   // without jobs, before the house is tidied
#define GATHER_US 1000   // at most, for three quarters as many jobs as the last transaction had
#define TRIES 5          // of a transaction that the server takes back
#define CAREFUL 32       // transactions after one with a failed job that have a savepoint for each job

struct writer {
    struct db *db;
    struct writer_hooks hooks;
    pthread_t thread;
    struct write_job *taken;   // the thread's own: taken from the queue, not yet run
    bool ended;                // the thread's own: stopping, and nothing waits
    unsigned batch;            // the thread's own: jobs of the last transaction
    int64_t took_us;           // the thread's own: how long it took
    unsigned careful;          // the thread's own: transactions to come that have savepoints
    pthread_mutex_t lock;      // guards the next six
    pthread_cond_t wake;
    struct write_job *first, **last;
    unsigned queued;   // from 'first' on
    unsigned wanted;   // the thread sleeps until so many are queued; 0: it does not sleep
    bool stopping;
    atomic_bool broken;
    atomic_uint_fast64_t transactions, jobs, failed;
    atomic_uint_fast64_t batches[WRITER_BATCHES];
};

static void wait_for_jobs(struct writer *writer, unsigned wanted, int64_t timeout_us)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += timeout_us % 1000000 * 1000;
    until.tv_sec += timeout_us / 1000000 + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    writer->wanted = wanted;
    while (writer->queued < wanted && !writer->stopping) {
        if (timeout_us < 0)
            pthread_cond_wait(&writer->wake, &writer->lock);
        else if (pthread_cond_timedwait(&writer->wake, &writer->lock, &until) == ETIMEDOUT)
            break;
    }
    writer->wanted = 0;
}

// Takes at most JOBS_MAX jobs in the order of their coming; NULL: nothing came within timeout_ms
// (negative: for ever), or the end.
//
// Whoever submitted the jobs of the last transaction has just been answered and often comes with
// the next: a commit that waits a moment serves many at once. It waits for three quarters of them
// only, so that the others' requests are worked out while it writes, and no longer than two
// transactions take. One or two who write never wait.
static struct write_job *take(struct writer *writer, int64_t timeout_ms)
{
    struct write_job *batch, *last;
    unsigned count = 1;

    if (!writer->taken) {
        pthread_mutex_lock(&writer->lock);
        wait_for_jobs(writer, 1, timeout_ms * 1000);
        if (writer->first && writer->batch > 1)
            wait_for_jobs(writer, writer->batch * 3 / 4, writer->took_us * 2 < GATHER_US ? writer->took_us * 2 : GATHER_US);
        writer->taken = writer->first;
        writer->first = NULL;
        writer->queued = 0;
        writer->last = &writer->first;
        writer->ended = !writer->taken && writer->stopping;
        pthread_mutex_unlock(&writer->lock);
    }
    batch = writer->taken;
    last = batch;
    for (; last && last->next && count < JOBS_MAX; count++)
        last = last->next;
    if (last) {
        writer->batch = count;
        writer->taken = last->next;
        last->next = NULL;
    }
    return batch;
}

static bool more_waits(struct writer *writer)
{
    bool more;

    pthread_mutex_lock(&writer->lock);
    more = writer->taken || writer->first;
    pthread_mutex_unlock(&writer->lock);
    return more;
}

// Runs one job. 0: go on, the job's own fate is in its result; not 0: the whole transaction is lost.
static int run_job(struct writer *writer, struct write_job *job, bool savepoint)
{
    const struct writer_hooks *hooks = &writer->hooks;
    int r = 0;

    if (hooks->job_begin)
        hooks->job_begin(hooks->context);
    if (savepoint)
        r = db_savepoint(writer->db);
    if (r < 0)
        return r;
    job->result = job->apply(job, writer->db);
    assert(job->result <= 0);
    if (job->result == 0)   // nothing that failed is kept, even when the job thought otherwise
        job->result = savepoint ? db_settle(writer->db) : db_failed(writer->db);
    if (job->result == 0)
        return savepoint ? db_savepoint_release(writer->db) : 0;
    if (hooks->job_rollback)
        hooks->job_rollback(hooks->context);
    return savepoint ? db_savepoint_rollback(writer->db) : job->result;
}

static int run_jobs(struct writer *writer, struct write_job *batch, bool savepoints, bool *ret_any)
{
    bool any = false;

    for (struct write_job *job = batch; job; job = job->next) {
        int r = run_job(writer, job, savepoints);

        if (r < 0)
            return r;
        any = any || job->result == 0;
    }
    *ret_any = any;
    return 0;
}

static int commit(struct writer *writer)
{
    const struct writer_hooks *hooks = &writer->hooks;
    int r = hooks->before_commit ? hooks->before_commit(hooks->context, writer->db) : 0;

    r = r < 0 ? r : db_settle(writer->db);   // or a statement's failure would be the commit's
    if (r < 0)
        return r;
    r = db_commit(writer->db);
    if (r != -EIO)
        return r;
    atomic_store(&writer->broken, true);
    log_event(LOG_ERROR, "commit", "meaning=\"it failed; nothing is written until a restart\"");
    return -ENOTRECOVERABLE;
}

// 0: what the jobs with result 0 wrote is durable. Without savepoints it falls with the first job that fails.
static int try_transaction(struct writer *writer, struct write_job *batch, bool savepoints)
{
    const struct writer_hooks *hooks = &writer->hooks;
    bool any = false, committed = false;
    int r;

    r = db_begin_write(writer->db);
    if (r < 0)
        return r;
    if (batch->ask && !savepoints)
        batch->ask(batch, writer->db);
    r = hooks->begin ? hooks->begin(hooks->context, writer->db) : 0;
    r = r < 0 ? r : run_jobs(writer, batch, savepoints, &any);
    if (r == 0 && any) {
        r = commit(writer);
        committed = r == 0;
    }
    if (!committed)
        db_rollback(writer->db);
    if (hooks->after_commit)
        hooks->after_commit(hooks->context, committed);
    return r;
}

// 0: one job; 1: two; 2: up to four …
static unsigned batch_class(uint64_t jobs)
{
    unsigned class = 0;

    while (class < WRITER_BATCHES - 1 && jobs > UINT64_C(1) << class)
        class++;
    return class;
}

// The one place where a transaction is run again, all of it from its beginning: without what failed, or since the server took it back.
//
// A savepoint costs a copy of every page that its job changes, and hardly a job fails: there are none until one does. A job that is alone never
// needs one.
static int run_transaction(struct writer *writer, struct write_job *batch)
{
    bool savepoints = batch->next && writer->careful > 0;

    if (writer->careful > 0)
        writer->careful--;
    for (int tries = 1;; tries++) {
        int r = try_transaction(writer, batch, savepoints);

        if (r == -ECONNRESET && tries < TRIES) {
            log_event(LOG_WARNING, "writer", "meaning=\"the transaction was lost and is run again\"");
        } else if (r < 0 && r != -ECONNRESET && r != -EHOSTDOWN && r != -ENOTRECOVERABLE && batch->next && !savepoints) {
            savepoints = true;
            writer->careful = CAREFUL;
        } else {
            return r;
        }
        for (struct write_job *job = batch; job; job = job->next)
            job->result = 0;
    }
}

static void run_batch(struct writer *writer, struct write_job *batch)
{
    const int64_t begun = clock_monotonic_us();
    int r = writer_broken(writer) ? -ESHUTDOWN : run_transaction(writer, batch);
    uint64_t jobs = 0, failed = 0;

    writer->took_us = clock_monotonic_us() - begun;
    for (struct write_job *job = batch; job; job = job->next) {
        job->result = job->result != 0 ? job->result : r;
        jobs++;
        failed += job->result != 0;
    }
    atomic_fetch_add(&writer->transactions, 1);
    atomic_fetch_add_explicit(&writer->batches[batch_class(jobs)], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&writer->jobs, jobs, memory_order_relaxed);
    atomic_fetch_add_explicit(&writer->failed, failed, memory_order_relaxed);
    for (struct write_job *job = batch, *next; job; job = next) {
        next = job->next;   // done may free the job
        job->done(job, job->result);
    }
}

static void *work(void *data)
{
    struct writer *writer = data;
    bool tidy = true;

    for (;;) {
        struct write_job *batch = take(writer, tidy ? -1 : QUIET_MS);

        if (writer->ended)
            break;
        if (batch)
            run_batch(writer, batch);
        if (!writer_broken(writer))
            db_tidy(writer->db, !batch ? DB_QUIET : more_waits(writer) ? DB_BUSY : DB_IDLE);
        tidy = !batch;
    }
    return NULL;
}

int writer_start(struct db *db, const struct writer_hooks *hooks, struct writer **ret_writer)
{
    struct writer *writer = calloc(1, sizeof(*writer));
    pthread_condattr_t attributes;
    int r;

    if (!writer)
        return -ENOMEM;
    writer->db = db;
    if (hooks)
        writer->hooks = *hooks;
    writer->last = &writer->first;
    pthread_mutex_init(&writer->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&writer->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    r = pthread_create(&writer->thread, NULL, work, writer);
    if (r != 0) {
        pthread_cond_destroy(&writer->wake);
        pthread_mutex_destroy(&writer->lock);
        free(writer);
        return -r;
    }
    *ret_writer = writer;
    return 0;
}

void writer_submit(struct writer *writer, struct write_job *job)
{
    bool wake, stopping;

    job->next = NULL;
    job->result = 0;
    pthread_mutex_lock(&writer->lock);
    stopping = writer->stopping;
    if (!stopping) {
        *writer->last = job;
        writer->last = &job->next;
        writer->queued++;
    }
    wake = writer->wanted > 0 && writer->queued >= writer->wanted;
    pthread_mutex_unlock(&writer->lock);
    if (wake)
        pthread_cond_signal(&writer->wake);
    if (stopping)
        job->done(job, -ESHUTDOWN);
}

// A job of writer_run: lends apply to the caller's job and wakes the caller instead of calling its
// done.
struct waiting_job {
    struct write_job job;
    struct write_job *real;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool finished;
    int result;
};

static int apply_real(struct write_job *job, struct db *db)
{
    struct waiting_job *waiting = (struct waiting_job *)job;

    return waiting->real->apply(waiting->real, db);
}

static void finish_waiting(struct write_job *job, int result)
{
    struct waiting_job *waiting = (struct waiting_job *)job;

    if (waiting->real->done)
        waiting->real->done(waiting->real, result);
    pthread_mutex_lock(&waiting->lock);
    waiting->finished = true;
    waiting->result = result;
    pthread_cond_signal(&waiting->wake);
    pthread_mutex_unlock(&waiting->lock);
}

int writer_run(struct writer *writer, struct write_job *job)
{
    struct waiting_job waiting = {
        .job = { .apply = apply_real, .done = finish_waiting },
        .real = job,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .wake = PTHREAD_COND_INITIALIZER,
    };

    assert(!pthread_equal(pthread_self(), writer->thread));
    writer_submit(writer, &waiting.job);
    pthread_mutex_lock(&waiting.lock);
    while (!waiting.finished)
        pthread_cond_wait(&waiting.wake, &waiting.lock);
    pthread_mutex_unlock(&waiting.lock);
    return waiting.result;
}

static void log_statistics(const struct writer *writer)
{
    struct writer_statistics all = writer_statistics(writer);

    log_event(LOG_INFO, "writer", "transactions=%llu jobs=%llu failed=%llu",
              (unsigned long long)all.transactions, (unsigned long long)all.jobs,
              (unsigned long long)all.failed);
}

void writer_stop(struct writer *writer)
{
    if (!writer)
        return;
    pthread_mutex_lock(&writer->lock);
    writer->stopping = true;
    pthread_mutex_unlock(&writer->lock);
    pthread_cond_signal(&writer->wake);
    pthread_join(writer->thread, NULL);
    log_statistics(writer);
    db_close(writer->db);
    pthread_cond_destroy(&writer->wake);
    pthread_mutex_destroy(&writer->lock);
    free(writer);
}

bool writer_broken(const struct writer *writer)
{
    return atomic_load_explicit(&writer->broken, memory_order_relaxed);
}

uint64_t writer_transactions(const struct writer *writer)
{
    return atomic_load(&writer->transactions);
}

struct writer_statistics writer_statistics(const struct writer *writer)
{
    struct writer_statistics statistics = { atomic_load(&writer->transactions), atomic_load(&writer->jobs), atomic_load(&writer->failed), { 0 } };

    for (unsigned i = 0; i < WRITER_BATCHES; i++)
        statistics.batches[i] = atomic_load(&writer->batches[i]);
    return statistics;
}
