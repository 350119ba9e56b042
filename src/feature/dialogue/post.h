// SPDX-License-Identifier: MPL-2.0
// Posts: what is written in a dialogue. Plain text with a little Markdown; rendered once, when it is written.
// All reading goes through here: what lies before dialogue_first_visible is as if it were not there.
// Whatever changes a row of the table post calls dialogue_changed in the same transaction: opened posts are kept for a while.
#pragma once

#include "feature/dialogue/dialogue.h"
#include "web/html.h"

#define POST_TEXT_MAX 20000                // characters
#define POST_EDIT_MS (5 * MINUTE_MS)       // how long the author may change a post
#define POST_PAGE 50
#define POST_PAGE_BYTES ((size_t)1 << 20)  // of text and markup on one page: fewer posts when they are that long, at least one

struct post {
    int64_t number;      // 1, 2, 3 … within the dialogue
    int64_t author;      // person
    int64_t created;     // ms
    int64_t edited;      // ms; 0: never
    int64_t version;     // 1; one more for each edit
    int64_t epoch;       // whose key opened it
    int64_t answers;     // number of the post that it answers; 0: none
    bool answers_earlier;   // it answers one that the reader may not see
    bool hidden;         // a coordinator has hidden it: there is no text
    struct str text;     // as written
    struct html markup;  // rendered; empty when the text has no markup and can be shown escaped as it is
    struct html plain;   // the text, when it is known that it needs no escaping
};

struct post_new {
    struct str text;
    int64_t answers;     // 0: none
    int64_t once;        // made by the sender's page; the same value twice writes once. 0: not given
};

// Writes a post as the dialogue's member. -ENOENT when 'answers' names no post. When it was written before (once), 0 with that number and
// *ret_again true. In a write transaction.
int post_write(struct dialogue *dialogue, const struct post_new *what, int64_t *ret_number, bool *ret_again);

// Asks ahead (db_ask) whether it was.
void post_ask_once(const struct dialogue_scene *scene, int64_t dialogue, int64_t author, int64_t once);

// Changes one's own post and keeps the earlier text. -ENOENT: no such post; -EACCES: somebody else's; -ETIME: too late.
int post_edit(struct dialogue *dialogue, int64_t number, struct str text);

// Whether the member may still change the post.
bool post_editable(const struct dialogue *dialogue, const struct post *post);

// Up to 'count' posts before a number (INT64_MAX: the newest), oldest first, in the scene's arena.
int post_page(struct dialogue *dialogue, int64_t before, size_t count, const struct post **ret_posts, size_t *ret_count);

// Up to 'count' posts after a number, oldest first.
int post_after(struct dialogue *dialogue, int64_t after, size_t count, const struct post **ret_posts, size_t *ret_count);

// Ask ahead (db_ask) what these two will, and say which posts they are looking for. False: nothing, since they are kept or there are none.
bool post_ask_page(struct dialogue *dialogue, int64_t before, size_t count, int64_t *ret_first, int64_t *ret_last);
bool post_ask_after(struct dialogue *dialogue, int64_t after, size_t count, int64_t *ret_first, int64_t *ret_last);

// Goes through up to 'count' posts before a number (INT64_MAX: from the newest on), newest first, without keeping them: each lives in 'scratch', which is
// emptied before the next one, until each() has returned. Ends with what each() returns when that is not 0.
int post_scan(struct dialogue *dialogue, int64_t before, size_t count, struct arena *scratch,
              int (*each)(void *context, const struct post *post), void *context);

// The number of the first post that was written at a time or later; one more than the newest's when there is none.
int post_number_at(struct dialogue *dialogue, int64_t created, int64_t *ret_number);

int post_get(struct dialogue *dialogue, int64_t number, struct post *ret_post);

// Whether there are posts behind a number that the member may see and somebody else has written.
int post_news(struct dialogue *dialogue, int64_t after, bool *ret_news);

// All versions of a post, the first one first, the present one last; created is when each was written. -ENOENT also while it is hidden.
#define POST_VERSIONS_MAX 100
int post_history(struct dialogue *dialogue, int64_t number, const struct post **ret_versions, size_t *ret_count);

#define POST_REASON_MAX 300   // characters

// Who hid a post, when and why.
struct post_hiding {
    int64_t at;          // ms
    int64_t by;          // person
    struct str reason;
};

// Hides a post from everybody: a marker stays in its place, and the post as it was sealed is kept for the journal. -ENOENT; -EALREADY when it is
// hidden.
int post_hide(struct dialogue *dialogue, int64_t number, struct str reason);

// Shows a hidden post again as it was. -ENOENT when it is not hidden.
int post_unhide(struct dialogue *dialogue, int64_t number);

// Why a post is hidden: whoever may see the marker may know. -ENOENT when it is not hidden.
int post_hiding_get(struct dialogue *dialogue, int64_t number, struct post_hiding *ret_hiding);

// What a hidden post says, for a coordinator and the journal; the caller writes it into the log. -ENOENT when it is not hidden.
int post_original(struct dialogue *dialogue, int64_t number, struct post *ret_post);

// All versions of what a hidden post says, for the same.
int post_original_history(struct dialogue *dialogue, int64_t number, const struct post **ret_versions, size_t *ret_count);
