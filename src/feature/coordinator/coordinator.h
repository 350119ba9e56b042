// SPDX-License-Identifier: MPL-2.0
// Dialogues that have lost their last coordinator, because the consent to that person was taken back: nobody may stay whom the citizen no longer wants there.
// The unit is told at once, in its inbox, without a word of the dialogue; an administrator finds somebody new, whom the givers are asked about like anybody else.
#pragma once

#include "feature/dialogue/dialogue.h"

#define COORDINATOR_MISSING_MAX 100   // that are listed

struct coordinator_missing {
    int64_t dialogue;
    int64_t unit;
    int64_t last;        // person: who was the coordinator
    int64_t since;       // ms
};

// Those of a unit, the longest first, in the scene's arena.
int coordinator_missing(const struct dialogue_scene *scene, int64_t unit, const struct coordinator_missing **ret_list, size_t *ret_count);

// -ENOENT when the dialogue is not one of them.
int coordinator_missing_get(const struct dialogue_scene *scene, int64_t dialogue, struct coordinator_missing *ret_missing);

// Whether a dialogue would be without coordinator if that person left it.
int coordinator_is_only(const struct dialogue_scene *scene, int64_t dialogue, int64_t person, bool *ret_only);

// Makes an employee the coordinator. When consent givers must agree and the person does not take part yet, they are asked first, and *ret_asked is set.
// 'by': the administrator. -EEXIST when the person is proposed already; -EINVAL when they can't be a coordinator. In a write transaction.
struct coordinator_new {
    int64_t person, by;
    struct str name, words, purpose;
};
int coordinator_appoint(const struct dialogue_scene *scene, int64_t dialogue, const struct coordinator_new *what, bool *ret_asked);
