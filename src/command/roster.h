// SPDX-License-Identifier: MPL-2.0
// Which servers live on the data folder. Each has a number, and holds the byte of that number in the folder's file "servers" under a lock, from before it reads
// the key file until it ends, however it ends. So whoever replaces the key file, and looks here afterwards, finds everyone who may have read the one before:
// docs/adr/0024-rotation.md. Locks and not a list of files: on a shared file system a folder's listing may be old, a lock is not.
#pragma once

#include "command/options.h"

// A server takes the lowest free number, from 1 to NODES_MAX; it has it until the descriptor is closed. -EAGAIN: none is free.
int roster_join(const struct options *options, int *ret_fd, unsigned *ret_number);

// For looking only. -ENOENT: no server has ever run here.
int roster_open(const struct options *options, int *ret_fd);

// The same for whoever leads a rotation, until the descriptor is closed. -EAGAIN: another does.
int roster_lead(const struct options *options, int *ret_fd);

// The numbers of all who live: bit 0 is number 1.
int roster_read(int fd, uint64_t *ret_live);
