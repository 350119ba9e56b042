// SPDX-License-Identifier: MPL-2.0
// Rows of consent, sealed and opened. For the files of this folder.
#pragma once

#include "feature/consent/consent.h"

// Stores what has changed of a proposal: its new state, person, invitation and terms. -ESTALE when somebody was quicker.
int proposal_store(const struct dialogue_scene *scene, struct proposal *proposal, enum proposal_state state);

// Adds a record. consent: what there was before; the new record comes after it.
struct consent_record {
    enum consent_event event;
    enum consent_basis basis;
    int64_t until;
    bool from_today;
    int64_t assurance;
    int64_t text_version;   // 0: nothing was shown
};
int consent_record_add(const struct dialogue_scene *scene, const struct proposal *proposal, const struct consent *consent, const struct consent_record *record);

// Whether somebody can be asked in a dialogue as it stands now: the citizen for themself, a relative who sees all for the citizen, a coordinator where the law
// decides. -EINVAL when they can't. (rule.c)
int consent_giver_check(const struct dialogue_scene *scene, int64_t dialogue, const struct consent_giver *giver);

// Lets the proposed person in, or makes their invitation: all have agreed. (admit.c)
int proposal_admit(struct dialogue *whole, struct proposal *proposal, bool from_today, int64_t until);
