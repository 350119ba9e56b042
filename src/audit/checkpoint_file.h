// SPDX-License-Identifier: MPL-2.0
// The file of checkpoints, which several servers may append to: each line is written under a lock on the file, behind whatever stands there then.
#pragma once

#include "audit/checkpoint.h"

struct checkpoint_file {
    int fd;                       // -1: not open
    struct checkpoint_end end;    // as of the last lock
    struct merkle_hasher *hasher; // borrowed
    uint8_t public_key[KEEPER_PUBLIC_KEY];
};

// Makes the file when it is missing, reads its end, and cuts off what a crash left of a line. -EBADMSG as checkpoint_read_end. On failure too 'fd' is
// the caller's to close.
int checkpoint_file_open(struct checkpoint_file *file, const char *path, struct merkle_hasher *hasher, struct keeper *keeper);

// Locks it against other programs and reads what they have written since.
int checkpoint_file_lock(struct checkpoint_file *file);
void checkpoint_file_unlock(struct checkpoint_file *file);

// Appends a checkpoint's line, made by checkpoint_format, with the lock: the whole line is on the disk, or nothing of it.
int checkpoint_file_append(struct checkpoint_file *file, const struct checkpoint *checkpoint, struct buf *line);
