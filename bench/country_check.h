// SPDX-License-Identifier: MPL-2.0
// The model against the real server, once, at a given rate.
#pragma once

#include "client.h"
#include "country.h"

struct check {
    const char *program, *folder;
    struct town *town;   // by check_open
};

// Fills a small town in the folder, which must be there.
int check_open(struct check *check);

// Starts the server and sends it pages and posts at random times, so many a second for so many
// seconds, as country_kinds mixes them when pages are warm. Each counts from the time at which it was
// to be sent. -EPROTO when one was not answered as expected.
int check_run(struct check *check, const struct figures *figures, double rate, double seconds, struct client_result *ret_result);
void check_close(struct check *check);
