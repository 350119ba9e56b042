// SPDX-License-Identifier: MPL-2.0
// What joins several programs that work on one database: a connection of its own, on which this one hears what the others
// have committed (db_tell), and by which one of them all leads, for what is to be done once.
#pragma once

#include "base/str.h"

struct listener;

// All on the listener's thread. They may take a moment, and no more: nothing is heard meanwhile.
struct listener_calls {
    void *context;
    // A line, after the transaction that told it has committed: in the order of the commits, our own too.
    void (*heard)(void *context, struct str line);
    // From here on lines may be missing: at the start, and when the connection broke.
    void (*deaf)(void *context);
    // From here on every line is heard. What was told since 'deaf' was not.
    void (*hearing)(void *context);
};

// Starts the thread, which connects again and again. -ENOMEM and others.
int listener_start(const char *database, const struct listener_calls *calls, struct listener **ret_listener);
void listener_stop(struct listener *listener);   // NULL is allowed

// Whether this program is the one that leads. It is so for as long as its connection lives: a program that is cut off learns that
// within 20 seconds, and the server lets another lead after 30 at the earliest. Any thread.
bool listener_leads(const struct listener *listener);
