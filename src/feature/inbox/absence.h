// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "feature/inbox/inbox.h"

// Says that a person is away. In a write transaction.
int absence_put(const struct account_scene *scene, int64_t person, const struct absence *absence);
