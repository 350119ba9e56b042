// SPDX-License-Identifier: MPL-2.0
// Files: whole, also when the kernel moves only a part, and there after a power cut.
#pragma once

#include "base/str.h"

#include <sys/types.h>

// Writes all of it where the descriptor stands. -errno; -ENOSPC when nothing more goes in.
int file_write(int fd, struct bytes data);

// The same at a place.
int file_write_at(int fd, struct bytes data, off_t at);

// Reads up to size bytes from a place on. How many there were: less only when the file ends there. -errno.
ssize_t file_read_at(int fd, void *ret_data, size_t size, off_t at);

// Makes the entry of a file in its folder durable (fsync of the folder). -errno; -ENOMEM.
int file_sync_folder(const char *file);
