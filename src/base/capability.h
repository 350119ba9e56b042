// SPDX-License-Identifier: MPL-2.0
// The capabilities of this process (capabilities(7)).
#pragma once

#define CAPABILITY_NONE (-1)

// Gives up all that this process is permitted but 'kept' (CAP_…, below 32, as far as it has it; or CAPABILITY_NONE), for good: it can take nothing back without
// starting another program. Makes no call that changes anything when there is nothing to give up: a service manager's filter may refuse
// capset(2) even then (systemd: SystemCallFilter=~@privileged). For the calling thread and those it starts later. 0 or -E….
int capability_keep(int kept);
