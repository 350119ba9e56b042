// SPDX-License-Identifier: MPL-2.0
// Portraits: small pictures, sealed; and the pictures that they were cut from, which only their owner sees.
#pragma once

#include "feature/account/account.h"
#include "picture/picture.h"

#define PORTRAIT_MAX_BYTES ((size_t)64 * 1024)

// Keeps a person's portrait, a PNG or WebP of our own making. -E2BIG, -EINVAL when it is neither.
int portrait_put(const struct account_scene *scene, int64_t person, struct bytes picture);

// -ENOENT when there is none.
int portrait_get(const struct account_scene *scene, int64_t person, struct bytes *ret_picture);

// What a portrait was cut from, and how. width and height are the picture's.
struct portrait_source {
    struct picture_cut cut;
    struct picture picture;
};
int portrait_source_put(const struct account_scene *scene, int64_t person, const struct portrait_source *source);
int portrait_source_get(const struct account_scene *scene, int64_t person, struct portrait_source *ret_source);

// Takes both away.
int portrait_remove(const struct account_scene *scene, int64_t person);

// Whether the viewer may see the person's portrait: one's own, a colleague's as an employee, or that of somebody one meets in a dialogue.
int portrait_visible(const struct account_scene *scene, int64_t viewer, enum role viewer_role, int64_t person, bool *ret_visible);
