// SPDX-License-Identifier: MPL-2.0
// How an entry's package lies in the database. Only the journal's own files include this.
#pragma once

#include "feature/journal/journal.h"

#define JOURNAL_PIECE ((size_t)256 << 10)   // bytes before sealing
#define JOURNAL_RANGES_MAX 500              // of posts that are not filed

static inline struct seal_place journal_piece_place(const struct dialogue *dialogue, int64_t epoch, int64_t entry, int64_t part, int64_t piece)
{
    return (struct seal_place){ .type = SEAL_JOURNAL_PIECE, .dialogue = dialogue->id, .epoch = epoch, .object = entry,
                                .version = part << 32 | piece };
}

// Opens what is sealed of an entry whose columns and epoch are read. -EBADMSG (logged) when it was sealed with other ones; -ENOENT without the epoch's key.
int journal_open_head(struct dialogue *dialogue, struct bytes sealed, struct journal_entry *entry);

struct seal_place journal_receipt_place(const struct dialogue *dialogue, int64_t epoch, int64_t entry);
