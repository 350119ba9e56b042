// SPDX-License-Identifier: MPL-2.0
// The log as a text that leaves the installation: hashes and signatures, no record. docs/adr/0003-log.md, "The log for others", describes it for whoever
// writes a verifier of their own; script/verify-log.mjs is one.
//
// "samtraad log 1", then a line for each leaf of the tree (64 hexadecimal digits, small letters) and, right behind the leaves that it covers, each line of the
// checkpoint file as it stands there. The last line is a checkpoint. Every line ends with a line feed.
#pragma once

#include "audit/audit.h"

#include <stdio.h>

#define EXPORTED_HEAD "samtraad log 1"

// Writes the log up to the newest checkpoint. *ret_unsigned: how many records are newer than that, and left out. -EBADMSG when a line of the checkpoint file
// is none of ours, -ENOENT when there is no such file, -EIO. Whether the log fits its checkpoints is for the verifiers to say.
int audit_export(struct db *db, const char *checkpoint_file, FILE *out, int64_t *ret_unsigned);

struct exported_report {
    uint64_t records;
    uint64_t checkpoints;
    int64_t newest;            // ms: of the last checkpoint
    uint8_t root[MERKLE_HASH];
    const char *problem;       // NULL: it holds
    uint64_t line;             // where, from 1; 0: not to be told
};

// Reads an exported log; witness (NULL: none) is a copy of the checkpoint file that somebody outside has kept: the log's must begin with it. 0 when it could
// be read, whatever it says. Memory does not grow with the log.
int exported_check(FILE *log, FILE *witness, const uint8_t key[KEEPER_PUBLIC_KEY], struct exported_report *ret_report);
