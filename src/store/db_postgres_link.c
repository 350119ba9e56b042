// SPDX-License-Identifier: MPL-2.0
#include "store/db_postgres.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#define BACKOFF_FIRST_MS 20
#define BACKOFF_LAST_MS 500
#define READER_PAUSE_MS 250   // a worker must not spend its time with a server that is away

// A session that stands still in the middle of a transaction (its machine sleeps, the network is
// cut) loses it, so that the others get their turn.
static const char settings_read[] = "SET default_transaction_read_only = on;"
                                    "SET idle_in_transaction_session_timeout = '15min'";
static const char settings_write[] =
    "SET idle_in_transaction_session_timeout = '15s';"
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;"
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off'";

// Held by the session for as long as it lives: what a program remembers of the database (who lost
// access, whose posts are opened) is right only when no other writes to it.
static const char sole_lock[] = "SELECT pg_try_advisory_lock(" SOLE_LOCK ")";

// Several that know of each other (web/news.h) hold it together.
static const char joint_lock[] = "SELECT pg_try_advisory_lock_shared(" SOLE_LOCK ")";

struct meaning {
    const char *state;   // an SQLSTATE, or the class that it begins with
    int error;
};

// https://www.postgresql.org/docs/15/errcodes-appendix.html
static const struct meaning meanings[] = {
    { "23", -EEXIST },         // integrity constraint
    { "53100", -ENOSPC },      // disk full
    { "53200", -ENOMEM },      // out of memory
    { "53300", -EHOSTDOWN },   // too many connections
    { "40", -ECONNRESET },     // serialisation failure, deadlock
    { "57P", -ECONNRESET },    // the server stops, or one of its processes has crashed
    { "25P03", -ECONNRESET },  // stood still in a transaction
    { "08", -ECONNRESET },     // the connection
};

static void hear_nothing(void *context, const char *message)
{
}

// Without the messages of the server, which can quote values; a text that does not parse is the
// exception, for it is our own.
static int failure(const PGresult *result, const char *during)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    bool ours = state && strncmp(state, "42", 2) == 0;
    int r = state ? -EIO : -ECONNRESET;

    for (size_t i = 0; state && i < sizeof(meanings) / sizeof(meanings[0]); i++)
        if (strncmp(state, meanings[i].state, strlen(meanings[i].state)) == 0)
            r = meanings[i].error;
    if (r == -EIO || r == -ENOSPC || (r == -ECONNRESET && state))
        log_event(r == -ECONNRESET ? LOG_WARNING : LOG_ERROR, "database",
                  "during=%s sqlstate=%s message=\"%s\"", during, state,
                  ours ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : "");
    return r;
}

void link_lost(struct postgres_db *db)
{
    statement_forget(db);
    if (db->link)
        PQfinish(db->link);
    db->link = NULL;
    db->commands = 0;
    db->queued = 0;
    db->unread = 0;
    db->sent = false;
    db->naming = false;
    db->begun = false;
}

static void complain(struct postgres_db *db, int error)
{
    const char *said = error == -EBUSY ? "another samtraad works with this database"
                       : db->link      ? PQerrorMessage(db->link)
                                       : "no memory";
    int len = (int)strcspn(said, "\n");

    if (!db->away)
        log_event(LOG_ERROR, "database", "during=connect message=\"%.*s\"", len, said);
    db->away = true;
}

// What the name says replaces what stands before it.
PGconn *link_connect(const char *name, const char *seconds)
{
    static const char *const keys[] = { "fallback_application_name", "connect_timeout", "keepalives_idle",
                                        "keepalives_interval", "keepalives_count",
                                        "tcp_user_timeout", "dbname", "client_encoding", NULL };
    const char *const values[] = { "samtraad", seconds, "10", "5", "3", "15000", name, "UTF8", NULL };

    return PQconnectdbParams(keys, values, 1);
}

// Whether the lock is ours; -EHOSTDOWN.
static int try_lock(PGconn *link, const char *text)
{
    PGresult *result = PQexec(link, text);
    int r = -EHOSTDOWN;

    if (PQresultStatus(result) == PGRES_TUPLES_OK)
        r = strcmp(PQgetvalue(result, 0, 0), "t") == 0;
    PQclear(result);
    return r;
}

static int take_lock(struct postgres_db *db)
{
    int r = db->joined ? 0 : try_lock(db->link, sole_lock);

    db->db.alone = r == 1;
    if (r == 0 && db->beside)
        r = try_lock(db->link, joint_lock);
    return r == 0 ? -EBUSY : r < 0 ? r : 0;
}

static int configure(struct postgres_db *db)
{
    const bool writes = db->db.mode == DB_WRITE;
    PGresult *result = PQexec(db->link, writes ? settings_write : settings_read);
    int r = PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK ? 0 : -EHOSTDOWN;

    PQclear(result);
    if (r == 0 && writes)
        r = take_lock(db);
    if (r == 0 && PQenterPipelineMode(db->link) != 1)
        r = -EHOSTDOWN;
    return r;
}

static int connect_once(struct postgres_db *db)
{
    int r = -EHOSTDOWN;

    db->link = link_connect(db->name, db->impatient ? LINK_IMPATIENT : LINK_PATIENT);
    if (PQstatus(db->link) == CONNECTION_OK) {
        PQsetNoticeProcessor(db->link, hear_nothing, NULL);
        r = configure(db);
    }
    if (r == 0) {
        if (db->away)
            log_event(LOG_INFO, "database", "meaning=\"the server answers again\"");
        db->away = false;
        db->life++;
        return 0;
    }
    complain(db, r);
    link_lost(db);
    return r;
}

int link_ready(struct postgres_db *db, int64_t patience_ms)
{
    int64_t now = clock_monotonic(), end = now + patience_ms, pause = BACKOFF_FIRST_MS;
    int r = -EHOSTDOWN;

    if (link_holds(db))
        return 0;
    link_lost(db);
    if (patience_ms == 0 && now < db->retry_at)
        return -EHOSTDOWN;
    for (;;) {
        r = connect_once(db);
        now = clock_monotonic();
        if (r == 0 || now + pause > end)
            break;
        nanosleep(&(struct timespec){ .tv_sec = pause / 1000, .tv_nsec = pause % 1000 * 1000000 }, NULL);
        pause = 2 * pause < BACKOFF_LAST_MS ? 2 * pause : BACKOFF_LAST_MS;
    }
    if (r < 0)
        db->retry_at = now + READER_PAUSE_MS;
    return r;
}

int link_queue(struct postgres_db *db, const char *text)
{
    int r = 0;

    if (db->queued == LINK_QUEUE) {
        r = link_send_queue(db);
        r = r < 0 ? r : link_end(db);
        r = r < 0 ? r : link_receive(db, "transaction", NULL);
    }
    if (r == 0)
        db->queue[db->queued++] = text;
    return r;
}

int link_send_queue(struct postgres_db *db)
{
    int r = link_settle(db);

    for (unsigned i = 0; i < db->queued && r == 0; i++)
        r = link_sent(db, PQsendQueryParams(db->link, db->queue[i], 0, NULL, NULL, NULL, NULL, 1));
    if (r == 0 && db->queued > 0 && db->db.in_transaction)
        db->begun = true;
    db->queued = 0;
    return r;
}

int link_end(struct postgres_db *db)
{
    if (PQpipelineSync(db->link) != 1)
        return -ECONNRESET;
    db->sent = false;
    db->commands = 0;
    db->unread++;
    return 0;
}

// The answer at a place of the round; 1: it was the synchronisation.
static int take(struct postgres_db *db, unsigned place, PGresult *result, const char *during, int *error, PGresult **last)
{
    switch (PQresultStatus(result)) {
    case PGRES_PIPELINE_SYNC:
        PQclear(result);
        return 1;
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
        if (statement_keep(db, place, result))
            return 0;
        PQclear(*last);
        *last = result;
        return 0;
    case PGRES_PIPELINE_ABORTED:   // came after the one that failed
        break;
    default:
        if (*error == 0)
            *error = failure(result, during);
    }
    PQclear(result);
    return 0;
}

// Whether the next answer comes in time. A server that stands still is as good as gone, and is not asked again at once.
static bool comes_in_time(struct postgres_db *db)
{
    const int64_t end = clock_monotonic() + LINK_REPLICA_MS;

    while (PQisBusy(db->link)) {
        struct pollfd wait = { .fd = PQsocket(db->link), .events = POLLIN };
        int64_t left = end - clock_monotonic();
        int got = left > 0 ? poll(&wait, 1, (int)left) : 0;

        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        if (got > 0 && PQconsumeInput(db->link) != 1)
            return true;   // and it says that the connection broke
    }
    return true;
}

// Whether there is a connection to read from.
static bool await(struct postgres_db *db, const char *during)
{
    if (!db->impatient || comes_in_time(db))
        return true;
    log_event(LOG_WARNING, "database", "during=%s meaning=\"no answer within %d ms\"", during, LINK_REPLICA_MS);
    link_lost(db);
    return false;
}

int link_receive(struct postgres_db *db, const char *during, PGresult **ret_last)
{
    PGresult *last = NULL;
    bool nothing = false, end = false;
    unsigned place = 0;
    int error = 0;

    while (!end && await(db, during)) {
        PGresult *result = PQgetResult(db->link);

        // Behind each command's answer stands one nothing; two are the end of the connection.
        if (!result && (nothing || PQstatus(db->link) != CONNECTION_OK))
            break;
        nothing = !result;
        end = result && take(db, place++, result, during, &error, &last) == 1;
    }
    if (!db->link)
        error = -EHOSTDOWN;
    else if (!end || PQstatus(db->link) != CONNECTION_OK)
        error = -ECONNRESET;
    else
        db->unread--;
    // Which of the round's statements were prepared before it failed is not known.
    if (error < 0 && db->naming)
        db->life++;
    db->naming = db->naming && db->unread > 0;
    if (error == 0 && ret_last) {
        *ret_last = last;
        return 0;
    }
    PQclear(last);
    return error;
}

int link_settle(struct postgres_db *db)
{
    int r = 0;

    while (db->unread > 0 && r != -ECONNRESET)
        r = link_receive(db, "end", NULL);
    return r == -ECONNRESET || !db->link ? r : 0;
}

int link_run(struct postgres_db *db, const char *text, PGresult **ret_last)
{
    int r = link_send_queue(db);

    r = r < 0 ? r : link_sent(db, PQsendQueryParams(db->link, text, 0, NULL, NULL, NULL, NULL, 1));
    r = r < 0 ? r : link_end(db);
    return r < 0 ? r : link_receive(db, "transaction", ret_last);
}

int link_finish(struct postgres_db *db)
{
    int r = db->sent ? link_end(db) : 0;

    return r == 0 && db->unread > 0 ? link_receive(db, "sent", NULL) : r;
}

int link_rollback(struct postgres_db *db)
{
    (void)link_finish(db);
    return link_run(db, "ROLLBACK", NULL);
}

void link_abandon(struct postgres_db *db, int error)
{
    if (error == -ECONNRESET && link_holds(db) && link_rollback(db) == 0)
        db->begun = false;
    else
        link_lost(db);
    if (db->db.in_transaction)
        db->db.lost = error;
}
