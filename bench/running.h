// SPDX-License-Identifier: MPL-2.0
// Programs that are measured: started, asked, stopped.
#pragma once

#include "town.h"

#include <stdbool.h>
#include <sys/types.h>

struct running {
    pid_t pid; // 0: none runs
    uint16_t port;
    int64_t first_answer; // microseconds from the start to the first answer
};

// Runs a program to its end; 0 when it ended well. What it says on standard error goes to the file.
int running_once(const char *const *arguments, const char *log);

// "samtraad serve" on a town, without a limit of requests for each person, any port.
int running_serve(const char *program, const struct town *town, struct running *ret_server);

// nginx that serves the bytes as /page from a file in the folder. -ENOENT without nginx.
int running_nginx(const char *folder, struct str page, struct running *ret_server);

// Asks it to end and waits. running->pid is 0 afterwards.
int running_stop(struct running *running);

// How many jobs the last stopped server of a town had in each transaction.
int running_batch(const struct town *town, double *ret_jobs);

// The body of a GET, NUL-terminated, of malloc. -EPROTO unless it is answered 200.
int running_get(const struct running *server, const char *path, const char *headers,
                char **ret_body, size_t *ret_len);
