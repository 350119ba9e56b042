// SPDX-License-Identifier: MPL-2.0
// A municipality of any size for measuring, written with the program's own rules: groups of four
// people (caseworker, citizen, mother, teacher), all of whom are signed in, and dialogues of
// posts of 500 bytes that the groups have in turn.
#pragma once

#include "base/arena.h"

#define TOWN_GROUPS 16
#define TOWN_GROUP 4
#define TOWN_PEOPLE (TOWN_GROUPS * TOWN_GROUP)
#define TOWN_POSTS 50  // of a dialogue whose page is measured
#define TOWN_TEXT 500 // bytes of a post
#define TOWN_SHOWN 20 // dialogues that are measured, spread evenly over all
#define TOWN_KEY 32

struct town_dialogue {
    int64_t id;
    size_t group;          // person p of it is people[group * TOWN_GROUP + p]
    uint8_t key[TOWN_KEY]; // that its posts are sealed with: for the bare loop
};

struct town {
    struct arena *arena;
    const char *data, *key, *shares; // the folder, and the master key and the shares beside it
    const char *database; // a file in the folder, or a URL
    uint8_t installation[16];        // bound into all that is sealed
    struct str cookies[TOWN_PEOPLE]; // "samtraad=…" of everybody's session
    int64_t people[TOWN_PEOPLE];
    struct town_dialogue shown[TOWN_SHOWN];
    int64_t *ids;    // of all dialogues; number i is of group i % groups
    size_t id_count, groups;
    double bytes;    // of its database when it was written
    int64_t took; // microseconds of writing it all
};

struct town_shape {
    size_t dialogues; // at least TOWN_SHOWN
    int64_t posts;    // of each
    size_t groups;    // that have dialogues; at most TOWN_GROUPS
    bool from_today;  // the teacher was let in when half of the posts were written, and sees from there on
};

// Fills the folder, which "samtraad init" has made, and its database (NULL: the file in it). Memory: a few
// megabytes, and 8 bytes for each dialogue (at most 4 million).
int town_build(const char *data, const char *database, const struct town_shape *shape, struct town **ret_town);
void town_free(struct town *town);

// Bytes of its database; -1 when it can't be seen.
double town_bytes(const struct town *town);

// A text of that many bytes (16 to TOWN_TEXT) as people write; another for each number.
struct str town_text(uint64_t number, size_t len, char room[TOWN_TEXT]);
