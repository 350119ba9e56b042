// SPDX-License-Identifier: MPL-2.0
// One request on its way through the router. Only the router's own files include this.
//
// A read runs on its worker: session, query, load, policy, handler in one read transaction, then
// its record through the writer, then the answer. A write is looked through on its worker (session,
// forgery, form) and runs on the writer's thread: session, load, policy, handler, records, undone
// together. While an exchange is suspended only the thread it waits for touches its call.
#pragma once

#include <stddef.h>

#include "web/answer.h"
#include "web/limit.h"
#include "web/problem.h"
#include "web/route.h"

struct prepare;

struct router {
    struct app *app;
    struct route_table *routes;
    struct limit *limit;
    struct prepare *prepare;        // of routes that ask others
    struct prepare *long_reads;     // of ROUTE_LONG
    struct keyring *writer_keys;   // for the writer's thread
};

// What a worker's thread needs for itself.
struct worker {
    struct reader *reader;   // NULL: only 'db'
    struct db *db;           // the database itself
    struct keyring *keys;
    struct vault *vault;   // NULL: opens everything anew
    struct db *snapshot;   // the transaction that is open; NULL: none
    uint64_t transactions;   // of the writer, before it began
    uint64_t generation;     // of access, before it began
};

struct call {
    struct request request;   // first, so that the one can be had from the other
    struct answer answer;
    struct router *router;
    struct route_entry *entry;   // NULL: no route was found, 'problem' says why
    enum problem problem;
    unsigned allowed;      // of PROBLEM_METHOD
    int64_t retry_after;   // seconds; of PROBLEM_TOO_MANY
    enum form_source source;
    struct str boundary;
    uint64_t generation;   // of access, before the read began
    unsigned runs;         // of the read, the present one included
    bool again;            // a refused form is shown again
    struct write_job job;
    int result;   // of the job or of prepare
};

// The call whose job it is.
static inline struct call *call_of(struct write_job *job)
{
    return (struct call *)((char *)job - offsetof(struct call, job));
}

// call.c

// The session, limits, sign-in and forgery. request->db must be in a transaction, or stand alone.
enum problem call_admit(struct call *call);

// What the route asks ahead of the database, for who the request's session says it is.
void call_ask(struct call *call);

// Begins the route's event, then the route's load and the policy's answer. Same database state as
// the handler.
enum problem call_permit(struct call *call);

// The query string, by the route's form; a route without one takes none.
enum problem call_query(struct call *call);

// Makes the request ready to run on a thread.
void call_enter(struct call *call, const struct worker *worker);

// Whether the route changes things and so runs on the writer's thread.
bool call_writes(const struct call *call);

// send.c: sends the answer as it stands; or a problem instead.
void call_send(struct call *call);
void call_send_problem(struct call *call, enum problem problem);
void call_send_too_large(struct call *call, size_t limit, struct str back);

// snapshot.c: one state of the database for what the call reads, no older than the call. begin sets its generation; -EAGAIN of end: as reader_end.
int snapshot_begin(struct call *call, struct worker *worker);
int snapshot_end(struct call *call, struct worker *worker);

// None stays open: before what reads from the worker's connection without snapshot_begin, and whenever the worker looks for more.
int snapshot_rest(struct worker *worker);

// read.c, write.c: take the call from its worker to its answer.
void read_start(struct call *call, struct worker *worker);
void write_start(struct call *call, struct worker *worker);

// prepare.c: the threads that may block.
#define PREPARE_THREADS_MAX 4
int prepare_new(const struct app *app, unsigned threads, struct prepare **ret_prepare);
void prepare_free(struct prepare *prepare);   // NULL is allowed; nothing may be under way

// Suspends the exchange, runs the route's prepare, and calls 'then' on the worker with call->result
// set. -EBUSY: too many wait (not suspended).
int prepare_start(struct call *call, void (*then)(struct exchange *exchange, void *worker));
