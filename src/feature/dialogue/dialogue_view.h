// SPDX-License-Identifier: MPL-2.0
// What the pages of a dialogue show. Filled by dialogue_web.c, read by dialogue.html and as JSON. All texts are opened, in the reader's language where
// they are ours, and live in the request's arena.
#pragma once

#include "feature/file/file.h"
#include "web/avatar.h"
#include "web/menu.h"
#include "web/packed.h"

// Pages of posts. Routes: GET /dialogue/{dialogue#} with ?before=N (older), ?at=N (around a post, for permanent links), ?reply=N (answering without
// JavaScript); fragments GET /dialogue/{dialogue#}/posts?after=N or ?before=N, and GET /dialogue/{dialogue#}/post/{seq#}.
#define DIALOGUE_PAGE 50

struct dialogue_view_post {
    int64_t dialogue;
    int64_t number;             // 1 is the oldest of the dialogue
    struct avatar avatar;       // of the author
    struct str author;          // name
    struct str relation;        // the author's relation in their own words ("mor"), or the role when there is none
    struct html body;           // rendered Markdown; empty: the text has no markup and is shown as it is
    struct html plain;          // the text, when it is known that it needs no escaping
    struct str text;            // as it was written
    const struct file_view *files;   // pictures and files, in order
    size_t files_count;
    bool own;                   // the reader wrote it
    bool may_edit;              // own, and not older than five minutes
    bool may_reply;             // the reader may write here
    bool edited;                // there are earlier texts
    bool hidden;                // a coordinator has hidden it; body and text are empty
    bool first_new;             // the line "new since last time" stands above it
    struct str day;             // "I dag", "I går", "mandag 3. november 2026": a separator stands above the post; empty: same day as the one before
    struct str day_key;         // "2026-11-22", set together with day
    struct str clock;           // "14.32"
    int64_t posted;             // ms
    int64_t day_number;         // of the local day, as clock_days counts
    int64_t reply_to;           // number of the post that this one answers; 0: none
    bool reply_earlier;         // it answers one from before the reader came
    struct str reply_author;    // its author
    struct str reply_excerpt;   // the beginning of its text, at most 80 characters
};

// Somebody who takes part.
struct dialogue_view_person {
    struct avatar avatar;
    struct str name;
    struct str relation;        // free text ("klasselærer"); may be empty
    struct str role;            // "Borger", "Tovholder" … in the reader's language
    bool self;
};

// The form for writing. Also what answers a POST that was refused, as a fragment.
struct dialogue_view_composer {
    int64_t dialogue;
    int64_t newest;             // number of the newest post on the page; 0: none
    struct str self;            // the writer's name
    struct str text;            // the draft, or what was typed when the form was refused
    struct str error;           // empty: none
    struct str key;             // fresh random key; the server takes a post with a key only once
    int64_t reply_to;           // 0: none
    struct str reply_author;
    struct str reply_excerpt;
};

// A run of posts, oldest first, and the way to those beside it.
struct dialogue_view_posts {
    int64_t dialogue;
    const struct dialogue_view_post *posts;
    size_t posts_count;         // at most DIALOGUE_PAGE
    struct packed packed;       // all of them; length 0: they are made of the above. Else the above may be NULL
    int64_t older_before;       // there are older posts: those before this number; 0: none
    int64_t newer_after;        // there are newer posts beyond this page: those after this number; 0: the page reaches to now
};

struct dialogue_view {
    int64_t id;
    struct str topic;
    struct str unit;            // name of the unit that the dialogue belongs to
    struct str citizen;         // name of whom it is about
    bool about_self;            // the reader is the citizen
    int64_t parent;             // of a side talk: the dialogue beside which it is; 0: it is none
    struct str ends;            // of a side talk: "3. december kl. 23.59"
    bool ended;                 // of a side talk
    bool reads_only;            // the reader was let in for reading only
    const struct dialogue_view_person *people;
    size_t people_count;
    struct dialogue_view_posts page;
    int64_t unread;             // posts that were new to the reader when the page was opened
    bool fresh;                 // and no post on the page was seen before
    bool may_write;             // false: closed dialogue; the composer is not there
    bool locked;                // a consent has run out: the others can't read until it is renewed
    bool may_invite;            // sees the button "Invite"
    bool unassigned;            // written to a unit, and nobody there has taken it yet
    bool unknown;               // the citizen has read nothing here yet, and the reader, who runs it, can pass the address on
    bool orphan;                // has lost its last coordinator; the unit knows
    const struct str *away;     // who of the coordinators is away, in sentences
    size_t away_count;
    const struct menu_link *links;   // what else can be done with the dialogue
    size_t links_count;
    struct dialogue_view_composer composer;
    struct file_view_tray tray; // what goes with the next post
};

// The page for changing a post within five minutes (GET and refused POST /dialogue/{dialogue#}/post/{seq#}/edit).
struct dialogue_view_edit {
    int64_t dialogue;
    int64_t number;
    struct str topic;
    struct str text;
    struct str error;           // empty: none
    struct str until;           // "14.37": until when it can be changed
};

// What can be done with a post (GET /dialogue/{dialogue#}/post/{number#}/menu): a page, or the list alone as a menu beside the post.
struct dialogue_view_menu {
    struct dialogue_view_post post;
    struct str topic;
    struct str excerpt;         // the beginning of its text
    const struct menu_link *links;   // what features add
    size_t links_count;
    bool regret;                // one's own, that only a coordinator can hide
    bool whole;                 // a page of its own
};

// One text that a post has had.
struct dialogue_view_version {
    struct html body;           // empty: the text has no markup
    struct str text;
    struct str written;         // "22. november kl. 14.32"
    struct str iso;
    int64_t at;                 // ms
    bool current;               // how the post reads now
};

// The page with a post's earlier texts (GET /dialogue/{dialogue#}/post/{seq#}/history); newest first.
struct dialogue_view_history {
    int64_t dialogue;
    int64_t number;
    struct str topic;
    struct str author;
    const struct dialogue_view_version *versions;
    size_t versions_count;
};

// The answer to POST /dialogue/{dialogue#}/draft.
struct dialogue_view_draft {
    int64_t saved;              // ms
};
