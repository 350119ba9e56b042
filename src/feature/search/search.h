// SPDX-License-Identifier: MPL-2.0
// Searching: there is no index of what people write. Posts are opened and looked through, newest first, as far as somebody may read them, until there are
// enough hits or enough was looked through; the next search goes on where this one ended.
#pragma once

#include "feature/dialogue/dialogue.h"
#include "feature/search/search_match.h"

#define SEARCH_HITS 20                 // of one search
#define SEARCH_DIALOGUES_MAX 1000      // those that were written in last
#define SEARCH_POSTS_MAX 100000        // looked through in one search
#define SEARCH_TIME_MS 1500            // and for how long

// A place in all that a person may read, newest first.
struct search_place {
    int64_t created;    // ms; INT64_MAX: from the newest on
    int64_t dialogue;
    int64_t number;
};

#define SEARCH_NEWEST ((struct search_place){ INT64_MAX, INT64_MAX, INT64_MAX })

struct search_ask {
    int64_t person;
    enum role role;
    int64_t dialogue;                     // 0: all
    struct search_place before;           // only posts before it
    struct search_query query;
    int64_t posts_max;
    bool (*given_up)(void *context);      // whether nobody waits for the answer any more
    void *context;
};

// What of a dialogue was looked through.
struct search_range {
    int64_t dialogue, first, last;
};

struct search_found {
    const struct search_place *hits;      // newest first
    size_t hits_count;
    const struct search_range *ranges;
    size_t ranges_count;
    struct search_place next;             // where to go on
    bool more;                            // there are posts that were not looked through
};

// Looks for posts. Blocks for as long as SEARCH_TIME_MS and more than a request's thread should; results in the scene's arena.
// -ECANCELED when it was given up.
int search_run(const struct dialogue_scene *scene, const struct search_ask *ask, struct search_found *ret_found);
