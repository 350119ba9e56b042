// SPDX-License-Identifier: MPL-2.0
// The posts of a dialogue by a prepared select on a connection of its own, with nothing between: what bare loops read.
#pragma once

#include "town.h"

struct bare_row {
    int64_t number, epoch, version;
    struct bytes sealed;
};

struct bare_rows;

int bare_rows_open(const struct town *town, struct bare_rows **ret_rows);   // -ENOMEM, -EIO
void bare_rows_close(struct bare_rows *rows);                               // NULL is allowed

// Asks for the newest so many posts of a dialogue, newest first.
int bare_rows_ask(struct bare_rows *rows, int64_t dialogue, int64_t count);

// 1: the next row, borrowed until the next call; 0: there are no more, or -EIO. To be called until then.
int bare_rows_next(struct bare_rows *rows, struct bare_row *ret_row);
