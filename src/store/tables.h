// SPDX-License-Identifier: MPL-2.0
// The tables that the program's migrations make, read off an empty database of them, and for each the statements that take whole rows, whatever
// stands in them. For what treats all rows alike (store/rows.h); features have their own queries.
#pragma once

#include "store/db.h"

#define TABLE_ROWS 128   // of one 'add_many', and of one page

struct table_column {
    const char *name;
    char type;   // as in struct db_query: i, t, b
};

struct table {
    const char *name;
    struct table_column *columns;   // those of the primary key first, in its order
    unsigned count, keys;
    struct db_query first;      // a page of rows, in order of the key; :count
    struct db_query next;       // the same behind a key; its values, :count
    struct db_query add;        // a row's values
    struct db_query add_many;   // TABLE_ROWS rows' values
    struct db_query remove;     // a key's values
    struct db_query clear;      // removes all rows
    struct db_query strange;    // how many rows hold a value of another type than the column's (SQLite lets them)
};

// All of them but the one where migrations are noted; a table stands behind those that its rows refer to. They live in the arena, and must outlive
// the connections that used their statements. -ENOMEM; -ENOTSUP (logged): a migration made something that this can't treat.
int tables_read(struct arena *arena, const struct table **ret_tables, size_t *ret_count);
