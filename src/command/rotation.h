// SPDX-License-Identifier: MPL-2.0
// A rotation of the master key as a process that writes carries out its part: docs/adr/0024-rotation.md.
//
// "samtraad rotate" and each running server talk through two small files in the data folder, by the server's number (command/roster.h):
//     rotation.N         a request to the server whose keeper has that box: "to HEX admit HEX", or "use", "wrap", "retire" with a version
//     rotation.state.N   how far it has come
#pragma once

#include "command/options.h"
#include "web/app.h"

struct rotation;

enum rotation_step {
    ROTATION_NOTHING,
    ROTATION_ADMIT,    // to open what is under the newer key, too
    ROTATION_USE,      // to wrap under it
    ROTATION_WRAP,     // to wrap everything anew, in portions between other work. One server does it for all
    ROTATION_RETIRE,   // to forget the older key
};

struct rotation_request {
    enum rotation_step step;
    uint8_t to[KEEPER_PUBLIC_KEY];          // box of the keeper that is meant: whoever else finds it leaves it
    uint8_t admission[KEEPER_ADMISSION_BOX]; // of ROTATION_ADMIT
    int64_t version;                        // of the others: the newer key, or the one to be forgotten
};

struct rotation_state {
    uint8_t box[KEEPER_PUBLIC_KEY];   // of the keeper, as long as it runs
    int64_t newest, used, lowest;     // master keys that it knows
    int64_t rounds;                   // so often since the start all was looked at, and wrapped anew where it was not under the key that is used
    int64_t refused;                  // so many requests since the start
    int64_t shares, grants, false_grants;
};

// Of a server with that number, whose state is written; 0: of a process that is alone.
int rotation_new(const struct options *options, unsigned number, struct app *app, struct rotation **ret_rotation);
void rotation_free(struct rotation *rotation);   // waits for what the writer still has; NULL is allowed

// Looks for a request, and goes on with what the database has interrupted. Quick.
void rotation_tick(struct rotation *rotation);

// With several servers, whose machines may have a copy of the key file each: what a server that starts has to know, and to use, at least. Whoever leads says so as
// soon as the key file does.
int rotation_demand(const struct options *options, int64_t known, int64_t used);
// -ESTALE, printed: its key file is from before. One that only uses the older key uses the newer from now on.
int rotation_comply(const struct options *options, struct keeper *keeper);

// Without a server, with a keeper that has both keys: does all of it now.
int rotation_run(struct rotation *rotation, struct rotation_state *ret_state);

// What whoever had the number before has left, or was asked for, is forgotten. Before the key file is read.
int rotation_forget(const struct options *options, unsigned number);

// -ENOENT: the server has not written one yet.
int rotation_state_read(const struct options *options, unsigned number, struct rotation_state *ret_state);
int rotation_ask(const struct options *options, unsigned number, const struct rotation_request *request);
