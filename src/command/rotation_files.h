// SPDX-License-Identifier: MPL-2.0
// The files through which a rotation is asked for and told of: see rotation.h. For its own files alone.
#pragma once

#include "command/rotation.h"

struct rotation_paths {
    const char *request, *state;
};

int rotation_paths(const struct options *options, unsigned number, struct rotation_paths *ret_paths);
int rotation_put_state(const struct rotation_paths *paths, const struct rotation_state *state);

// Takes a request away. -ENOENT: there is none; -EINVAL: it is none, or to somebody else.
int rotation_take(const struct rotation_paths *paths, const uint8_t box[KEEPER_PUBLIC_KEY], struct rotation_request *ret_request);
