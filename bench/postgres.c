// SPDX-License-Identifier: MPL-2.0
#include "postgres.h"

#include <errno.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define URL_MAX 512

static const char *name_of(const char *database)
{
    return strrchr(database, '/') + 1;
}

// Asks the server in the database that is always there.
static PGresult *ask(const char *database, const char *text)
{
    char url[URL_MAX];
    (void)snprintf(url, sizeof(url), "%.*spostgres", (int)(name_of(database) - database), database);
    PGconn *link = PQconnectdb(url);
    PQclear(PQexec(link, "SET client_min_messages = warning"));
    PGresult *result = PQexec(link, text);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        (void)fprintf(stderr, "bench: %s: %s", text, PQerrorMessage(link));
    PQfinish(link);
    return result;
}

static int order(const char *database, const char *text)
{
    PGresult *result = ask(database, text);
    int r = PQresultStatus(result) == PGRES_COMMAND_OK ? 0 : -EIO;
    PQclear(result);
    return r;
}

int postgres_drop(const char *database)
{
    char text[URL_MAX];
    (void)snprintf(text, sizeof(text), "DROP DATABASE IF EXISTS %s", name_of(database));
    return order(database, text);
}

int postgres_create(const char *database, const char *like)
{
    char text[URL_MAX];
    (void)snprintf(text, sizeof(text), "CREATE DATABASE %s TEMPLATE %s STRATEGY file_copy", name_of(database), like ? name_of(like) : "template0");
    int r = postgres_drop(database);
    return r < 0 ? r : order(database, text);
}

double postgres_bytes(const char *database)
{
    char text[URL_MAX];
    (void)snprintf(text, sizeof(text), "SELECT pg_database_size('%s')", name_of(database));
    PGresult *result = ask(database, text);
    double bytes = PQntuples(result) == 1 ? strtod(PQgetvalue(result, 0, 0), NULL) : -1;
    PQclear(result);
    return bytes;
}
