// SPDX-License-Identifier: MPL-2.0
// From the rules to the views: what a dialogue's pages show.
#pragma once

#include "feature/dialogue/dialogue_view.h"
#include "feature/dialogue/post.h"
#include "web/date.h"
#include "web/request.h"

// A page in the making: the dialogue, who is there, and times in the reader's language.
struct dialogue_page {
    struct request *request;
    struct dialogue *dialogue;
    struct dates dates;
    const struct dialogue_participant *people;   // those who have left included: they may have written
    size_t people_count;
    struct avatar *avatars;                      // of people, in the same order
    int64_t first, last;                         // the posts that it shows
    const struct post *posts;                    // they themselves, where they were read together
    size_t posts_count;
    int64_t quoted[POST_PAGE + 1];               // others of which it shows the beginning
    size_t quoted_count;
};

// Reads who is there.
int dialogue_page_begin(struct request *request, struct dialogue_page *ret_page);

// A route's ask: what a whole page of the dialogue will ask of the database.
void dialogue_page_ask(struct request *request);

// Which posts a page shows.
struct dialogue_range {
    int64_t before;   // those before this number; 0: not asked
    int64_t after;    // those after this number; -1: not asked
};

// Asks ahead (db_ask) for what posts of a range will need, as far as it is not kept. Before dialogue_page_begin.
void dialogue_page_ask_posts(struct request *request, struct dialogue_range range);

// Reads posts and makes their views; notes in the request's log event what was shown, and moves the reader's mark with the read record.
int dialogue_page_posts(struct dialogue_page *page, struct dialogue_range range, struct dialogue_view_posts *ret_posts);

// Gives posts the files that stand in them.
int dialogue_page_files(struct dialogue_page *page, const struct post *posts, size_t count, struct dialogue_view_post *views);

// Puts the files that the composer names into the post that was just written. -EINVAL with a message.
int dialogue_attach(struct request *request, int64_t number, struct str ids);

// One post as a page of its own, without day separator.
int dialogue_page_post(struct dialogue_page *page, int64_t number, struct dialogue_view_post *ret_post);

// The beginning of a text in one line. ptr NULL: no memory.
struct str dialogue_page_excerpt(struct arena *arena, struct str text);

// The composer: the text as typed or the draft, the post that is answered (0: none) and the newest number on the page.
int dialogue_page_composer(struct dialogue_page *page, struct str text, int64_t answers, int64_t newest, struct dialogue_view_composer *ret_composer);

// The whole page around its posts.
int dialogue_page_whole(struct dialogue_page *page, const struct dialogue_view_posts *posts, struct dialogue_view *ret_view);
