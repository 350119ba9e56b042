// SPDX-License-Identifier: MPL-2.0
// The cell that the keeper locks itself into.
#pragma once

// Gives up for good, for this process: core dumps, being read or traced by others of the same user, gaining privileges,
// opening files, starting processes, and every system call but receiving and sending on a descriptor it already has,
// getting random bytes and leaving. Any other call kills the process. Call with one thread, after all memory that will be
// needed was taken. 0, or -E… and the process must leave.
int sandbox_enter(void);
