// SPDX-License-Identifier: MPL-2.0
// The files through which a rotation is asked for and told of: see rotation.h. For its own files alone.
#pragma once

#include "command/rotation.h"

struct rotation_paths {
    const char *box, *request, *state, *fresh;
};

int rotation_paths(const struct options *options, struct rotation_paths *ret_paths);
int rotation_put(const char *fresh, const char *path, struct str text);
int rotation_get(const char *path, char *text, size_t size, struct str *ret_text);
int rotation_put_state(const struct rotation_paths *paths, const struct rotation_state *state);
