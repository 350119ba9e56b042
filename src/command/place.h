// SPDX-License-Identifier: MPL-2.0
// Where files and folders really lie, whatever links lead there.
#pragma once

#include <stdbool.h>

// Whether something lies in a folder, which is there, or is that folder; what is not there yet lies where it would be made. True when that can't be told:
// no place is taken for one outside it.
bool place_is_inside(const char *folder, const char *path);
