// SPDX-License-Identifier: MPL-2.0
// The keeper's own process.
#pragma once

#include <sys/types.h>

// Runs in the forked child: reads the master key, locks itself in, says on the socket how that went (one reply without result), and answers
// until the other side closes. 'parent' is the process whose end also ends this one.
_Noreturn void keeper_child(int socket, const char *key_file, pid_t parent);
