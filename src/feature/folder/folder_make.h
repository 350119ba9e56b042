// SPDX-License-Identifier: MPL-2.0
// Makes a person's folder: HTML that opens anywhere without the internet, with the same as JSON in it. What is in it is what the person may see at this
// moment; each dialogue is opened as they would open it.
#pragma once

#include "feature/folder/folder_shelf.h"
#include "web/request.h"

#define FOLDER_DIALOGUES_MAX 2000

// What was put in of one dialogue, for the log.
struct folder_range {
    int64_t dialogue;
    bool left;             // before: only that it was is told
    int64_t first, last;   // posts; 0: none
};

struct folder_made {
    struct folder *folder;               // not yet on the shelf; the caller's
    int64_t id;                          // of the folder, once it is on the shelf
    uint8_t digest[PROOF_DIGEST];        // the same
    const struct folder_range *ranges;   // the request's
    size_t ranges_count;
};

// For who is signed in. On a thread that may read for long, outside any transaction; memory stays bounded whatever the length. -ECANCELED when
// who asked has gone away.
int folder_make(struct request *request, struct folder_made *ret_made);
