// SPDX-License-Identifier: MPL-2.0
// Portraits: small PNG pictures, sealed.
#pragma once

#include "feature/account/account.h"

#define PORTRAIT_MAX_BYTES ((size_t)64 * 1024)

// Keeps a person's portrait. -E2BIG, -EINVAL when it is no PNG.
int portrait_put(const struct account_scene *scene, int64_t person, struct bytes png);

// -ENOENT when there is none.
int portrait_get(const struct account_scene *scene, int64_t person, struct bytes *ret_png);

// Whether the viewer may see the person's portrait: one's own, a colleague's as an employee, or that of somebody one meets in a dialogue.
int portrait_visible(const struct account_scene *scene, int64_t viewer, enum role viewer_role, int64_t person, bool *ret_visible);
