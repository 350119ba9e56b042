// SPDX-License-Identifier: MPL-2.0
// On which terms people take part. For the files of this folder.
#pragma once

#include "feature/dialogue/dialogue.h"

// Whose grants are meant, and what they are bound to.
struct member {
    int64_t id;
    int64_t role;
    int64_t admission;
};

// Opens the terms of a participant's row; admission 0: DIALOGUE_ALL, and ret_since stays. -EBADMSG when they were not made for this person and admission.
int dialogue_terms_open(const struct dialogue_scene *scene, int64_t dialogue, int64_t person, int64_t admission, struct bytes sealed,
                        struct dialogue_terms *ret_terms, int64_t *ret_since);

// Puts terms into a participant's row; gives the id to which the person's grants must be bound.
int dialogue_terms_set(struct dialogue *dialogue, int64_t person, const struct dialogue_terms *terms, int64_t *ret_admission);

// Works out anew when a consent that the dialogue needs runs out, after somebody came, went or was prolonged.
int dialogue_lapses_refresh(struct dialogue *dialogue);

// State and end of a side talk, as of the scene's time. One whose row was changed is over.
int dialogue_side_open(struct dialogue *dialogue);

// Nobody goes on in a side talk whose part in the dialogue is over: whose consent has run out, too, before anything has ended it. parent: the dialogue as the
// same person opens it; NULL: they can't.
void dialogue_side_hold(struct dialogue *side, const struct dialogue *parent);

// Ends all talks beside a dialogue in which is still written.
int dialogue_sides_end(struct dialogue *parent);

// Whether a person is one of these (dialogue_persons).
bool dialogue_is_among(const int64_t *persons, size_t count, int64_t person);

// Ends a person's part, whatever it is, and with it their part in the talks beside the dialogue.
int dialogue_take_out(struct dialogue *dialogue, int64_t person);

// Ends a person's part in all talks beside a dialogue. Where they were the only coordinator, who has been there the longest becomes it: what was said there
// can still be journalised.
int dialogue_sides_leave(struct dialogue *parent, int64_t person);

// A new data key for all members but one (0: for all); what is written from now on is sealed under it.
int dialogue_next_epoch(struct dialogue *dialogue, int64_t except);

// Makes all of a member's grants anew. -ENOENT (0 grants) does not happen: the citizen holds all keys.
int dialogue_replace_grants(struct dialogue *dialogue, const struct member *member, int64_t first_epoch);

// Whether a member holds a genuine grant of the newest epoch: a row that somebody put into the database is not made better. -ENOENT.
int dialogue_check_genuine(struct dialogue *dialogue, const struct member *member);

// Seals the topic under its epoch's key.
int dialogue_seal_topic(struct dialogue *dialogue, struct bytes *ret_sealed);

// Seals what everybody who takes part is to the citizen under the newest key.
int dialogue_carry_words(struct dialogue *dialogue);

// An open dialogue in which a consent that it needs has run out is locked, from that moment on.
static inline enum dialogue_state dialogue_state_at(enum dialogue_state stored, int64_t lapses, int64_t now)
{
    return stored == DIALOGUE_OPEN && lapses && lapses <= now ? DIALOGUE_LOCKED : stored;
}
