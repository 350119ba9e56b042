// SPDX-License-Identifier: MPL-2.0
// What the two ways in which files arrive have in common.
#pragma once

#include "feature/file/file_make.h"
#include "web/request.h"

#define FILE_FORM_ROOM ((size_t)64 << 10)   // for the other fields of a form and its boundaries

// For prepare, which runs before the policy has been asked: loads the dialogue and asks it.
int file_open_early(struct request *request, struct dialogue **ret_dialogue);

// Adds the message and gives -EINVAL.
int file_too_many(struct request *request, const char *field);

// One verdict on one file.
struct file_verdict {
    struct file file;
    int error;   // of file_make; 0: well
};

// Has the bytes looked through. Errors that are the file's own stand in the verdict; whatever is not the file's fault is returned.
int file_make_one(struct request *request, struct bytes bytes, struct file_verdict *verdict);
