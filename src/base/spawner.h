// SPDX-License-Identifier: MPL-2.0
// The spawner: a child process that starts this program anew on behalf of a server that may run no program itself (docs/adr/0026-confined.md).
// It is made before any key is read, holds one socket, and starts one program with one of a few words, nothing else. Whoever asks it for
// anything else ends it. It ends with the server, however that ends, and what it started ends with it.
#pragma once

#include <stdbool.h>

struct spawner;

struct spawner_orders {
    const char *program;         // "/proc/self/exe"
    const char *const *words;    // one of these is the program's only argument; NULL behind the last
    int (*confine)(const void *context);   // called in the child before its first job; NULL: nothing is given up
    const void *context;
};

// Call with one thread, with the signals blocked that it shall outlive. The orders are needed no longer than the call. -E… when it could not be
// started or confined.
int spawner_start(const struct spawner_orders *orders, struct spawner **ret_spawner);

// Whether the child still runs. Without it nothing can be started: the server should end, to be started anew.
bool spawner_alive(struct spawner *spawner);

// Ends the child, and waits for it. NULL is allowed.
void spawner_stop(struct spawner *spawner);

// Starts the program with the word, 'in' and 'out' as its standard input and output, no environment, no other descriptor of ours, and what it
// says of errors going nowhere. The line is for spawner_wait, which must follow. Any thread.
int spawner_run(struct spawner *spawner, const char *word, int in, int out, int *ret_line);

// Waits until the program has ended, having killed it first if it is to be. ret_status as of waitpid. Closes the line. -EIO: it could not be run.
int spawner_wait(int line, bool kill, int *ret_status);
