// SPDX-License-Identifier: MPL-2.0
#include "command/owner.h"

#include "base/cleanup.h"

#include <errno.h>
#include <libgen.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

// The user whose folder it is or will be; 0: root's, or nobody's in particular.
static uid_t owner_of(const char *folder)
{
    _cleanup_(free_pointer) char *copy = strdup(folder);
    struct stat status;

    if (stat(folder, &status) == 0)
        return status.st_uid;
    if (!copy || stat(dirname(copy), &status) < 0 || (status.st_mode & (S_IRWXG | S_IRWXO)))
        return 0;
    return status.st_uid;
}

int owner_check(const struct options *options, const char *command)
{
    const uid_t owner = geteuid() == 0 ? owner_of(options->data) : 0;
    const struct passwd *known = owner != 0 ? getpwuid(owner) : NULL;

    if (owner == 0)
        return 0;
    if (known)
        fprintf(stderr,
                "samtraad: the data folder %s belongs to the user %s, whom root's files in it would lock out. Nothing was done; run this as that user:\n"
                "    runuser -u %s -- samtraad %s ...\n",
                options->data, known->pw_name, known->pw_name, command);
    else
        fprintf(stderr, "samtraad: the data folder %s belongs to the user %u, whom root's files in it would lock out. Nothing was done; run this as that user\n",
                options->data, owner);
    return -EPERM;
}
