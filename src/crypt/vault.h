// SPDX-License-Identifier: MPL-2.0
// What was opened a moment ago, kept in locked memory that is in no core dump, so that it need not be read and opened again for the next one who asks.
// docs/adr/0012-opened-posts.md says what may be kept and why.
//
// One vault for each thread that reads; not for use by two at once. It decides nothing: who may see what is found there has been looked at before.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct vault;

#define VAULT_PLACES 512                      // kept at a time, at most
#define VAULT_SIZE_MAX ((size_t)96 * 1024)    // of one: larger ones are not kept
#define VAULT_MS INT64_C(300000)              // how long something is kept, however often it is asked for

// Where something is kept: what was asked for (dialogue not 0) …
struct vault_place {
    int64_t dialogue;
    int64_t kind;   // the asker's own
    int64_t first, before, after, count;
    int64_t reader, read, day;   // for whom it was made, how far they had read, and when; 0: for all
};

int vault_new(struct vault **ret_vault);
void vault_free(struct vault *vault);   // NULL is allowed

// What is kept at a place as of that state, good until vault_trim. NULL: nothing. What is there of another state is let go.
// now: monotonic ms.
const void *vault_find(struct vault *vault, const struct vault_place *place, int64_t state, int64_t now);

// Room for something at a place as of a state (a number that whatever changes it raises), to be filled in at once. NULL: it is too large, or there is
// no memory; then nothing is kept. Good until vault_trim.
void *vault_keep(struct vault *vault, const struct vault_place *place, int64_t state, size_t size, int64_t now);

// Wipes what is too old or was let go; and everything when 'destroyed' (keeper_destroyed) is another number than the last time: keys were destroyed so that
// nothing of a dialogue could be read any more. Between requests: nothing of the vault may be in use.
void vault_trim(struct vault *vault, uint64_t destroyed, int64_t now);
