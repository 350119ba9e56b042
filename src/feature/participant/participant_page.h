// SPDX-License-Identifier: MPL-2.0
// The page about who takes part.
#pragma once

#include "feature/participant/participant_view.h"
#include "web/request.h"

// What the page is asked to show beside the list: a search in the staff list (errors in request->errors), the invitation that was just
// made (0: none), and the invite form as typed.
struct participant_ask {
    struct str search;
    int64_t made;
    struct participant_view_invite invite;
};

int participant_page(struct request *request, const struct participant_ask *ask, struct participant_view *ret_view);

// Where somebody must agree first, people are proposed (feature/consent), not let in: -EINVAL with a message then.
int participant_check_consent(struct request *request);
