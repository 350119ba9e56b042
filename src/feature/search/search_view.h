// SPDX-License-Identifier: MPL-2.0
// What the pages for searching show. Filled by search_page.c, read by search.html and as JSON.
#pragma once

#include "web/avatar.h"

// A piece of a text.
struct search_view_piece {
    struct str text;
    bool marked;                 // what was searched for
};

struct search_view_hit {
    int64_t dialogue;
    int64_t number;              // of the post
    struct str topic;            // empty when the search was in one dialogue
    struct avatar avatar;        // of the author
    struct str author;
    const struct search_view_piece *pieces;   // the text around the first thing that was found
    size_t pieces_count;
    struct str when;             // "14.32", "i går", "3. november"
    struct str iso;
    int64_t posted;              // ms
};

// GET /search?q=WORDS and GET /dialogue/{dialogue#}/search?q=WORDS; before, in and at say where to go on.
struct search_view {
    int64_t dialogue;            // 0: all that the reader takes part in
    struct str topic;            // of that dialogue
    struct str q;                // as typed; empty: nothing was searched for yet
    struct str q_error;
    const struct search_view_hit *hits;
    size_t hits_count;
    bool more;                   // not all was looked through
    bool goes_on;                // this is not the first part
    struct str back_to;          // "3. november": how far back it was looked
    int64_t next_before, next_in, next_at;
};
