// SPDX-License-Identifier: MPL-2.0
// pgbench as the reference of posts on PostgreSQL: prepared statements, all of a transaction in one pipeline.
#include "bare.h"
#include "postgres.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/random.h"
#include "crypt/seal.h"

#include <errno.h>
#include <stdio.h>

#define SCRIPT_MAX ((size_t)4 << 20)
#define SEALED (SEAL_OVERHEAD + 17 + TOWN_TEXT)
#define PEAKS 320
#define ROOT 32
#define MARK 16

// Where a dialogue's posts and the log go on: variables that count where one client writes, by chance where many do.
enum numbers { COUNTED, DRAWN };

// Sets the variables of the next post of a dialogue, and writes what a post is; bare_posts.c has the same.
static void put_variables(const struct town *town, size_t shown, enum numbers numbers, struct buf *script)
{
    const int64_t *group = town->people + town->shown[shown].group * TOWN_GROUP;
    if (numbers == COUNTED)
        buf_format(script, "\\set n%zu :n%zu + 1\n\\set n :n%zu\n\\set seq :seq + 1\n", shown, shown, shown);
    else
        buf_str(script, STR("\\set n random(2000000, 9000000000000000000)\n\\set seq random(2000000000, 9000000000000000000)\n\\set now :now + 1\n"));
    buf_format(script,
               "\\set once random(1, 9000000000000000000)\n"
               "\\set author case when :n %% 4 = 0 then %lld when :n %% 4 = 1 then %lld when :n %% 4 = 2 then %lld else %lld end\n",
               (long long)group[0], (long long)group[1], (long long)group[2], (long long)group[3]);
}

static void put_post(const struct town *town, size_t shown, struct buf *script)
{
    long long id = town->shown[shown].id;
    buf_format(script,
               "INSERT INTO post (dialogue, number, author, created, epoch, version, answers, once, sealed)"
               " VALUES (%lld, :n, :author, :now, 1, 1, NULL, :once, :sealed);\n"
               "UPDATE dialogue SET last_number = :n, content = content + 1, last_author = :author, last_at = :now, waiting_since = NULL WHERE id = %lld;\n"
               "UPDATE participant SET read_number = :n WHERE dialogue = %lld AND person = :author AND read_number = CAST(:n AS bigint) - 1;\n"
               "INSERT INTO notice_news (dialogue, first, last) VALUES (%lld, :now, :now) ON CONFLICT (dialogue) DO UPDATE SET last = excluded.last;\n"
               "DELETE FROM draft WHERE dialogue = %lld AND person = :author;\n"
               "INSERT INTO audit_indexed (seq, moment, kind, person, dialogue, object, first_post, last_post, mark)"
               " VALUES (:seq, :now, 8, :author, %lld, :n, 0, 0, :mark);\n",
               id, id, id, id, id, id);
}

static void put_end(struct buf *script)
{
    buf_str(script, STR("UPDATE audit_head SET size = :seq, root = :root, peaks = :peaks, mac = :root WHERE id = 1;\nCOMMIT;\n\\endpipeline\n"));
}

static int save(const struct buf *script, const char *path)
{
    FILE *file = script->error ? NULL : fopen(path, "we");
    bool well = file && fwrite(script->data, 1, script->len, file) == script->len;
    return file && fclose(file) == 0 && well ? 0 : -EIO;
}

// All posts of a transaction in one script.
static int write_batch(const struct town *town, unsigned batch, const char *path)
{
    _cleanup_(buf_free) struct buf script = buf_bounded(SCRIPT_MAX);
    buf_str(&script, STR("\\set now :now + 1\n\\startpipeline\nBEGIN;\n"));
    for (unsigned i = 0; i < batch; i++) {
        put_variables(town, i % TOWN_SHOWN, COUNTED, &script);
        put_post(town, i % TOWN_SHOWN, &script);
    }
    put_end(&script);
    return save(&script, path);
}

// A post each; which of the scripts a client runs is drawn for each transaction.
static int write_single(const struct town *town, size_t shown, const char *path)
{
    _cleanup_(buf_free) struct buf script = buf_bounded(SCRIPT_MAX);
    put_variables(town, shown, DRAWN, &script);
    buf_str(&script, STR("\\startpipeline\nBEGIN;\n"));
    put_post(town, shown, &script);
    put_end(&script);
    return save(&script, path);
}

// The scripts, and the options of pgbench that name them.
static int write_scripts(const struct town *town, unsigned clients, unsigned batch, struct buf *command)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < (clients == 1 ? 1 : TOWN_SHOWN); i++) {
        const char *path = arena_format(town->arena, "%s.pgbench-%zu", town->data, i).ptr;
        r = !path ? -ENOMEM : clients == 1 ? write_batch(town, batch, path) : write_single(town, i, path);
        buf_format(command, " -f '%s'", path ? path : "");
    }
    return r;
}

// -D NAME=\x… of so many bytes, at most SEALED.
static void put_bytes(struct buf *command, const char *name, size_t count)
{
    uint8_t bytes[SEALED];
    random_bytes(bytes, count);
    buf_format(command, " -D '%s=\\x", name);
    buf_hex(command, bytes_from(bytes, count));
    buf_char(command, '\'');
}

static int run(const char *command, double *ret_transactions)
{
    static const char before[] = "tps = ";
    char line[512];
    FILE *out = popen(command, "re");
    *ret_transactions = 0;
    while (out && fgets(line, sizeof(line), out))
        if (strncmp(line, before, sizeof(before) - 1) == 0)
            *ret_transactions = strtod(line + sizeof(before) - 1, NULL);
    return out && pclose(out) == 0 && *ret_transactions > 0 ? 0 : -EPROTO;
}

int bare_pgbench_run(const struct town *town, unsigned clients, unsigned batch, unsigned seconds, double *ret_each_second)
{
    _cleanup_(buf_free) struct buf command = buf_bounded(SCRIPT_MAX);
    const char *database = arena_format(town->arena, "%s_bare", town->database).ptr;
    double transactions = 0;
    // More than what any post of the town has, so that no row is there already.
    buf_format(&command, "exec pgbench -n -c %u -j 1 -T %u -M prepared -D now=2000000000000 -D seq=1000000000", clients, seconds);
    int r = database ? write_scripts(town, clients, batch, &command) : -ENOMEM;
    r = r < 0 ? r : postgres_create(database, town->database);
    if (r < 0)
        return r;
    for (size_t i = 0; i < TOWN_SHOWN; i++)
        buf_format(&command, " -D n%zu=1000000", i);
    put_bytes(&command, "sealed", SEALED);
    put_bytes(&command, "peaks", PEAKS);
    put_bytes(&command, "root", ROOT);
    put_bytes(&command, "mark", MARK);
    buf_format(&command, " '%s'", database);
    buf_char(&command, '\0');
    r = command.error ? command.error : run(command.data, &transactions);
    int dropped = postgres_drop(database);
    *ret_each_second = transactions * batch;
    return r < 0 ? r : dropped;
}
