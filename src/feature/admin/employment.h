// SPDX-License-Identifier: MPL-2.0
// The end of an employment: access ends everywhere at once, and no dialogue is forgotten.
#pragma once

#include "feature/account/account.h"
#include "web/request.h"

#define EMPLOYMENT_DIALOGUES_MAX 500   // that one person may take part in to be ended in one go

// Signs a person out, ends their part in every dialogue and marks them as no longer employed. 'successor' (0: nobody) becomes coordinator where they
// were the only one; where the citizen or a relative must agree to new people, they are asked first. -EBUSY when somebody must take over and nobody is
// named; -EINVAL when the successor is not an employee, or is the person; -E2BIG over the bound.
int employment_end(struct request *request, const struct account *person, int64_t successor);
