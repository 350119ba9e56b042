// SPDX-License-Identifier: MPL-2.0
#include "command/notify.h"

#include "base/log.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

// A path, or a name that is nowhere in the file system, behind "@". 0: it is neither.
static socklen_t put_address(const char *name, struct sockaddr_un *address)
{
    const size_t len = strlen(name);

    *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    if ((name[0] != '/' && name[0] != '@') || len < 2 || len >= sizeof(address->sun_path))
        return 0;
    memcpy(address->sun_path, name, len);
    if (name[0] == '@')
        address->sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

static int reach(const char *name)
{
    struct sockaddr_un address;
    const socklen_t len = put_address(name, &address);
    const int descriptor = len ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;

    if (descriptor >= 0 && connect(descriptor, (const struct sockaddr *)&address, len) == 0)
        return descriptor;
    log_event(LOG_WARNING, "notify", "errno=%d meaning=\"the service manager can't be told\"", len ? errno : EINVAL);
    if (descriptor >= 0)
        close(descriptor);
    return -1;
}

int notify_open(void)
{
    const char *name = getenv("NOTIFY_SOCKET");
    const int descriptor = name ? reach(name) : -1;

    unsetenv("NOTIFY_SOCKET");   // whatever is started from here on has nothing to say
    return descriptor;
}

void notify_ready(int descriptor)
{
    static const char ready[] = "READY=1";

    if (descriptor < 0)
        return;
    if (write(descriptor, ready, sizeof(ready) - 1) < 0)
        log_event(LOG_WARNING, "notify", "errno=%d", errno);
    close(descriptor);
}
