// SPDX-License-Identifier: MPL-2.0
// From one database to another of either kind. What is done in which order, and what a crash leaves: docs/adr/0028-move.md.
#include "command/command.h"

#include "base/buf.h"
#include "base/clock.h"
#include "command/installation.h"
#include "store/migration.h"
#include "store/moved.h"
#include "store/rows.h"

#include <errno.h>
#include <sodium.h>

#define ARENA_MAX ((size_t)16 << 20)
#define TELL_MS 2000

struct move {
    const struct options *options;
    const char *from_name, *to_name;
    struct installation installation;   // the lock and the keeper; installation.db is the database that is left, as its only writer
    struct db *from, *to;               // what is read, and what is filled
    struct moved left, filled;          // the notes in both
    struct arena *arena;
    const struct table *tables;
    size_t count;
    int64_t told_at;   // monotonic ms
};

static int refuse(int error, const char *what, const char *name)
{
    fprintf(stderr, "samtraad: %s: %s\n", what, name);
    return error;
}

static int open_database(const char *name, const char *what, enum db_mode mode, struct db **ret_db)
{
    int r = db_open(name, mode, ret_db);

    if (r < 0)
        fprintf(stderr, "samtraad: the database %s can't be opened: %s\n", what, r == -EBUSY ? "another samtraad works with it; stop it first" : strerror(-r));
    return r;
}

static int check_left(struct move *move)
{
    int r = moved_read(move->installation.db, &move->left);

    r = r < 0 ? r : migration_compare(move->installation.db);
    if (r == -ESTALE)
        return refuse(r, "the database to move from is not of this program's version. Start the server of this version on it once, or run \"samtraad init\"",
                      move->from_name);
    if (r < 0)
        return refuse(r, "the database to move from can't be read", move->from_name);
    return move->left.state == MOVED_FILLING ? refuse(-EINVAL, "a move to this database is not finished; it can't be moved on", move->from_name) : 0;
}

// Its only writer until this program ends: a server on a database server is refused from now on, one on a file by the folder's lock.
static int open_left(struct move *move)
{
    int r = db_probe(move->from_name);

    if (r < 0)
        return refuse(r, r == -ENOENT ? "there is no database to move from" : "the database to move from can't be reached", move->from_name);
    r = open_database(move->from_name, "to move from", DB_WRITE, &move->installation.db);
    r = r < 0 ? r : check_left(move);
    return r < 0 ? r : open_database(move->from_name, "to move from", DB_READ, &move->from);
}

// The note comes first, so that at each later moment the database is known as one that is being filled.
static int begin_filling(struct move *move)
{
    move->filled = (struct moved){ .state = MOVED_FILLING, .since = clock_now(clock_system()) };
    randombytes_buf(&move->filled.move, sizeof(move->filled.move));
    return moved_write(move->to, &move->filled);
}

// 0: it may be filled; 1: the move was finished before.
static int check_filled(struct move *move)
{
    int r = moved_read(move->to, &move->filled);

    if (r < 0)
        return r;
    const bool same = move->filled.move == move->left.move && move->left.state == MOVED_LEFT;
    if (move->filled.state == MOVED_HERE && same)
        return 1;
    if (move->filled.state != MOVED_FILLING)
        return refuse(-EEXIST, "the database to move to is not empty, and no unfinished move", move->to_name);
    if (move->left.state == MOVED_LEFT && !same)
        return refuse(-EEXIST, "the installation was moved to another database already", move->from_name);
    printf("going on with a move that was cut off\n");
    return 0;
}

static int open_filled(struct move *move)
{
    const bool remote = db_is_remote(move->to_name);
    int r = strcmp(move->from_name, move->to_name) == 0 ? refuse(-EINVAL, "that is one database, not two", move->to_name) : db_probe(move->to_name);

    if (r < 0 && r != -ENOENT)
        return remote ? refuse(r, "the database to move to can't be reached (it has to be there, empty)", move->to_name) : r;
    r = open_database(move->to_name, "to move to", DB_WRITE, &move->to);
    r = r < 0 ? r : migration_prepare(move->to);
    if (r < 0)
        return r;
    if (r == 0 && move->left.state == MOVED_LEFT)
        return refuse(-EEXIST, "the installation was moved to another database already", move->from_name);
    r = r == 0 ? begin_filling(move) : check_filled(move);
    if (r == 0)
        r = migration_apply(move->to, migrations, migrations_count, clock_now(clock_system()));
    return r == -ESTALE ? refuse(r, "the unfinished move was begun by another version; give it an empty database", move->to_name) : r;
}

static void tell_rows(void *context, const struct table *table, int64_t rows)
{
    struct move *move = context;

    if (clock_monotonic() - move->told_at < TELL_MS)
        return;
    move->told_at = clock_monotonic();
    printf("%-18s  %lld rows …\n", table->name, (long long)rows);
    fflush(stdout);
}

static int copy_all(struct move *move)
{
    const struct rows_told told = { move, tell_rows };
    int r = db_begin_read(move->from);

    if (r < 0)
        return r;
    for (size_t i = 0; i < move->count && r == 0; i++) {
        r = rows_sync(move->from, move->to, &move->tables[i], &told);
        if (r < 0 && r != -EEXIST)
            fprintf(stderr, "samtraad: the rows of the table %s were not all brought over\n", move->tables[i].name);
    }
    db_rollback(move->from);
    return r;
}

// -EBADMSG: the rows differ.
static int compare(struct move *move, const struct table *table)
{
    _cleanup_(buf_free) struct buf text = buf_bounded(2 * ROW_HASH + 1);
    uint8_t left[ROW_HASH], filled[ROW_HASH];
    int64_t left_rows = 0, filled_rows = 0;
    int r = rows_hash(move->from, table, left, &left_rows);

    r = r < 0 ? r : rows_hash(move->to, table, filled, &filled_rows);
    if (r < 0)
        return r;
    if (left_rows != filled_rows || memcmp(left, filled, ROW_HASH) != 0)
        return refuse(-EBADMSG, "the rows are not the same in both databases", table->name);
    buf_hex(&text, bytes_from(left, sizeof(left)));
    printf("%-18s  %10lld rows  %.*s\n", table->name, (long long)left_rows, (int)text.len, buf_view(&text).ptr);
    fflush(stdout);
    return text.error;
}

static int compare_all(struct move *move)
{
    int r = db_begin_read(move->from);

    if (r < 0)
        return r;
    r = db_begin_read(move->to);
    if (r == 0) {
        for (size_t i = 0; i < move->count && r == 0; i++)
            r = compare(move, &move->tables[i]);
        db_rollback(move->to);
    }
    db_rollback(move->from);
    return r;
}

// A row that was changed since the move was cut off, and that others refer to, can't be replaced.
static int bring(struct move *move)
{
    int r = copy_all(move);

    if (r == -EEXIST) {
        printf("the rows differ: the old database was worked with since the move was begun, so it begins anew\n");
        r = rows_clear(move->to, move->tables, move->count);
        r = r < 0 ? r : copy_all(move);
    }
    return r < 0 ? r : compare_all(move);
}

// What PostgreSQL chooses its ways by; until it looks by itself, it would take each table for a small one.
static int count_anew(struct db *db)
{
    int r = db_begin_write(db);

    if (r < 0)
        return r;
    r = db_script(db, "", "ANALYZE");
    r = r < 0 ? r : db_commit(db);
    if (r < 0)
        db_rollback(db);
    return r;
}

static int check_log(struct move *move)
{
    struct audit_report report = { 0 };
    int r = audit_verify(move->to, move->installation.keeper, move->options->checkpoints, &report);

    if (r < 0)
        return r;
    if (report.problem)
        return refuse(-EBADMSG, "the log does not hold, nothing was changed; \"samtraad verify\" tells whether it did before", report.problem);
    printf("the log holds: %llu records, %llu checkpoints\n", (unsigned long long)report.records, (unsigned long long)report.checkpoints);
    return 0;
}

// First the old one is closed, then the new one opened: at no moment are there two.
static int hand_over(struct move *move)
{
    const int64_t now = clock_now(clock_system());
    int r = moved_write(move->installation.db, &(struct moved){ MOVED_LEFT, move->filled.move, now });

    return r < 0 ? r : moved_write(move->to, &(struct moved){ MOVED_HERE, move->filled.move, now });
}

static int carry_out(struct move *move)
{
    int r = arena_new(ARENA_MAX, &move->arena);

    r = r < 0 ? r : tables_read(move->arena, &move->tables, &move->count);
    r = r < 0 ? r : bring(move);
    r = r < 0 ? r : count_anew(move->to);
    r = r < 0 ? r : check_log(move);
    r = r < 0 ? r : hand_over(move);
    if (r < 0)
        fprintf(stderr, "samtraad: the move is not finished: %s. The same command goes on where it was\n", strerror(-r));
    return r;
}

static int undo(struct move *move)
{
    if (move->left.state != MOVED_LEFT)
        return refuse(-EINVAL, "no installation was moved away from this database", move->from_name);
    int r = moved_write(move->installation.db, &(struct moved){ .state = MOVED_NEVER });
    if (r == 0)
        printf("The database %s may be worked with again. What was written to the other one since is not in it.\n", move->from_name);
    return r;
}

static int run_move(struct move *move)
{
    int r = installation_lock(move->options, false, &move->installation);

    r = r < 0 ? r : open_left(move);
    if (r == 0 && move->options->undo)
        return undo(move);
    r = r < 0 ? r : installation_open_keeper(move->options, &move->installation);
    r = r < 0 ? r : open_filled(move);
    if (r == 0)
        r = carry_out(move);
    if (r >= 0)
        printf("The installation is in its new database%s. In the configuration file has to stand:\n    database = %s\n"
               "The old database is kept as it was, and no server starts on it. Remove it when you are sure.\n",
               r > 0 ? " already" : "", move->to_name);
    return r;
}

static int run(const struct options *options)
{
    struct move move = {
        .options = options,
        .installation = { .lock = -1 },
        .from_name = options->from ? options->from : options->database,
        .to_name = options->to,
    };
    int r = installation_harden();

    if (!options->to && !options->undo)
        r = refuse(-EINVAL, "say where to", "samtraad move --to NAME");
    r = r < 0 ? r : run_move(&move);
    db_close(move.to);
    db_close(move.from);
    installation_close(&move.installation);
    arena_free(move.arena);
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct command command_move = {
    .name = "move",
    .summary = "brings an installation from one database to another: SQLite, PostgreSQL",
    .explanation = "The server is stopped. --to is a file that is not there, or an empty database on a server. All rows are brought over and\n"
                   "compared by their hashes, the log is checked, and the old database is marked as left. Cut off at any moment, the same\n"
                   "command goes on. Key, shares, files and checkpoints stay where they are. --undo --from NAME takes the mark away again,\n"
                   "for whoever gives up what was written to the new database.\n",
    .options = OPTION_DATA | OPTION_KEY | OPTION_CONFIG | OPTION_DATABASE | OPTION_FROM | OPTION_TO | OPTION_UNDO,
    .run = run,
};
