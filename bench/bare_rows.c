// SPDX-License-Identifier: MPL-2.0
#include "bare_rows.h"

#include "store/db.h"

#include <endian.h>
#include <errno.h>
#include <libpq-fe.h>
#include <sqlite3.h>

enum { NUMBER, AUTHOR, CREATED, EPOCH, VERSION, EDITED, ANSWERS, SEALED };

#define COLUMNS "SELECT number, author, created, epoch, version, edited, answers, sealed FROM post WHERE dialogue = "
#define BINARY 1

struct bare_rows {
    sqlite3 *db; // one of the two
    sqlite3_stmt *posts;
    PGconn *link;
    PGresult *result;
    int row;
};

static bool open_file(struct bare_rows *rows, const char *path)
{
    bool well = sqlite3_open_v2(path, &rows->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK &&
                sqlite3_exec(rows->db, "PRAGMA query_only = ON; PRAGMA cache_size = -8192", NULL, NULL, NULL) == SQLITE_OK &&
                sqlite3_prepare_v3(rows->db, COLUMNS "?1 AND number < ?2 ORDER BY number DESC LIMIT ?3", -1, SQLITE_PREPARE_PERSISTENT, &rows->posts,
                                   NULL) == SQLITE_OK;
    sqlite3_busy_timeout(rows->db, 5000);
    return well;
}

static bool open_link(struct bare_rows *rows, const char *url)
{
    rows->link = PQconnectdb(url);
    PGresult *result = PQprepare(rows->link, "posts", COLUMNS "$1 AND number < $2 ORDER BY number DESC LIMIT $3", 0, NULL);
    bool well = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    return well;
}

int bare_rows_open(const struct town *town, struct bare_rows **ret_rows)
{
    struct bare_rows *rows = calloc(1, sizeof(*rows));
    if (!rows)
        return -ENOMEM;
    if (!(db_is_remote(town->database) ? open_link : open_file)(rows, town->database)) {
        bare_rows_close(rows);
        return -EIO;
    }
    *ret_rows = rows;
    return 0;
}

void bare_rows_close(struct bare_rows *rows)
{
    if (!rows)
        return;
    sqlite3_finalize(rows->posts);
    sqlite3_close(rows->db);
    PQclear(rows->result);
    PQfinish(rows->link);
    free(rows);
}

int bare_rows_ask(struct bare_rows *rows, int64_t dialogue, int64_t count)
{
    if (!rows->link) {
        sqlite3_bind_int64(rows->posts, 1, dialogue);
        sqlite3_bind_int64(rows->posts, 2, INT64_MAX);
        sqlite3_bind_int64(rows->posts, 3, count);
        return 0;
    }
    int64_t wire[] = { (int64_t)htobe64((uint64_t)dialogue), (int64_t)htobe64(INT64_MAX), (int64_t)htobe64((uint64_t)count) };
    const char *values[] = { (char *)&wire[0], (char *)&wire[1], (char *)&wire[2] };
    static const int lengths[] = { 8, 8, 8 }, formats[] = { BINARY, BINARY, BINARY };
    PQclear(rows->result);
    rows->row = 0;
    rows->result = PQexecPrepared(rows->link, "posts", 3, values, lengths, formats, BINARY);
    return PQresultStatus(rows->result) == PGRES_TUPLES_OK ? 0 : -EIO;
}

static int64_t integer(const PGresult *result, int row, int column)
{
    uint64_t wire;
    memcpy(&wire, PQgetvalue(result, row, column), sizeof(wire));
    return (int64_t)be64toh(wire);
}

int bare_rows_next(struct bare_rows *rows, struct bare_row *ret_row)
{
    if (!rows->link) {
        int r = sqlite3_step(rows->posts);
        if (r != SQLITE_ROW) {
            sqlite3_reset(rows->posts);
            return r == SQLITE_DONE ? 0 : -EIO;
        }
        *ret_row = (struct bare_row){ sqlite3_column_int64(rows->posts, NUMBER), sqlite3_column_int64(rows->posts, EPOCH),
                                      sqlite3_column_int64(rows->posts, VERSION),
                                      bytes_from(sqlite3_column_blob(rows->posts, SEALED), (size_t)sqlite3_column_bytes(rows->posts, SEALED)) };
        return 1;
    }
    if (rows->row >= PQntuples(rows->result))
        return 0;
    int row = rows->row++;
    *ret_row = (struct bare_row){ integer(rows->result, row, NUMBER), integer(rows->result, row, EPOCH), integer(rows->result, row, VERSION),
                                  bytes_from(PQgetvalue(rows->result, row, SEALED), (size_t)PQgetlength(rows->result, row, SEALED)) };
    return 1;
}
