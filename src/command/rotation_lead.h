// SPDX-License-Identifier: MPL-2.0
// "samtraad rotate" leads all servers that live through a rotation, from one step to the next: docs/adr/0024-rotation.md. Who comes late, or takes over the number
// of one that died, is found at the next look and asked too; who ends is waited for no more. Faults are printed.
#pragma once

#include "command/rotation.h"
#include "crypt/key_file.h"

struct rotation_lead {
    const struct options *options;
    const struct key_file *file;   // as it stands on the disk
    int roster;                    // roster_lead
    struct {
        uint8_t to[KEEPER_PUBLIC_KEY];   // who was asked
        int64_t refused, rounds;         // by them, before
        int64_t since_ms;                // that they are waited for; 0: they are not
        bool asked;
    } told[NODES_MAX];
};

// Until every server that lives has reported the step; *ret_any becomes true when one of them had not yet. Only ROTATION_RETIRE may find that none lives.
// -ETIMEDOUT: one does not answer; -EPERM: one has refused; -ECONNRESET: all have ended.
int rotation_lead_all(struct rotation_lead *lead, enum rotation_step step, bool *ret_any);

// Has one of them wrap everything anew; another begins again when it ends. After all use the newer key.
int rotation_lead_wrap(struct rotation_lead *lead, struct rotation_state *ret_state);
