// SPDX-License-Identifier: MPL-2.0
// The log of everything that people do, reads included. Append-only; a Merkle tree (RFC 6962) over its records, whose root stands
// authenticated in the database with each commit, and signed checkpoints outside the database.
#pragma once

#include "base/clock.h"
#include "crypt/keyring.h"
#include "store/writer.h"

// What happened. The numbers are part of the log: never renumber, only append.
enum audit_kind {
    AUDIT_UNSET,
    AUDIT_NONE,                 // of a route: it shows and changes nothing about anybody
    AUDIT_SIGN_IN, AUDIT_SIGN_OUT, AUDIT_SIGN_IN_REFUSED,
    AUDIT_DIALOGUE_LIST, AUDIT_DIALOGUE_START, AUDIT_DIALOGUE_READ,
    AUDIT_POST_WRITE, AUDIT_POST_EDIT, AUDIT_POST_HISTORY_READ,
    AUDIT_PARTICIPANT_READ, AUDIT_PARTICIPANT_ADD, AUDIT_PARTICIPANT_EXCLUDE, AUDIT_PARTICIPANT_LEAVE,
    AUDIT_PARTICIPANT_COORDINATE,
    AUDIT_INVITATION_MAKE, AUDIT_INVITATION_REVOKE, AUDIT_INVITATION_ACCEPT,
    AUDIT_CITIZEN_LOOK_UP, AUDIT_CITIZEN_REGISTER, AUDIT_STAFF_SEARCH, AUDIT_UNIT_READ,
    AUDIT_DRAFT_WRITE, AUDIT_PROFILE_CHANGE, AUDIT_KEY_EPOCH, AUDIT_PORTRAIT_READ,
    AUDIT_KIND_COUNT
};

// The kind's name as printed and exported: "dialogue-read".
const char *audit_kind_name(enum audit_kind kind);

struct audit_event {
    enum audit_kind kind;
    int64_t person;      // who acted; 0: nobody signed in
    int64_t dialogue;    // 0: none
    int64_t object;      // of the kind's own sort: person, post number, invitation; 0: none
    int64_t first, last; // posts that were shown or written; 0: none
};

struct audit;

// Opens the log at its head. checkpoint_file is appended to and fsynced (JSON lines; copy it away to a witness); -EBADMSG when the
// head stored in the database is not authentic.
int audit_open(struct db *db, struct keeper *keeper, const char *checkpoint_file, const struct clock *clock, struct audit **ret_audit);
void audit_close(struct audit *audit);

// Appends one record inside the writer's transaction.
int audit_append(struct audit *audit, struct db *db, const struct audit_event *event);

// How the log takes part in the writer's transactions.
struct writer_hooks audit_hooks(struct audit *audit);

// Signs the present head and appends it to the checkpoint file. On the writer's thread or after it stopped.
int audit_checkpoint(struct audit *audit);

struct audit_report {
    uint64_t records;          // in the log
    uint64_t checkpoints;      // in the file, each checked
    uint8_t root[32];
    int64_t bad_record;        // first record that is wrong, or -1
    const char *problem;       // what is wrong, in English; NULL when the log holds
};

// Reads the whole log and checks every record, the head and every checkpoint. 0 when it could be read, whatever it says.
int audit_verify(struct db *db, struct keeper *keeper, const char *checkpoint_file, struct audit_report *ret_report);
