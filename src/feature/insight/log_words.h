// SPDX-License-Identifier: MPL-2.0
// A record of the log in plain words: "Anne Holm læste beskeder 3–12 i »Skolegang«".
#pragma once

#include "audit/audit.h"
#include "feature/insight/people.h"

// By what a log page can be filtered.
enum log_group { LOG_NONE /* is not shown */, LOG_READ, LOG_WRITE, LOG_PEOPLE, LOG_LOOK_UP, LOG_CARE /* the log itself, and reviews of it */, LOG_OWN, LOG_GROUPS };

enum log_flags {
    LOG_TO_CITIZEN = 1,   // the citizen of the dialogue sees it of others
    LOG_ABOUT = 2,        // its object is the person whom it is about, who sees it
    LOG_OPEN = 4,         // everybody in the dialogue can see who did it anyway
    LOG_OBJECT_PERSON = 8,   // its object is a person who may be named where they take part
    LOG_CONSENT_TEXT = 32,   // its 'first' is the version of the text that was shown
    LOG_ITSELF = 16,      // the program may do it by itself; the sentence does without {who}, or "Samtråd" stands there
};

struct log_words {
    enum log_group group;
    unsigned flags;
    const char *text;    // with {who}, {posts}, {message}, {dialogue}, {person}; NULL: only the person themself sees it
    const char *bare;    // the same when no messages were shown; NULL: as text
    const char *own;     // how the person reads it of themself, where that differs
    const char *other;   // how somebody whom it is not about reads it, where that differs
};

// The words of a kind; group LOG_NONE for one that is not shown.
const struct log_words *log_words(enum audit_kind kind);

// A look of the same person at the same thing that comes no later than this after the one before is the same visit: a page, its live stream and its menus
// have a record each.
#define LOG_VISIT_MS (5 * MINUTE_MS)

// Whether two records of this kind, of one person and one thing, are one visit. Only reading is summed up so: whatever else is done counts each time.
bool log_same_visit(enum audit_kind kind, int64_t earlier_ms, int64_t later_ms);

// What a group is called in the filter.
const char *log_group_text(enum log_group group);

#define LOG_NO_NUMBERS INT64_MAX

struct log_sentence {
    const struct audit_event *event;
    struct str who;         // ignored when own
    struct str topic;       // of the dialogue; empty: not to be told
    struct str person;      // whom the object names; empty: "somebody"
    int64_t before;         // posts that lie before the reader's first: numbers are told without them; LOG_NO_NUMBERS: they are not told
    bool own;               // the reader did it
    bool other;             // the reader is neither who did it nor whom it is about: a reviewer
};

// The sentence in the reader's language, without full stop and time.
struct str log_words_sentence(struct people *people, const struct log_sentence *sentence);

// The first message whose number the sentence tells; 0: it tells none.
int64_t log_words_message(const struct log_sentence *sentence);
