// SPDX-License-Identifier: MPL-2.0
// The one writer: a thread that owns the only connection that writes. It gathers all jobs that wait
// into one transaction with one fsync (group commit). A job that fails takes nothing of the others
// with it: they are run again without it, and for a while each job has a savepoint.
#pragma once

#include "store/db.h"

struct writer;

// One piece of work. Owned by whoever submits it; must live until 'done' was called.
struct write_job {
    // Runs on the writer's thread inside the transaction. Not 0: what it wrote is rolled back and
    // 'done' gets that value. It runs again when another job of the transaction fails, or the server takes
    // the transaction back: what it leaves outside the database it sets anew each time.
    int (*apply)(struct write_job *job, struct db *db);
    // Asks ahead (db_ask) what apply will ask; NULL mostly. Of a transaction's first job alone, so that it travels with the beginning.
    void (*ask)(struct write_job *job, struct db *db);
    // Called on the writer's thread, once, after the commit is durable (result 0) or the job has
    // failed (-E…). Must be quick: hand over to a loop and return.
    void (*done)(struct write_job *job, int result);
    struct write_job *next;   // the writer's
    int result;               // the writer's
};

// What takes part in each transaction beside the jobs (the audit log). All run on the writer's
// thread; NULL pointers are skipped.
struct writer_hooks {
    void *context;
    int (*begin)(void *context, struct db *db);   // a transaction has begun; not 0 fails it
    void (*job_begin)(void *context);      // before a job
    void (*job_rollback)(void *context);   // the job failed: forget what it added since job_begin
    int (*before_commit)(void *context,
                         struct db *db);   // all jobs have run; not 0 fails the whole transaction
    void (*after_commit)(void *context, bool committed);
};

// Starts the thread on a connection opened with DB_WRITE, which the writer owns from then on. hooks
// is copied.
int writer_start(struct db *db, const struct writer_hooks *hooks, struct writer **ret_writer);

// Hands over a job. Any thread. After writer_stop was called: done(job, -ESHUTDOWN) at once, on the
// caller's thread.
void writer_submit(struct writer *writer, struct write_job *job);

// Submits and waits for the result; the job's done may be NULL. For commands and tests, never on a
// loop's thread.
int writer_run(struct writer *writer, struct write_job *job);

// Finishes what waits, checkpoints, closes the connection, ends the thread, frees.
void writer_stop(struct writer *writer);

// Whether a commit has failed in a way that leaves in doubt what the disk holds (an I/O error, a
// failed fsync). Its jobs fail with -ENOTRECOVERABLE: a restart, which reads the disk anew, may find
// them done or not. All later ones fail with -ESHUTDOWN, and have changed nothing.
bool writer_broken(const struct writer *writer);

#define WRITER_BATCHES 11

// How many transactions have ended. What a later one has done nobody was told of when this was asked.
uint64_t writer_transactions(const struct writer *writer);

struct writer_statistics {
    uint64_t transactions, jobs, failed;
    uint64_t batches[WRITER_BATCHES];   // transactions of up to 1, 2, 4 … 1024 jobs
};
struct writer_statistics writer_statistics(const struct writer *writer);
