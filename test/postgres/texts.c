// SPDX-License-Identifier: MPL-2.0
// texts: runs the PostgreSQL text of every migration and prepares that of every query on
// the real server that SAMTRAAD_POSTGRES names. The first wrong one ends it with its name and the server's message.
#include "store/migration.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

// pg_type.dat of PostgreSQL: what the program can bind and read.
#define PARAMETERS_MAX 64
enum { BYTEA = 17, INT8 = 20, INT4 = 23, TEXT = 25 };

static bool is_known(Oid type)
{
    return type == BYTEA || type == INT8 || type == INT4 || type == TEXT;
}

static bool run(PGconn *connection, const char *name, const char *text)
{
    PGresult *result = PQexec(connection, text);
    bool good = PQresultStatus(result) == PGRES_COMMAND_OK;

    if (!good)
        fprintf(stderr, "migration %s: %s", name, PQerrorMessage(connection));
    PQclear(result);
    return good;
}

static bool has_declared_shape(const PGresult *shape, const struct db_query *query)
{
    if ((unsigned)PQnparams(shape) != query->parameters ||
        (unsigned)PQnfields(shape) != query->columns) {
        fprintf(stderr, "query %s: has %d parameters and %d columns, declares %u and %u\n",
                query->name, PQnparams(shape), PQnfields(shape), query->parameters, query->columns);
        return false;
    }
    for (int i = 0; i < PQnparams(shape); i++) {
        if (!is_known(PQparamtype(shape, i))) {
            fprintf(stderr, "query %s: parameter %d is of type %u\n", query->name, i + 1,
                    PQparamtype(shape, i));
            return false;
        }
    }
    for (int i = 0; i < PQnfields(shape); i++) {
        if (!is_known(PQftype(shape, i))) {
            fprintf(stderr, "query %s: column %s is of type %u (a cast to BIGINT helps)\n",
                    query->name, PQfname(shape, i), PQftype(shape, i));
            return false;
        }
    }
    return true;
}

static bool prepare(PGconn *connection, const struct db_query *query)
{
    Oid types[PARAMETERS_MAX];
    PGresult *result;
    bool good;

    for (unsigned i = 0; i < query->parameters && i < PARAMETERS_MAX; i++)
        types[i] = query->types[i] == 'i' ? INT8 : query->types[i] == 't' ? TEXT : BYTEA;
    result = PQprepare(connection, query->name, query->postgres, (int)query->parameters, types);
    good = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    if (!good) {
        fprintf(stderr, "query %s: %s", query->name, PQerrorMessage(connection));
        return false;
    }
    result = PQdescribePrepared(connection, query->name);
    good = PQresultStatus(result) == PGRES_COMMAND_OK && has_declared_shape(result, query);
    PQclear(result);
    return good;
}

// What a writer keeps beside the migrations' tables.
static bool make_own_table(const char *name)
{
    struct db *db;

    if (db_open(name, DB_WRITE, &db) < 0)
        return false;
    db_close(db);
    return true;
}

int main(void)
{
    const struct db_query *const *queries;
    size_t count = db_queries(&queries), wrong = 0;
    const char *server = getenv("SAMTRAAD_POSTGRES");
    char name[200];

    snprintf(name, sizeof(name), "%s/postgres", server ? server : "");
    PGconn *connection = PQconnectdb(name);

    if (PQstatus(connection) != CONNECTION_OK) {
        fprintf(stderr, "%s", PQerrorMessage(connection));
        PQfinish(connection);
        return 2;
    }
    wrong += !make_own_table(name);
    wrong += !run(connection, "table", migration_table());
    for (unsigned i = 0; i < migrations_count; i++)
        wrong += !run(connection, migrations[i].name, migrations[i].postgres);
    for (size_t i = 0; i < count; i++)
        wrong += !prepare(connection, queries[i]);
    PQfinish(connection);
    printf("%u migrations, %zu queries, %zu wrong\n", migrations_count, count, wrong);
    return wrong > 0 || count == 0 || migrations_count == 0;
}
