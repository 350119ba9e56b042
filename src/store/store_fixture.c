// SPDX-License-Identifier: MPL-2.0
#include "store/store_fixture.h"

#include <errno.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <unistd.h>

DB_QUERY(note_add, "test.note_add", "INSERT INTO note (id, text) VALUES (?1, ?2)",
         "INSERT INTO note (id, text) VALUES ($1, $2)", 2, 0, "it");
DB_QUERY(note_count, "test.note_count", "SELECT count(*) FROM note", "SELECT count(*) FROM note", 0, 1, "");
static const char *server(void)
{
    return getenv("SAMTRAAD_POSTGRES");
}

bool store_place_is_remote(void)
{
    return server() != NULL;
}

static int ask_server(const char *format, const char *database)
{
    char text[160], name[160];
    PGresult *result;
    PGconn *link;
    int r;

    snprintf(name, sizeof(name), "%s/postgres", server());
    link = PQconnectdb(name);
    snprintf(text, sizeof(text), format, database);
    result = PQexec(link, text);
    r = PQresultStatus(result) == PGRES_COMMAND_OK ? 0 : -EIO;
    if (r < 0)
        fprintf(stderr, "%s: %s\n", text, PQerrorMessage(link));
    PQclear(result);
    PQfinish(link);
    return r;
}

int store_place_make(struct store_place *place)
{
    memcpy(place->folder, "/tmp/samtraad-store-XXXXXX", sizeof("/tmp/samtraad-store-XXXXXX"));
    if (!mkdtemp(place->folder))
        return -errno;
    snprintf(place->name, sizeof(place->name), "%s/database", place->folder);
    if (!server())
        return 0;
    snprintf(place->name, sizeof(place->name), "%s/%s", server(), place->folder + 5);
    return ask_server("CREATE DATABASE \"%s\"", place->folder + 5);
}

void store_place_remove(struct store_place *place)
{
    static const char *const endings[] = { "", "-wal", "-shm" };

    if (server())
        ask_server("DROP DATABASE \"%s\"", place->folder + 5);
    for (size_t i = 0; i < 3 && !server(); i++) {
        char path[sizeof(place->name) + 8];

        snprintf(path, sizeof(path), "%s%s", place->name, endings[i]);
        unlink(path);
    }
    rmdir(place->folder);
}

void store_end_sessions(const struct store_place *place)
{
    PGconn *link = PQconnectdb(place->name);

    PQclear(PQexec(link, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                         " WHERE datname = current_database() AND pid <> pg_backend_pid()"));
    PQfinish(link);
}

int store_set_up(void **state, const char *sqlite, const char *postgres)
{
    struct store_test *test = calloc(1, sizeof(*test));

    if (!test || store_place_make(&test->store) < 0)
        return -1;
    *state = test;
    if (db_open(test->store.name, DB_WRITE, &test->db) < 0 || db_begin_write(test->db) < 0 || db_script(test->db, sqlite, postgres) < 0)
        return -1;
    return db_commit(test->db);
}

int store_tear_down(void **state)
{
    struct store_test *test = *state;

    db_close(test->db);
    store_place_remove(&test->store);
    free(test);
    return 0;
}

static int add(struct db *db, int64_t id, struct str text, int (*how)(struct db_stmt *stmt))
{
    struct db_stmt *stmt;
    int r = db_start(db, &note_add, &stmt);

    if (r < 0)
        return r;
    db_bind_int(stmt, 1, id);
    db_bind_text(stmt, 2, text);
    r = how(stmt);
    db_end(stmt);
    return r;
}

int store_note_add(struct db *db, int64_t id, struct str text)
{
    return add(db, id, text, db_step);
}

int store_note_send(struct db *db, int64_t id, struct str text)
{
    return add(db, id, text, db_send);
}

int64_t store_note_count(struct db *db)
{
    struct db_stmt *stmt;
    int64_t count = -1;

    if (db_start(db, &note_count, &stmt) < 0)
        return -1;
    if (db_step(stmt) == 1)
        count = db_int(stmt, 0);
    if (db_step(stmt) != 0 || db_step(stmt) != 0)   // one row, and then none
        count = -1;
    db_end(stmt);
    return count;
}
