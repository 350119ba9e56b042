// SPDX-License-Identifier: MPL-2.0
// A copy of the embedded database as of one moment, made while others write, and what stands in it. docs/adr/0023-backup.md.
#pragma once

#include "store/row_hash.h"

// Copies the database to a file that must not be there; it is on the disk afterwards only when the caller syncs it. Whoever writes meanwhile is not
// held up, but what they write stays in the write-ahead log until this returns. -EEXIST, -ENOSPC, -EIO (logged).
int copy_database(const char *from, const char *to);

// Checks a copy that nobody has open as SQLite does: pages, indexes, constraints. -EBADMSG (logged) when something is wrong.
int copy_check(const char *copy);

struct copy_rows {
    const char *table;
    int64_t rows;
    uint8_t hash[ROW_HASH];   // over all values of all rows, in the order in which they lie there
};

// Calls 'each' for every table of a copy, by name, until it gives another value than 0, which is returned.
int copy_each(const char *copy, int (*each)(void *context, const struct copy_rows *rows), void *context);
