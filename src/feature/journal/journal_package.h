// SPDX-License-Identifier: MPL-2.0
// From a dialogue to the bytes of a package. Only the journal's own files include this.
#pragma once

#include "feature/journal/journal.h"

// Writes package.json, as docs/journal-package.schema.json describes it, with what the dialogue's member may read. -EMSGSIZE when it grows over the
// buffer's bound.
int journal_package(struct dialogue *dialogue, const struct journal_ask *ask, int64_t entry, struct buf *out);

// Has a child process of the same binary draw the PDF, bounded in time and memory. -EIO when it does not come to a good end.
int journal_render(struct str package, struct buf *pdf);
