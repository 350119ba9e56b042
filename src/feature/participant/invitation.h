// SPDX-License-Identifier: MPL-2.0
// Invitations: a link for somebody who is not known yet. It works once, for 30 days, for the login that first uses it.
// An invitation is a member of its dialogue: it holds key grants of its own, which become the person's when it is accepted.
#pragma once

#include "base/clock.h"
#include "feature/dialogue/dialogue.h"

#define INVITATION_MS (30 * DAY_MS)
#define INVITATION_OPEN_MAX 50   // that wait, for each dialogue

enum invitation_state { INVITATION_UNSET, INVITATION_OPEN, INVITATION_ACCEPTED, INVITATION_REVOKED, INVITATION_EXPIRED };

struct invitation {
    int64_t id;
    int64_t dialogue;
    enum relation relation;      // RELATION_RELATIVE or RELATION_EXTERNAL
    enum invitation_state state; // as of the scene's time
    int64_t inviter;             // person
    int64_t accepted_by;         // person; 0: nobody
    int64_t created, expires;    // ms
    struct str name, email;      // of whom it was made for
    struct str words;            // the relation in words
    int64_t proposal;            // the consents that it rests on (feature/consent); 0: none
    struct str token;            // the secret part of the link, base64url
    int64_t until;               // ms: how long the access that it gives lasts; 0: no end
    bool reads_only;
};

struct invitation_new {
    enum relation relation;
    struct str name, email, words;
    int64_t inviter;       // 0: the dialogue's member
    int64_t proposal;      // 0: none
    int64_t first_epoch;   // what it opens begins there; 0: all
    int64_t until;         // ms: how long the access that it gives lasts; 0: no end
    bool reads_only;       // it is for reading only
};

// Makes an invitation as the dialogue's member. -E2BIG when too many wait.
int invitation_make(struct dialogue *dialogue, const struct invitation_new *what, int64_t *ret_id);

// Finds an invitation by its secret. -ENOENT.
int invitation_find(const struct dialogue_scene *scene, struct str token, struct invitation *ret_invitation);

// Of a dialogue, by id. -ENOENT.
int invitation_get(struct dialogue *dialogue, int64_t id, struct invitation *ret_invitation);

// Lets the person take part as the invitation says. -ESTALE when it is not open (unless this person accepted it before: 0); -EEXIST when they take
// part already; -EKEYREVOKED when it was made before their part in the dialogue was ended; -ESHUTDOWN while the dialogue is closed; -EPERM when it
// rests on no consent and somebody must agree to new participants by now. ret_dialogue is the dialogue as the invitation opened it; NULL when it was accepted
// before.
int invitation_accept(const struct dialogue_scene *scene, const struct invitation *invitation, int64_t person, struct dialogue **ret_dialogue);

// Takes an open invitation back. -ENOENT when it is not open.
int invitation_revoke(struct dialogue *dialogue, int64_t id);

// Closes the invitations that are too old, so that no keys are made for them any more; and those of an inviter who goes (0: nobody).
int invitation_tidy(struct dialogue *dialogue, int64_t inviter);

// Those that wait, the oldest first, in the scene's arena.
int invitation_list(struct dialogue *dialogue, const struct invitation **ret_list, size_t *ret_count);

// Those of them that rest on no consent: nobody had to be asked when they were made.
int invitation_list_unasked(struct dialogue *dialogue, const struct invitation **ret_list, size_t *ret_count);
