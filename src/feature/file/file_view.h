// SPDX-License-Identifier: MPL-2.0
// What the pages about files show. Texts are in the reader's language and live in the request's arena.
#pragma once

#include "feature/file/file.h"
#include "web/form.h"

// How far an upload has come.
struct file_view_upload {
    int64_t dialogue;
    int64_t id;
    int64_t size;
    int64_t offset;          // the next byte that is wanted; the size: all has come
    int64_t piece;           // how many bytes to send at a time (the last may be shorter)
};

// What became of an upload.
struct file_view_made {
    int64_t id;
    bool ready;              // it may be sent with the next post
    bool again;              // not our verdict on the file: asking again later may succeed
    struct str error;        // why it is not ready
};

// The page for choosing files without JavaScript.
struct file_view_choose {
    struct str topic;
    struct file_view_tray tray;
    int64_t reply;           // what the message answers; 0: nothing
    struct url back;         // to the message
    int64_t room;            // how many more may be chosen
    struct str most;         // "25 MB"
    const struct form_error *errors;
    size_t errors_count;
};

// A picture of a post, large.
struct file_view_picture {
    struct str topic;
    struct file_view file;
};
