// SPDX-License-Identifier: MPL-2.0
// What becomes of a file once all of it has come: looked through, made anew when it is a picture, kept. Blocks: on threads that may.
#pragma once

#include "feature/file/file.h"

#include <errno.h>

// What must not be kept, as an errno of its own, so that it can be told to the person.
enum {
    FILE_INFECTED = -EPERM,          // the virus scanner found something
    FILE_UNCHECKED = -ECOMM,         // the scanner can't be asked just now
    FILE_UNREADABLE = -EILSEQ,       // it says that it is a picture, but can't be read as one
    FILE_TOO_MANY_PIXELS = -EFBIG,
    FILE_UNKNOWN_PICTURE = -EOPNOTSUPP,   // HEIC, where it can't be read
    FILE_EMPTY = -ENODATA,
};

// Looks through the bytes and writes what is kept of them, durably. file->kind and ->parts say what it became. On failure all that was written is removed
// again. Blocks: on threads that may, whose number (PREPARE_THREADS_MAX) bounds how many are at work.
int file_make(struct app *app, struct bytes bytes, struct arena *arena, struct file *file);
