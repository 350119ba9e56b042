// SPDX-License-Identifier: MPL-2.0
// What the process of a running server keeps of the machine: its data folder, and the network as configured.
#pragma once

#include "command/options.h"

// Gives up for good, for all threads and children to come: capabilities, new privileges, files (Landlock), TCP to other ports than those of
// the configured servers (Landlock of Linux 6.7 and later), system calls that no part of the program makes (seccomp). Whoever takes over
// this process can't open the master key, can't run any program, can't look into the keeper.
//
// Call when the keeper runs and the database is open, with one thread. What Landlock lacks on an old kernel is logged, as is a key that lies
// where the server must be able to read. -E… when the rest can't be given up; the server must not run then.
int confine(const struct options *options, uint16_t port);

// The same for the spawner (base/spawner.h) and whoever it starts: what is left is this program, what it takes to load it, fonts, and no
// network at all. The context is the struct options.
int confine_spawner(const void *options);

// The system calls alone (confine_calls.c). by_itself: no program and no other process can be started either.
int confine_calls(bool by_itself);

// The files and ports alone (confine_files.c). Logs what the kernel lacks.
int confine_files(const struct options *options, uint16_t port);
int confine_files_spawner(const struct options *options);
