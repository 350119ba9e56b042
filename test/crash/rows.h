// SPDX-License-Identifier: MPL-2.0
// Rows that several threads write through the one writer, each with its record in the log, and the check that nothing acknowledged is
// missing. What goes wrong ends the program with a line on standard error.
#pragma once

#include "audit/audit.h"
#include "store/migration.h"

#include <stdlib.h>

#define ROWS_PRODUCERS 16
#define ROWS_FOR_EVER INT64_MAX

// A temporary folder with a database, its log's checkpoints and a key.
struct place {
    char folder[64], database[80], checkpoints[80], key[80];
};

void place_make(struct place *place);
void place_remove(const struct place *place);

struct rows {
    // On the writer's thread, when the row is durable.
    void (*acknowledge)(void *context, int64_t id);
    void *context;
    struct keeper *keeper;
    struct audit *audit;
    struct writer *writer;
};

void rows_prepare(const struct place *place);   // the key and the tables, once
void rows_open(const struct place *place, struct rows *rows);

// Each producer writes so many rows, each when the one before is acknowledged or refused (each eleventh is refused after it was written).
// Rounds must differ, so that all rows do.
void rows_write(const struct rows *rows, int64_t round, int64_t each);
void rows_close(struct rows *rows);

struct acknowledged {
    int64_t *ids;
    size_t count;
};

// Every acknowledged row is there once, no other is there in half, each has its record and each record its row; the log and the database hold.
// Sorts the ids. Gives the number of rows.
uint64_t rows_check(const struct place *place, struct acknowledged *acknowledged);

_Noreturn void fail(const char *what, int64_t value);
void expect(int result, const char *what);
