// SPDX-License-Identifier: MPL-2.0
// What the process of a running server keeps of the machine: its data folder, the network as configured, and its own program.
#pragma once

#include "command/options.h"

// Gives up for good, for all threads and children to come: capabilities, new privileges, files (Landlock), TCP to other ports than those of
// the configured servers (Landlock of Linux 6.7 and later), system calls that no part of the program makes (seccomp). Whoever takes over
// this process can't open the master key, can't run another program, can't look into the keeper.
//
// Call when the keeper runs and the database is open, with one thread. What Landlock lacks on an old kernel is logged, as is a key that lies
// where the server must be able to read. -E… when the rest can't be given up; the server must not run then.
int confine(const struct options *options, uint16_t port);

// The system calls alone (confine_calls.c).
int confine_calls(void);

// The files and ports alone (confine_files.c). Logs what the kernel lacks.
int confine_files(const struct options *options, uint16_t port);
