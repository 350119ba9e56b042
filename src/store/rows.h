// SPDX-License-Identifier: MPL-2.0
// Whole tables, whatever is in them: from one database to another, of either kind, and a hash by which the two are compared.
#pragma once

#include "store/row_hash.h"
#include "store/tables.h"

// Makes the rows of a table in 'to' those of 'from': what is missing there is brought, what differs is replaced, what is too much is removed. So a copy
// that was cut off goes on where it was, and one of yesterday costs what has changed. 'from' is in a read transaction, 'to' in none; it is written in
// several, and what was written stays also after a failure. 'told' is called after each with the number of rows that were looked at. -EEXIST: a row
// can't be replaced while others refer to it, or before another gives up what must be there once (rows_clear, and again); -ENOTSUP (logged): a value of
// another type than its column's; others as of db_step and db_commit.
struct rows_told {
    void *context;
    void (*told)(void *context, const struct table *table, int64_t rows);
};
int rows_sync(struct db *from, struct db *to, const struct table *table, const struct rows_told *told);

// The hash of all rows in order of the key; the same for the same rows in either kind of database. In a read transaction.
int rows_hash(struct db *db, const struct table *table, uint8_t ret_hash[ROW_HASH], int64_t *ret_rows);

// Removes all rows of all tables, the last table first, in one transaction.
int rows_clear(struct db *db, const struct table *tables, size_t count);
