// SPDX-License-Identifier: MPL-2.0
#include "store/replica.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/store_sql.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_MS 20   // for a replica that has not got the last turn yet
#define PAUSE_NS 500000  // between looks whether it has
#define BEHIND_MS 500    // without one read that found it in time: no more go there
#define LOOK_MS 500      // between looks at one that was left
#define FAULT_MS 30000   // the same when it said what no replica of ours would
#define GOOD_LOOKS 2     // one after the other, until reads go there again

struct reader {
    struct replica *replica;   // NULL: there is none
    struct db *own, *copy;
    bool on_copy;   // the transaction
    bool failed;    // the last one did, on the replica: the next goes to the database itself
};

struct replica {
    struct reader *reader;   // the thread's
    char *name;
    pthread_t thread;
    int wake_fd;   // eventfd: the end
    atomic_bool stop;
    atomic_bool follows;
    atomic_int_fast64_t behind_since;   // monotonic ms, of the first read that did not find it in time; 0: the last one did
    atomic_uint_fast64_t reads, left;
};

int reader_open(const char *database, struct replica *replica, struct reader **ret_reader)
{
    struct reader *reader = calloc(1, sizeof(*reader));
    int r = reader ? db_open(database, DB_READ, &reader->own) : -ENOMEM;

    if (r == 0 && replica)
        r = db_open(replica->name, DB_READ_REPLICA, &reader->copy);
    if (r < 0) {
        reader_close(reader);
        return r;
    }
    reader->replica = replica;
    *ret_reader = reader;
    return 0;
}

void reader_close(struct reader *reader)
{
    if (!reader)
        return;
    db_close(reader->copy);
    db_close(reader->own);
    free(reader);
}

struct db *reader_own(const struct reader *reader)
{
    return reader->own;
}

// Begins a transaction on the replica. 1: it holds the turn; 0: not yet, and nothing is begun. The turn is looked for by the transaction's first statement,
// which is what it sees the state of from then on.
static int begin_holding(struct db *copy, const struct sql_store_turn_newest *newest)
{
    struct sql_store_turn_there there = { 0 };
    int r = db_begin_read(copy);

    if (r < 0)
        return r;
    r = sql_store_turn_there(copy, NULL, &(struct sql_store_turn_there_in){ .writer = newest->writer, .turn = newest->turn }, &there);
    if (r == 0 && there.count > 0)
        return 1;
    db_commit(copy);
    return r;
}

// 1: a transaction is begun on the replica; 0: it is behind; -EREMOTE: the database itself can't be asked; others: the replica fails.
static int begin_on_copy(struct reader *reader)
{
    struct sql_store_turn_newest newest;
    int r = sql_store_turn_newest(reader->own, NULL, &newest);
    int64_t end;

    if (r < 0)
        return -EREMOTE;
    end = clock_monotonic() + PATIENCE_MS;
    while ((r = begin_holding(reader->copy, &newest)) == 0 && clock_monotonic() < end)
        nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
    return r;
}

static void tell_left(int error)
{
    const char *why = error == 0 ? "it is behind" : error == -EIO ? "it is no replica of this database" : "it does not answer";

    log_event(LOG_WARNING, "replica", "meaning=\"%s; reads go to the database itself\"", why);
}

// Whether it was behind for so long that waiting for it is no use.
static bool is_far_behind(struct replica *replica)
{
    const int64_t now = clock_monotonic();
    int_fast64_t since = 0;

    return !atomic_compare_exchange_strong(&replica->behind_since, &since, now) && now - since > BEHIND_MS;
}

// Which result of begin_on_copy means that no read goes there from here on.
static void judge(struct replica *replica, int result)
{
    if (result == 1)
        atomic_store_explicit(&replica->behind_since, 0, memory_order_relaxed);
    else if (result != -EREMOTE && (result < 0 || is_far_behind(replica)) && atomic_exchange(&replica->follows, false))
        tell_left(result);
}

static void count(atomic_uint_fast64_t *counter)
{
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

int reader_begin(struct reader *reader, struct db **ret_db)
{
    struct replica *replica = reader->replica;
    bool asks = replica && atomic_load(&replica->follows) && !reader->failed;
    int r = asks ? begin_on_copy(reader) : 0;

    reader->failed = false;
    reader->on_copy = r == 1;
    if (asks)
        judge(replica, r);
    if (replica)
        count(r == 1 ? &replica->reads : &replica->left);
    if (r != 1)
        r = db_begin_read(reader->own);
    if (r < 0)
        return r;
    *ret_db = reader->on_copy ? reader->copy : reader->own;
    return 0;
}

int reader_end(struct reader *reader)
{
    struct db *db = reader->on_copy ? reader->copy : reader->own;

    reader->failed = reader->on_copy && db_failed(db) < 0;
    int r = db_commit(db);
    return reader->failed ? -EAGAIN : r;
}

// 1: the replica has what the database itself has.
static int look(struct replica *replica)
{
    int r = begin_on_copy(replica->reader);

    if (r == 1)
        db_commit(replica->reader->copy);
    return r;
}

static void wait(const struct replica *replica, int milliseconds)
{
    struct pollfd wake = { .fd = replica->wake_fd, .events = POLLIN };

    poll(&wake, 1, milliseconds);
}

static void *work(void *data)
{
    struct replica *replica = data;
    bool first = true;
    int good = 0;

    for (int r; !atomic_load(&replica->stop); wait(replica, r == -EIO ? FAULT_MS : LOOK_MS)) {
        r = atomic_load(&replica->follows) ? 0 : look(replica);
        good = r == 1 ? good + 1 : 0;
        if (first && r != 1)
            tell_left(r);
        first = false;
        if (good < GOOD_LOOKS)
            continue;
        good = 0;
        atomic_store(&replica->behind_since, 0);
        log_event(LOG_INFO, "replica", "meaning=\"it follows; reads go there\"");
        atomic_store(&replica->follows, true);
    }
    return NULL;
}

static void release(struct replica *replica)
{
    reader_close(replica->reader);
    if (replica->wake_fd >= 0)
        close(replica->wake_fd);
    free(replica->name);
    free(replica);
}

int replica_start(const char *database, const char *name, struct replica **ret_replica)
{
    struct replica *replica = calloc(1, sizeof(*replica));
    int r;

    if (!replica)
        return -ENOMEM;
    replica->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    replica->name = strdup(name);
    r = replica->wake_fd < 0 ? -errno : replica->name ? 0 : -ENOMEM;
    r = r < 0 ? r : reader_open(database, replica, &replica->reader);
    r = r < 0 ? r : -pthread_create(&replica->thread, NULL, work, replica);
    if (r < 0)
        release(replica);
    else
        *ret_replica = replica;
    return r;
}

void replica_stop(struct replica *replica)
{
    const uint64_t one = 1;

    if (!replica)
        return;
    atomic_store(&replica->stop, true);
    if (write(replica->wake_fd, &one, sizeof(one)) < 0)
        log_event(LOG_WARNING, "replica", "errno=%d", errno);
    pthread_join(replica->thread, NULL);
    release(replica);
}

struct replica_statistics replica_statistics(const struct replica *replica)
{
    struct replica *all = (struct replica *)(uintptr_t)replica;

    return (struct replica_statistics){
        .follows = atomic_load(&all->follows),
        .reads = atomic_load(&all->reads),
        .left = atomic_load(&all->left),
    };
}
