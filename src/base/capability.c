// SPDX-License-Identifier: MPL-2.0
#include "base/capability.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

int capability_keep(int kept)
{
    struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
    bool same = true;

    if (syscall(SYS_capget, &head, sets) < 0)
        return -errno;
    for (size_t i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
        uint32_t mine = kept >= 0 && i == 0 ? sets[i].permitted & 1u << kept : 0;

        same = same && sets[i].effective == mine && sets[i].permitted == mine && sets[i].inheritable == 0;
        sets[i] = (struct __user_cap_data_struct){ .effective = mine, .permitted = mine };
    }
    return same || syscall(SYS_capset, &head, sets) == 0 ? 0 : -errno;
}
