// SPDX-License-Identifier: MPL-2.0
// Whole tables, whatever is in them: from one database to another, of either kind, and a hash by which the two are compared.
#pragma once

#include "store/row_hash.h"
#include "store/tables.h"

// Appends the rows of a table that lie behind the last one of 'to', in order of the key; so a copy that was cut off goes on where it was. What
// changes before that place meanwhile is not seen: the hashes tell. 'from' is in a read transaction, 'to' in none; what was written stays there also
// after a failure. 'told' is called after each commit with the number of rows that this call has brought so far. -EEXIST: 'to' has a row that
// contradicts these; -ENOTSUP (logged): a value of another type than its column's; others as of db_step and db_commit.
struct rows_told {
    void *context;
    void (*told)(void *context, const struct table *table, int64_t rows);
};
int rows_copy(struct db *from, struct db *to, const struct table *table, const struct rows_told *told);

// The hash of all rows in order of the key; the same for the same rows in either kind of database. In a read transaction.
int rows_hash(struct db *db, const struct table *table, uint8_t ret_hash[ROW_HASH], int64_t *ret_rows);

// Removes all rows of all tables, the last table first, in one transaction.
int rows_clear(struct db *db, const struct table *tables, size_t count);
