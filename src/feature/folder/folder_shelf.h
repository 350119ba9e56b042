// SPDX-License-Identifier: MPL-2.0
// The folders that are ready to be fetched: at most one for each person, for a quarter of an hour. In memory only; a restart empties the shelf.
#pragma once

#include "audit/proof.h"
#include "feature/folder/folder_store.h"

#define FOLDER_SHELF_MAX 64
#define FOLDER_READY_MS (15 * MINUTE_MS)

struct folder_shelf;

// A folder that was made. Shared: whoever takes one gives it back.
struct folder {
    int64_t id;
    int64_t person;
    int64_t made;                    // ms
    struct folder_store store;
    uint8_t digest[PROOF_DIGEST];
    struct proof proof;              // complete when 'proven'
    bool proven;
    const int64_t *dialogues;        // that are in it; owned
    size_t dialogues_count;
    struct folder *next;             // the shelf's
    unsigned holders;                // the shelf's
};

int folder_shelf_new(struct folder_shelf **ret_shelf);
void folder_shelf_free(struct folder_shelf *shelf);   // NULL is allowed

// Takes a folder over (and gives its memory back on failure too), in place of an earlier one of the same person. Any thread. -EAGAIN: too many
// wait to be fetched.
int folder_shelf_put(struct folder_shelf *shelf, struct folder *folder, int64_t now);

// A person's folder that is ready; id 0: whichever. -ENOENT. Any thread.
int folder_shelf_get(struct folder_shelf *shelf, int64_t person, int64_t id, int64_t now, struct folder **ret_folder);
void folder_shelf_give_back(struct folder_shelf *shelf, struct folder *folder);

// Completes a folder's proof after its record was committed. The writer's thread.
void folder_shelf_prove(struct folder_shelf *shelf, int64_t id, const struct proof *proof);

// Forgets every folder with this dialogue; 0: those that are too old. Any thread.
void folder_shelf_forget(struct folder_shelf *shelf, int64_t dialogue, int64_t now);

void folder_free(struct folder *folder);   // of one that was not taken over; NULL is allowed
