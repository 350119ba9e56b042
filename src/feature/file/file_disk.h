// SPDX-License-Identifier: MPL-2.0
// Where the sealed bytes lie: FOLDER/ID.PART.
#pragma once

#include "feature/file/file.h"
#include "web/server.h"

// Opens a part of a file for reading; or for writing, made when it is not there. -errno.
int file_disk_open(const char *folder, const struct file *file, enum file_part part, bool write, int *ret_fd);

// Writes a whole part and makes it durable, its entry in the folder included.
int file_disk_put(const char *folder, const struct file *file, enum file_part part, struct bytes plain);

// What is there of a part that is to have 'size' plain bytes.
int file_disk_length(const char *folder, const struct file *file, enum file_part part, int64_t size, int64_t *ret_length);

// Adds a piece of the upload at an offset. *ret_length is how much is there afterwards, also when the piece was not the next one: then nothing is written, and
// the sender sees where to go on. -EINVAL when a piece that is not the last ends within a chunk, or reaches beyond the file's size.
int file_disk_add(const char *folder, const struct file *file, int64_t offset, struct bytes piece, int64_t *ret_length);

// The upload's plain bytes, whole (free them with free). -EBUSY when not all of it has come; -EBADMSG when it is damaged.
int file_disk_upload(const char *folder, const struct file *file, uint8_t **ret_bytes);

// Removes one part, or all; what is not there is no fault.
void file_disk_remove(const char *folder, int64_t id, enum file_part part);

// Removes all parts of files.
void files_remove(const char *folder, const int64_t *ids, size_t count);

// A part as an answer. -errno when it can't be opened.
int file_disk_source(const char *folder, const struct file *file, enum file_part part, struct source *ret_source);
