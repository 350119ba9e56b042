// SPDX-License-Identifier: MPL-2.0
#include "base/file.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>

int file_sync_folder(const char *file)
{
    _cleanup_(free_pointer) char *copy = strdup(file);
    _cleanup_(close_descriptor) int fd = -1;

    if (!copy)
        return -ENOMEM;
    fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) < 0)
        return -errno;
    return 0;
}
