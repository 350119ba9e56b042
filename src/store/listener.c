// SPDX-License-Identifier: MPL-2.0
#include "store/listener.h"

#include "base/clock.h"
#include "base/log.h"
#include "store/db_postgres.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define BEAT_MS 1000        // between looks at the lock, and whether the server still answers
#define AGAIN_MS 300        // before the next try to connect
#define LEADER_LOCK "8385554661497365350"

// The server takes the session of a machine that does not answer for dead after 10 + 4 * 5 seconds; libpq the server after 15.
static const char settings[] = "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 4;"
                               "SET default_transaction_read_only = on; LISTEN " LINK_CHANNEL;

struct listener {
    char *database;
    struct listener_calls calls;
    pthread_t thread;
    int wake_fd;   // eventfd: the end
    atomic_bool stop;
    atomic_bool leads;
    PGconn *link;   // the thread's; NULL: not connected
    bool away;      // it was logged
};

static bool done(PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;

    PQclear(result);
    return good;
}

static void hear_nothing(void *context, const char *message)
{
}

static void lose(struct listener *listener)
{
    bool led = atomic_exchange(&listener->leads, false);

    if (listener->link)
        PQfinish(listener->link);
    listener->link = NULL;
    if (!listener->away && !atomic_load(&listener->stop))
        log_event(LOG_WARNING, "listener", "meaning=\"nothing is heard of the others for now\" led=%d", led);
    listener->away = true;
    listener->calls.deaf(listener->calls.context);
}

// 0: every line is heard from now on.
static int join(struct listener *listener)
{
    listener->link = link_connect(listener->database, LINK_PATIENT);
    if (!listener->link || PQstatus(listener->link) != CONNECTION_OK)
        return -EHOSTDOWN;
    PQsetNoticeProcessor(listener->link, hear_nothing, NULL);
    if (!done(PQexec(listener->link, settings)))
        return -EHOSTDOWN;
    if (listener->away)
        log_event(LOG_INFO, "listener", "meaning=\"the others are heard again\"");
    listener->away = false;
    listener->calls.hearing(listener->calls.context);
    return 0;
}

// Also tells whether the server still answers.
static int look_who_leads(struct listener *listener)
{
    bool leads = atomic_load(&listener->leads);
    PGresult *result = PQexec(listener->link, leads ? "SELECT true" : "SELECT pg_try_advisory_lock(" LEADER_LOCK ")");
    bool good = PQresultStatus(result) == PGRES_TUPLES_OK;
    bool won = good && !leads && strcmp(PQgetvalue(result, 0, 0), "t") == 0;

    PQclear(result);
    if (!good)
        return -ECONNRESET;
    if (won) {
        log_event(LOG_INFO, "leader", "meaning=\"this server does what is to be done once\"");
        atomic_store(&listener->leads, true);
    }
    return 0;
}

static void hear(struct listener *listener)
{
    PGnotify *notice;

    while ((notice = PQnotifies(listener->link))) {
        struct str rest = str_from(notice->extra);

        while (rest.len > 0)
            listener->calls.heard(listener->calls.context, str_cut(&rest, '\n'));
        PQfreemem(notice);
    }
}

static int wait(struct listener *listener, int64_t milliseconds)
{
    struct pollfd both[] = { { .fd = listener->wake_fd, .events = POLLIN },
                             { .fd = listener->link ? PQsocket(listener->link) : -1, .events = POLLIN } };

    if (poll(both, 2, milliseconds > 0 ? (int)milliseconds : 0) < 0 && errno != EINTR)
        return -errno;
    if (listener->link && both[1].revents && PQconsumeInput(listener->link) != 1)
        return -ECONNRESET;
    return 0;
}

static void stay(struct listener *listener)
{
    int64_t due = clock_monotonic();
    int r = 0;

    while (r == 0 && !atomic_load(&listener->stop)) {
        if (clock_monotonic() >= due) {
            r = look_who_leads(listener);
            due = clock_monotonic() + BEAT_MS;
        }
        if (r == 0)
            hear(listener);
        r = r < 0 ? r : wait(listener, due - clock_monotonic());
    }
}

static void *work(void *data)
{
    struct listener *listener = data;

    while (!atomic_load(&listener->stop)) {
        if (join(listener) == 0)
            stay(listener);
        lose(listener);
        if (!atomic_load(&listener->stop))
            wait(listener, AGAIN_MS);
    }
    return NULL;
}

static void release(struct listener *listener)
{
    if (listener->wake_fd >= 0)
        close(listener->wake_fd);
    free(listener->database);
    free(listener);
}

int listener_start(const char *database, const struct listener_calls *calls, struct listener **ret_listener)
{
    struct listener *listener = calloc(1, sizeof(*listener));
    int r = 0;

    if (!listener)
        return -ENOMEM;
    listener->calls = *calls;
    listener->database = strdup(database);
    listener->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (!listener->database || listener->wake_fd < 0)
        r = -ENOMEM;
    if (r == 0) {
        listener->calls.deaf(listener->calls.context);
        r = -pthread_create(&listener->thread, NULL, work, listener);
    }
    if (r < 0)
        release(listener);
    else
        *ret_listener = listener;
    return r;
}

void listener_stop(struct listener *listener)
{
    const uint64_t one = 1;

    if (!listener)
        return;
    atomic_store(&listener->stop, true);
    if (write(listener->wake_fd, &one, sizeof(one)) < 0)
        log_event(LOG_WARNING, "listener", "errno=%d", errno);
    pthread_join(listener->thread, NULL);
    release(listener);
}

bool listener_leads(const struct listener *listener)
{
    return atomic_load(&((struct listener *)(uintptr_t)listener)->leads);
}
