// SPDX-License-Identifier: MPL-2.0
// The file of shares: one for each dialogue, without which the grants of its keys open nothing. It lies outside the database and its backups, so
// that a share that is destroyed here is gone from all of them. docs/adr/0014-erasure.md.
//
// The file: "samtraad share 1" (16 bytes), then SHARE_BYTES for each share, numbered from 1; zeros: destroyed. What stands there opens only in the keeper.
#pragma once

#include "base/str.h"

#define SHARE_BYTES 80

struct shares;

// -ENOENT when the file is not there and is not to be made; -EINVAL when it is none of ours; -EPERM when others may read it.
// Makes FILE.rewrap beside it.
int shares_open(const char *file, bool make, struct shares **ret_shares);
void shares_close(struct shares *shares);   // NULL is allowed

// How many there are, the destroyed ones too, as far as is known. Several servers may add to the file. Any thread.
int64_t shares_count(const struct shares *shares);

// Looks for what others have added when this number is not known. Any thread.
int shares_follow(struct shares *shares, int64_t number);

// What stands there once nobody is replacing any: who found half of a share that another server was replacing, or died replacing, looks again. Knows of all
// that others have added, too. Any thread.
int shares_refresh(struct shares *shares);

// Any thread. -ENOENT: no such share, or it was destroyed.
int shares_get(const struct shares *shares, int64_t number, uint8_t ret_share[SHARE_BYTES]);

// Puts shares behind the last; 0 when they are on the disk. -EAGAIN: another server has put some there since shares_count. One thread.
int shares_append(struct shares *shares, const uint8_t *list, size_t count);

// Reads several as they stand there, the destroyed ones too.
int shares_read(const struct shares *shares, int64_t first, uint8_t *ret_list, size_t count);

// Puts others in place of at most SHARES_AT_ONCE shares; 0 when that is on the disk. A crash in the middle leaves all of the old or all of the new ones: what is to be
// written is first noted in a file beside (FILE.rewrap), which is wiped afterwards. -EAGAIN, and nothing was written: 'before' is not what stands there (any
// more); one may have been destroyed since. One thread.
#define SHARES_AT_ONCE 256
int shares_replace(struct shares *shares, int64_t first, const uint8_t *before, const uint8_t *list, size_t count);

// Overwrites a share; 0 when that is on the disk. Again does no harm. One thread.
int shares_destroy(struct shares *shares, int64_t number);

// The first destroyed share behind a number; 0: there is none. Any thread.
int64_t shares_next_destroyed(const struct shares *shares, int64_t behind);
