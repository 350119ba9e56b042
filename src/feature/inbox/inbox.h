// SPDX-License-Identifier: MPL-2.0
// Writing to a unit instead of to a person: a citizen starts a dialogue with a unit, whose employees see it in the unit's inbox until one of them
// becomes its coordinator. And who is away, with whom to turn to meanwhile.
#pragma once

#include "feature/account/account.h"
#include "web/request.h"

#define ABSENCE_WORDS_MAX 200   // characters

struct absence {
    int64_t first_day, last_day;   // days since 1970, local time, both included
    int64_t deputy;                // person; 0: nobody
    struct str words;              // what others are told; may be empty
};

// What a person has said about being away, whether it is now or not. -ENOENT.
int absence_get(const struct account_scene *scene, int64_t person, struct absence *ret_absence);

// Sentences about the coordinators of a dialogue who are away today: "Anne Holm er væk til og med 3. december. Jonas Dam svarer imens." Who answers
// meanwhile is named only where they take part. In the request's arena and language.
int absence_sentences(struct request *request, int64_t dialogue, const struct str **ret_sentences, size_t *ret_count);
void absence_ask_sentences(struct request *request, int64_t dialogue);   // ahead (db_ask)

// The same for one person, outside any dialogue: the deputy is named. Empty when they are there today.
int absence_sentence(struct request *request, int64_t person, struct str *ret_sentence);

// Whether a dialogue waits in its unit's inbox for somebody to take it.
int inbox_waits(struct request *request, int64_t dialogue, int64_t unit, bool *ret_waits);
