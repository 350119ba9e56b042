// SPDX-License-Identifier: MPL-2.0
// The parts of a folder's file, each written twice: as HTML into the folder's store, as JSON into a store of its own, which comes to stand in the HTML at
// the end.
#pragma once

#include "feature/account/account.h"
#include "feature/dialogue/post.h"
#include "feature/folder/folder_store.h"
#include "web/date.h"
#include "web/json_out.h"
#include "web/request.h"

struct folder_part {
    struct request *request;
    struct arena *scratch;              // emptied between two dialogues by who goes through them
    struct dates dates;
    struct account account;             // of the person
    struct str key;                     // the log's public key
    struct folder_store *page;
    struct folder_store data;
    struct buf html, json;              // not yet in the stores
    struct html_out out;
    struct json_out values;
    const struct dialogue_participant *people;   // of the dialogue at hand
    size_t people_count;
};

// folder_part_free when it gave 0.
int folder_part_begin(struct request *request, struct arena *scratch, struct folder_store *page, struct folder_part *part);
void folder_part_free(struct folder_part *part);

// In this order; the links to all dialogues come behind the top, the dialogues behind oneself: any number of dialogues, each with its posts, oldest first.
int folder_part_top(struct folder_part *part);
int folder_part_link(struct folder_part *part, const struct dialogue *dialogue);
int folder_part_self(struct folder_part *part);
int folder_part_dialogue(struct folder_part *part, struct dialogue *dialogue);
int folder_part_post(struct folder_part *part, struct dialogue *dialogue, const struct post *post);
int folder_part_dialogue_end(struct folder_part *part, struct dialogue *dialogue, bool any);
#define FOLDER_LOG_MAX 5000   // lines, the newest
int folder_part_log(struct folder_part *part);
int folder_part_end(struct folder_part *part);
