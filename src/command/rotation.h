// SPDX-License-Identifier: MPL-2.0
// A rotation of the master key as the process that writes carries it out: wraps everything anew, in portions between other work. docs/adr/0024-rotation.md.
//
// "samtraad rotate" and a running server talk through small files in the data folder:
//     keeper.box       the keeper's public key, for what only it may open
//     rotation         a request: "admit HEX" with a box, or "retire"
//     rotation.state   how far it has come
#pragma once

#include "command/options.h"
#include "web/app.h"

struct rotation;

struct rotation_state {
    int64_t newest, lowest;   // master keys that the keeper accepts
    bool complete;            // nothing is under the older one that could be opened
    bool refused;             // the last request
    int64_t shares, grants, false_grants;
};

int rotation_new(const struct options *options, struct app *app, struct rotation **ret_rotation);
void rotation_free(struct rotation *rotation);   // waits for what the writer still has; NULL is allowed

// Looks for a request, and goes on with what a stop has interrupted. Quick.
void rotation_tick(struct rotation *rotation);

// Without a server: wraps all of it anew now.
int rotation_run(struct rotation *rotation);

// -ENOENT: no server has written one.
int rotation_state_read(const struct options *options, struct rotation_state *ret_state);
int rotation_box_read(const struct options *options, uint8_t ret_box[KEEPER_PUBLIC_KEY]);
// box NULL: asks to retire.
int rotation_ask(const struct options *options, const uint8_t *box);
