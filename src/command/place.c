// SPDX-License-Identifier: MPL-2.0
#include "command/place.h"

#include "base/cleanup.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DEEPEST 64

// The nearest that is there: the path itself, or the folder that it would be made in. NULL when that can't be told: a link that leads nowhere, too.
static char *find(const char *path)
{
    char above[PATH_MAX];
    struct stat status;
    char *real = realpath(path, NULL);

    if (snprintf(above, sizeof(above), "%s", path) >= (int)sizeof(above))
        return real;
    for (int i = 0; !real && errno == ENOENT && i < DEEPEST && lstat(above, &status) < 0; i++) {
        const char *up = dirname(above);
        memmove(above, up, strlen(up) + 1);
        real = realpath(above, NULL);
    }
    return real;
}

bool place_is_inside(const char *folder, const char *path)
{
    _cleanup_(free_pointer) char *real_folder = realpath(folder, NULL);
    _cleanup_(free_pointer) char *real = find(path);
    size_t len = real_folder ? strlen(real_folder) : 0;

    if (!real || !real_folder)
        return true;
    len = strcmp(real_folder, "/") == 0 ? 0 : len;
    return strncmp(real_folder, real, len) == 0 && (real[len] == '/' || real[len] == '\0');
}
