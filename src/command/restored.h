// SPDX-License-Identifier: MPL-2.0
// A backup that has been brought back, and whether it is what was copied.
#pragma once

#include "command/manifest.h"
#include "command/options.h"

struct restored {
    const struct chest *chest;
    const struct manifest *manifest;
    struct keeper *keeper;
    const char *folder;
    int root;   // descriptor of the folder, or -1
};

// Prints what it finds. -EBADMSG when anything is not as it was.
int restored_check(const struct options *options, const struct restored *restored);
