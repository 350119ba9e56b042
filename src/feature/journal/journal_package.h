// SPDX-License-Identifier: MPL-2.0
// From a dialogue to the bytes of a package. Only the journal's own files include this.
#pragma once

#include "feature/journal/journal.h"
#include "web/app.h"

// Where the files of a package go while it is written.
struct journal_sink {
    const struct app *app;
    size_t count, bytes;   // so far
    int (*take)(struct journal_sink *sink, size_t index, bool picture, struct bytes bytes);
};

// Writes package.json, as docs/journal-package.schema.json describes it, with what the dialogue's member may read, and gives its files to the sink.
// -EMSGSIZE when there is too much of anything.
int journal_package(struct dialogue *dialogue, const struct journal_ask *ask, int64_t entry, struct journal_sink *sink, struct buf *out);

// The name of a file in a parcel: "picture-0001.webp", "file-0002.pdf". index counts from 0; name is as its sender called it.
void journal_file_name(size_t index, bool picture, struct str name, char ret_name[32]);

// Has a child process of the same binary draw the PDF, bounded in time and memory. -EMSGSIZE when it takes too long, -EIO when it
// does not come to a good end otherwise.
int journal_render(struct spawner *spawner, struct str package, struct str pictures, struct buf *pdf);
