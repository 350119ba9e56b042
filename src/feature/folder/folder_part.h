// SPDX-License-Identifier: MPL-2.0
// The parts of a folder's file, each written twice: as HTML into the folder's store, as JSON into a store of its own, which comes to stand in the HTML at
// the end.
#pragma once

#include "feature/account/account.h"
#include "feature/dialogue/post.h"
#include "feature/file/file.h"
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
    struct arena *bytes;                // one file at a time
    size_t consents;                    // told of so far
    size_t lines;                       // of the log, told so far
    int64_t embedded, looked_at;        // bytes of files: that are in it, and that were read to tell their hash
};

// folder_part_free when it gave 0.
int folder_part_begin(struct request *request, struct arena *scratch, struct folder_store *page, struct folder_part *part);
void folder_part_free(struct folder_part *part);

// What is in the file of pictures and other files; what is left out is listed by name, size and hash. A phone has to open it.
#define FOLDER_FILE_MAX ((size_t)5 << 20)         // of one
#define FOLDER_EMBED_MAX ((int64_t)40 << 20)      // of all; pictures beyond half of it in the size of the thread
#define FOLDER_LOOK_MAX ((int64_t)2 << 30)        // of what is only listed: beyond it without hash, so that making the file ends

// In this order; the links to all dialogues come behind the top, the dialogues behind the consents: any number of dialogues, each with its posts, oldest first,
// and with what was filed of it.
int folder_part_top(struct folder_part *part);
int folder_part_link(struct folder_part *part, const struct dialogue *dialogue);
int folder_part_self(struct folder_part *part);
int folder_part_ways(struct folder_part *part);   // to sign in; nothing for who uses a login provider
int folder_part_consents(struct folder_part *part);
int folder_part_dialogue(struct folder_part *part, struct dialogue *dialogue);
// With its files, which are among the given ones.
int folder_part_post(struct folder_part *part, struct dialogue *dialogue, const struct post *post, const struct file *files, size_t count);
int folder_part_dialogue_end(struct folder_part *part, struct dialogue *dialogue, bool any);
#define FOLDER_LOG_MAX 5000   // lines, the newest
int folder_part_log(struct folder_part *part);
int folder_part_end(struct folder_part *part);

// The parts of these: a post's files, and the journal entries of a dialogue that the reader may know of.
int folder_part_files(struct folder_part *part, const struct dialogue *dialogue, const struct file *files, size_t count);
#define FOLDER_ENTRIES_MAX 1000   // of a dialogue, the newest
int folder_part_journal(struct folder_part *part, struct dialogue *dialogue);
