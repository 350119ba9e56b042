// SPDX-License-Identifier: MPL-2.0
// The people and dialogues of a page about the log: each is looked up once, and named only as far as the policy for fields allows.
#pragma once

#include "feature/account/account.h"
#include "feature/dialogue/dialogue.h"
#include "policy/sight.h"
#include "web/avatar.h"
#include "web/date.h"
#include "web/request.h"

#define PEOPLE_MAX 400       // different people of one page
#define PEOPLE_DIALOGUES_MAX 200

// Somebody as the page calls them.
struct people_label {
    struct avatar avatar;    // without picture and letters of the name where the name is not shown
    struct str who;          // the name, or what the person is: "Pårørende"
    struct str unit;         // the unit's name; may be empty
    bool named;
};

// A dialogue as the page's reader may know it.
struct people_dialogue {
    int64_t id;
    struct dialogue *dialogue;                      // NULL: the reader may know nothing of it
    const struct dialogue_participant *persons;     // all who take part or took part
    size_t persons_count;
};

struct people {
    struct request *request;
    struct dates dates;
    struct people_entry *entries;
    size_t entries_count;
    struct people_dialogue *dialogues;
    size_t dialogues_count;
};

// -ENOMEM.
int people_begin(struct request *request, struct people *ret_people);

// Somebody's account, without memory of them an empty name. Never -ENOENT: who is not there any more, or too many, are an account without name.
int people_account(struct people *people, int64_t person, const struct account **ret_account);

// What a person is called, with as much of them as 'sight' shows. relation: what they are, or were, to the dialogue; RELATION_NONE: they did not take part.
int people_label(struct people *people, int64_t person, enum relation relation, enum sight sight, struct people_label *ret_label);

// A dialogue for the page's reader. ret_dialogue->dialogue is NULL when they take no part in it (any more), or the page knows of too many.
int people_dialogue(struct people *people, int64_t id, const struct people_dialogue **ret_dialogue);

// The part of a person in a dialogue, or NULL.
const struct dialogue_participant *people_part(const struct people_dialogue *dialogue, int64_t person);

// "22 November at 14:32", or "today at 14:32".
struct str people_when(struct people *people, int64_t ms);

// A text with its {name} places filled, in the reader's language.
struct str people_text(struct people *people, const char *english, const struct text_value *values, size_t count);
