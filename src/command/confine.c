// SPDX-License-Identifier: MPL-2.0
#include "command/confine.h"

#include "base/capability.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#define PORT_PRIVILEGED 1024   // below, listening takes a capability
#define CAPABILITIES_MAX 64

// One that is not there can't be lost.
static void narrow_bounds(int kept)
{
    for (int capability = 0; capability < CAPABILITIES_MAX; capability++)
        if (capability != kept)
            prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

static int give_up_capabilities(uint16_t port)
{
    int kept = port > 0 && port < PORT_PRIVILEGED ? CAP_NET_BIND_SERVICE : CAPABILITY_NONE;

    narrow_bounds(kept);
    return capability_keep(kept);
}

static void look_for_key(const struct options *options)
{
    int fd = open(options->key, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return;
    close(fd);
    log_event(LOG_WARNING, "key-exposed", "key=%s meaning=\"the server itself can read it: put it outside the data folder, on a kernel with Landlock\"", options->key);
}

int confine_spawner(const void *options)
{
    int r = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;

    r = r < 0 ? r : give_up_capabilities(0);
    r = r < 0 ? r : confine_files_spawner(options);
    return r < 0 ? r : confine_calls(false);
}

int confine(const struct options *options, uint16_t port)
{
    int r = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;

    r = r < 0 ? r : give_up_capabilities(port);
    r = r < 0 ? r : confine_files(options, port);
    r = r < 0 ? r : confine_calls(true);
    if (r < 0)
        log_event(LOG_ERROR, "confine", "errno=%d meaning=\"what this process does not need could not be given up\"", -r);
    else
        look_for_key(options);
    return r;
}
