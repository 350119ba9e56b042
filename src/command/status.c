// SPDX-License-Identifier: MPL-2.0
#include "command/command.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "command/figures.h"
#include "command/installation.h"
#include "command/roster.h"
#include "command/rotation.h"
#include "command/version.h"
#include "store/moved.h"

#include <errno.h>
#include <stdarg.h>

#define SESSION_MS (30 * MINUTE_MS)
#define CHECKPOINT_LATE_MS (15 * MINUTE_MS)   // a running server signs every five
#define MAIL_LATE_MS (2 * HOUR_MS)            // seven tries, with the defaults
#define CLOCKS_APART_MS (5 * MINUTE_MS)
#define BACKUP_LATE_MS (26 * HOUR_MS)         // one each night, and what it takes
#define WAL_LARGE (INT64_C(1) << 30)

struct line {
    const char *name;
    const char *attention;   // NULL: all is well
};

// "name      value  ! what to look at"
__attribute__((format(printf, 2, 3))) static bool print(struct line line, const char *format, ...)
{
    va_list arguments;

    printf("%-16s", line.name);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf(line.attention ? "  ! %s\n" : "%s\n", line.attention ? line.attention : "");
    return line.attention != NULL;
}

// "2026-11-30 02:40:40 UTC", or "never".
static const char *moment(int64_t ms, char text[32])
{
    const struct civil date = clock_date(ms / DAY_MS);
    const int seconds = (int)(ms % DAY_MS / SECOND_MS);

    if (ms == 0)
        return "never";
    snprintf(text, 32, "%04d-%02d-%02d %02d:%02d:%02d UTC", date.year, date.month, date.day, seconds / 3600, seconds / 60 % 60, seconds % 60);
    return text;
}

static const char from_the_future[] = "that is in the future: this machine's clock is wrong, or was then";

static const char *about_checkpoint(const struct figures *figures, bool running, int64_t now)
{
    if (figures->checkpoint_ms == 0 || figures->checkpoint_records > figures->log_records)
        return "the checkpoints do not belong to this database; run \"samtraad verify\"";
    if (figures->checkpoint_ms > now + CLOCKS_APART_MS)
        return from_the_future;
    return running && figures->checkpoint_records < figures->log_records && now - figures->checkpoint_ms > CHECKPOINT_LATE_MS
               ? "none has been signed for a while though people work; look into the log"
               : NULL;
}

static const char *about_mail(const struct figures *figures, int64_t now)
{
    if (figures->mail_given_up > 0)
        return "an administrator looks at what was given up";
    return figures->mail_oldest_ms > 0 && now - figures->mail_oldest_ms > MAIL_LATE_MS
               ? "the mail server has not taken one for hours; event=mail in the log tells why"
               : NULL;
}

static const char *about_backup(const struct figures *figures, int64_t now)
{
    if (figures->backup_ms > now + CLOCKS_APART_MS)
        return from_the_future;
    return now - figures->backup_ms > BACKUP_LATE_MS ? "run \"samtraad backup\" each night" : NULL;
}

// How many lines ask for attention.
static int print_figures(const struct figures *f, bool running, int64_t now)
{
    char text[32];
    int attention = 0;

    attention += print((struct line){ "database", NULL }, "%lld bytes", (long long)f->database_bytes);
    if (f->wal_bytes >= 0)
        attention += print((struct line){ "write-ahead log", f->wal_bytes > WAL_LARGE ? "it is not worked off; does something read for hours?" : NULL },
                           "%lld bytes", (long long)f->wal_bytes);
    attention += print((struct line){ "log", NULL }, "%lld records", (long long)f->log_records);
    attention += print((struct line){ "checkpoint", about_checkpoint(f, running, now) }, "%s, of %lld records", moment(f->checkpoint_ms, text),
                       (long long)f->checkpoint_records);
    attention += print((struct line){ "sessions", NULL }, "%lld in use", (long long)f->sessions);
    attention += print((struct line){ "mail", about_mail(f, now) },
                       "%lld waiting, %lld of them failing, %lld given up", (long long)f->mail_waiting, (long long)f->mail_failing,
                       (long long)f->mail_given_up);
    attention += print((struct line){ "journal", f->deliveries_failed > 0 ? "coordinators have to send these again" : NULL },
                       "%lld to hand over, %lld not answered, %lld failed or refused", (long long)f->deliveries, (long long)f->receipts,
                       (long long)f->deliveries_failed);
    attention += print((struct line){ "last backup", about_backup(f, now) }, "%s", moment(f->backup_ms, text));
    return attention;
}

// The servers that live, and what the rotation of the master key has come to as they tell it.
struct servers {
    unsigned count;
    int64_t newest, lowest;   // master keys that any of them knows; 0: none has told
};

static int servers_look(const struct options *options, struct servers *ret_servers)
{
    _cleanup_(close_descriptor) int fd = -1;
    struct rotation_state state;
    uint64_t live = 0;
    int r = roster_open(options, &fd);

    r = r < 0 ? r : roster_read(fd, &live);
    *ret_servers = (struct servers){ 0 };
    for (unsigned i = 0; i < NODES_MAX; i++) {
        if ((live >> i & 1) == 0)
            continue;
        ret_servers->count++;
        if (rotation_state_read(options, i + 1, &state) < 0)
            continue;
        if (state.newest > ret_servers->newest)
            ret_servers->newest = state.newest;
        if (state.lowest < ret_servers->lowest || ret_servers->lowest == 0)
            ret_servers->lowest = state.lowest;
    }
    return r == -ENOENT ? 0 : r;
}

static int print_servers(const struct options *options, const struct servers *servers, bool running)
{
    const struct line line = { "server", running ? NULL : "start it" };
    int attention = options->nodes > 1 && running ? print(line, "running, %u of them", servers->count) : print(line, running ? "running" : "not running");

    if (servers->newest > servers->lowest)
        attention += print((struct line){ "master key", "if \"samtraad rotate\" does not run, run it again: it goes on" }, "%lld is being brought in for %lld",
                           (long long)servers->newest, (long long)servers->lowest);
    return attention;
}

static int run(const struct options *options)
{
    const int64_t now = clock_now(clock_system());
    struct figures figures;
    struct db *db = NULL;
    bool running = false;
    struct servers servers;

    log_threshold(LOG_ERROR);
    int r = installation_is_running(options, &running);
    r = r < 0 ? r : servers_look(options, &servers);
    r = r < 0 ? r : db_open(options->database, DB_READ, &db);
    r = r < 0 ? r : moved_check(db);
    r = r < 0 ? r : figures_read(options, db, now - SESSION_MS, &figures);
    db_close(db);
    if (r < 0) {
        fprintf(stderr, "samtraad: the data folder %s%s can't be read: %s\n", options->data, db_is_remote(options->database) ? " and the database on its server" : "",
                r == -EREMCHG ? "the installation was moved to another database than the configuration says" : strerror(-r));
        return EXIT_FAILURE;
    }
    int attention = print_servers(options, &servers, running);
    print((struct line){ "version", NULL }, "%s", SAMTRAAD_VERSION);
    attention += print_figures(&figures, running, now);
    return attention > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct command command_status = {
    .name = "status",
    .summary = "says how the installation is, for people and for monitoring",
    .explanation = "Ends with 0 when all is well and with 1 when something asks for attention: those lines have a \"!\".\n"
                   "Nothing in it is about anybody. Needs neither the master key nor the shares.\n",
    .options = OPTIONS_FOLDER,
    .run = run,
};
