// SPDX-License-Identifier: MPL-2.0
// What example.html shows.
#pragma once

#include "web/html.h"

struct example_post {
    int number;
    struct str text;
    struct html body;
};

struct example {
    struct str title;
    struct url here;
    int64_t unread;
    const struct example_post *posts;
    size_t posts_count;
};
