// SPDX-License-Identifier: MPL-2.0
#include "bare.h"
#include "process.h"

#include "base/cleanup.h"
#include "base/random.h"
#include "crypt/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

// What a post is in the database: its row, the dialogue's head, the writer's reading mark, that there
// is something to tell, the draft that ends, and the log's record.
enum { ADD_POST, NOTE_POST, READ_OWN, NOTE_NEWS, END_DRAFT, ADD_RECORD, PUT_HEAD, BEGIN, COMMIT, STATEMENTS };

static const char *const texts[STATEMENTS] = {
    "INSERT INTO post (dialogue, number, author, created, epoch, version, answers, once, sealed) "
    "VALUES (?1, ?2, ?3, ?4, 1, 1, NULL, ?5, ?6)",
    "UPDATE dialogue SET last_number = ?2, content = content + 1, last_author = ?3, last_at = ?4, "
    "waiting_since = NULL WHERE id = ?1",
    "UPDATE participant SET read_number = ?2 WHERE dialogue = ?1 AND person = ?3 AND read_number = "
    "?2 - 1",
    "INSERT INTO notice_news (dialogue, first, last) VALUES (?1, ?2, ?2) "
    "ON CONFLICT (dialogue) DO UPDATE SET last = excluded.last",
    "DELETE FROM draft WHERE dialogue = ?1 AND person = ?3",
    "INSERT INTO audit_recent (seq, moment, kind, person, dialogue, object, first_post, last_post, mark) "
    "VALUES (?1, ?2, 8, ?3, ?4, ?5, 0, 0, ?6)",
    "UPDATE audit_head SET size = ?1, root = ?2, peaks = ?3, mac = ?4 WHERE id = 1",
    "BEGIN IMMEDIATE",
    "COMMIT",
};

struct bare_posts {
    const struct town *town;
    size_t first; // of the statements from ADD_POST to ADD_RECORD that are run
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENTS];
    int64_t seq;
    int64_t elapsed, cpu; // microseconds, nanoseconds
    int64_t numbers[TOWN_SHOWN];
    uint8_t sealed[SEAL_OVERHEAD + 17 + TOWN_TEXT];
};

static int copy_file(const char *from, const char *to)
{
    _cleanup_(close_descriptor) int in = open(from, O_RDONLY | O_CLOEXEC);
    _cleanup_(close_descriptor) int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (in < 0 || out < 0)
        return -errno;
    for (ssize_t got = 1; got > 0;) {
        got = copy_file_range(in, NULL, out, NULL, 1 << 20, 0);
        if (got < 0)
            return -errno;
    }
    return 0;
}

static int64_t one_number(sqlite3 *db, const char *text, int64_t dialogue)
{
    sqlite3_stmt *stmt = NULL;
    int64_t number = -1;
    if (sqlite3_prepare_v2(db, text, -1, &stmt, NULL) == SQLITE_OK &&
        sqlite3_bind_int64(stmt, 1, dialogue) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW)
        number = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return number;
}

static int prepare(struct bare_posts *posts, const char *path)
{
    // The log as long as the server lets it grow before it is taken into the database.
    static const char settings[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA "
                                   "wal_autocheckpoint = 4096; PRAGMA cache_size = -8192";
    if (sqlite3_open_v2(path, &posts->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
            SQLITE_OK ||
        sqlite3_exec(posts->db, settings, NULL, NULL, NULL) != SQLITE_OK)
        return -EIO;
    for (size_t i = 0; i < STATEMENTS; i++)
        if (sqlite3_prepare_v3(posts->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &posts->statements[i], NULL) != SQLITE_OK)
            return -EIO;
    posts->seq = one_number(posts->db, "SELECT COALESCE((SELECT MAX(seq) FROM audit_recent), (SELECT MAX(seq) FROM audit_indexed), -1) + 1 + 0 * ?1", 0);
    for (size_t i = 0; i < TOWN_SHOWN; i++)
        posts->numbers[i] = one_number(posts->db, "SELECT last_number FROM dialogue WHERE id = ?1",
                                       posts->town->shown[i].id);
    random_bytes(posts->sealed, sizeof(posts->sealed));
    return 0;
}

static bool run(sqlite3_stmt *stmt)
{
    int r = sqlite3_step(stmt);
    sqlite3_reset(stmt);
    return r == SQLITE_DONE;
}

static void bind(sqlite3_stmt *stmt, const int64_t *values, int count)
{
    for (int i = 0; i < count; i++)
        sqlite3_bind_int64(stmt, i + 1, values[i]);
}

static bool write_post(struct bare_posts *posts, size_t shown, int64_t now)
{
    const struct town_dialogue *dialogue = &posts->town->shown[shown];
    sqlite3_stmt **statements = posts->statements;
    int64_t number = ++posts->numbers[shown];
    int64_t author =
        posts->town->people[dialogue->group * TOWN_GROUP + (size_t)number % TOWN_GROUP];
    int64_t once;
    // Fresh bytes where a sealed value has them, at the cost of a counter.
    memcpy(posts->sealed + 17, &posts->seq, sizeof(posts->seq));
    random_bytes(&once, sizeof(once));
    const int64_t post[] = { dialogue->id, number, author, now, once & INT64_MAX };
    const int64_t news[] = { dialogue->id, now };
    const int64_t record[] = { posts->seq++, now, author, dialogue->id, number };
    bind(statements[ADD_POST], post, 5);
    sqlite3_bind_blob(statements[ADD_POST], 6, posts->sealed, sizeof(posts->sealed), SQLITE_STATIC);
    bind(statements[NOTE_POST], post, 4);
    bind(statements[READ_OWN], post, 3);
    bind(statements[NOTE_NEWS], news, 2);
    bind(statements[END_DRAFT], post, 3);
    bind(statements[ADD_RECORD], record, 5);
    sqlite3_bind_blob(statements[ADD_RECORD], 6, posts->sealed, 16, SQLITE_STATIC);
    for (size_t i = posts->first; i <= ADD_RECORD; i++)
        if (!run(statements[i]))
            return false;
    return true;
}

static bool write_batch(struct bare_posts *posts, unsigned batch, int64_t now)
{
    sqlite3_stmt *head = posts->statements[PUT_HEAD];
    bool well = run(posts->statements[BEGIN]);
    for (unsigned i = 0; i < batch && well; i++)
        well = write_post(posts, i % TOWN_SHOWN, now);
    sqlite3_bind_int64(head, 1, posts->seq);
    sqlite3_bind_blob(head, 2, posts->sealed, 32, SQLITE_STATIC);
    sqlite3_bind_blob(head, 3, posts->sealed, 320, SQLITE_STATIC);
    sqlite3_bind_blob(head, 4, posts->sealed, 32, SQLITE_STATIC);
    return well && run(head) && run(posts->statements[COMMIT]);
}

// Batches for that many microseconds on a copy of the town's database; how many rounds of the statements that were.
static int run_batches(struct bare_posts *posts, unsigned batch, int64_t duration, int64_t *ret_written)
{
    struct arena *arena = posts->town->arena;
    const char *from = arena_format(arena, "%s/samtraad.db", posts->town->data).ptr;
    const char *path = arena_format(arena, "%s.bare.db", posts->town->data).ptr;
    int r = from && path ? copy_file(from, path) : -ENOMEM;
    r = r < 0 ? r : prepare(posts, path);
    int64_t begun = process_clock(), now = begun, cpu = process_own_cpu();
    *ret_written = 0;
    for (; r == 0 && now - begun < duration; *ret_written += batch, now = process_clock())
        r = write_batch(posts, batch, now / 1000) ? 0 : -EIO;
    posts->elapsed = now - begun;
    posts->cpu = process_own_cpu() - cpu;
    for (size_t i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(posts->statements[i]);
    sqlite3_close(posts->db);
    if (path)
        unlink(path);
    return r;
}

int bare_posts_run(const struct town *town, unsigned batch, int64_t duration,
                   double *ret_each_second)
{
    struct bare_posts posts = { .town = town, .first = ADD_POST };
    int64_t written;
    int r = run_batches(&posts, batch, duration, &written);
    if (r == 0)
        *ret_each_second = (double)written * 1e6 / (double)posts.elapsed;
    return r;
}

int bare_records_run(const struct town *town, unsigned batch, int64_t duration, double *ret_each)
{
    struct bare_posts posts = { .town = town, .first = ADD_RECORD };
    int64_t written;
    int r = run_batches(&posts, batch, duration, &written);
    if (r == 0)
        *ret_each = (double)posts.cpu / (double)written;
    return r;
}
