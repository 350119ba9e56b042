// SPDX-License-Identifier: MPL-2.0
// The log of everything that people do, reads included. Append-only; a Merkle tree (RFC 6962) over its records, whose root stands
// authenticated in the database with each commit, and signed checkpoints outside the database.
#pragma once

#include "audit/merkle.h"
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
    AUDIT_DOCUMENT_MADE,        // object, first and last hold 24 bytes of a document's SHA-256; see audit/proof.h
    AUDIT_READERS_READ,
    AUDIT_LOG_READ,             // object: the record that one is about to ask about; oneself when it was only what one has done oneself; 0: with the answers
    AUDIT_REVIEW_ASK, AUDIT_REVIEW_LIST, AUDIT_REVIEW_READ, AUDIT_REVIEW_CLOSE, AUDIT_REVIEW_DRAW,
    AUDIT_REVIEWER_APPOINT,
    AUDIT_SEARCH, AUDIT_PRINT,
    AUDIT_ADMIN_READ, AUDIT_UNIT_CHANGE, AUDIT_STAFF_CHANGE,
    AUDIT_JOURNAL_READ, AUDIT_JOURNAL_MAKE, AUDIT_JOURNAL_OPEN, AUDIT_JOURNAL_MARK, AUDIT_JOURNAL_DELIVER, AUDIT_JOURNAL_RECEIPT,   // object: entry
    AUDIT_MAIL_ADDRESS, AUDIT_MAIL_CHOICE, AUDIT_MAIL_QUEUE,
    AUDIT_FILE_ADD, AUDIT_FILE_REMOVE, AUDIT_FILE_READ, AUDIT_FILE_PREVIEW,
    AUDIT_FOLDER_MAKE,          // first and last: what was put in of the dialogue
    AUDIT_FOLDER_FETCH,
    AUDIT_DIALOGUE_LOOK_UP,
    AUDIT_CONSENT_LIST, AUDIT_CONSENT_READ, AUDIT_CONSENT_RULE, AUDIT_CONSENT_ASK, AUDIT_CONSENT_TAKE_BACK, AUDIT_CONSENT_GIVE, AUDIT_CONSENT_DECLINE,
    AUDIT_CONSENT_WITHDRAW, AUDIT_CONSENT_RENEW, AUDIT_CONSENT_LAPSE,
    AUDIT_POST_HIDE, AUDIT_POST_UNHIDE, AUDIT_POST_ORIGINAL_READ, AUDIT_DIALOGUE_CLOSE, AUDIT_DIALOGUE_REOPEN, AUDIT_PARTICIPANT_DESCRIBE,
    AUDIT_HAND_OVER, AUDIT_SIDE_TALK_START, AUDIT_SIDE_TALK_END, AUDIT_SIDE_TALK_LIST, AUDIT_ACCESS_READ, AUDIT_ACCESS_CHANGE,
    AUDIT_RETENTION_READ, AUDIT_RETENTION_RULE,   // object: unit
    AUDIT_ERASURE_ASK, AUDIT_ERASURE_AGREE, AUDIT_ERASURE_STOP, AUDIT_ERASURE_BEGIN, AUDIT_ERASURE_DONE,   // object: erasure
    AUDIT_CONSENT_TEXT_DRAFT, AUDIT_CONSENT_TEXT_PUBLISH,   // object: the version; the kinds of consents given and renewed have it as 'first'
    AUDIT_KEY_ROTATE, AUDIT_KEY_RETIRE,   // object: version of the master key
    AUDIT_LOCAL_ACCOUNT,        // object: the person who got a starting password
    AUDIT_LOCAL_PASSWORD, AUDIT_PASSKEY_ADD, AUDIT_PASSKEY_REMOVE, AUDIT_PASSKEY_COUNTER,   // object: the passkey
    AUDIT_RECOVERY_CODES, AUDIT_RECOVERY_USE,
    AUDIT_SIDE_TALK_FILE,       // by who does not take part, unread; object: the side talk
    AUDIT_SIDE_TALK_INHERIT,    // by whose act its coordinator went; object: who has become it
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

// One record of the log.
struct audit_record {
    int64_t seq;         // from 0, without gaps
    int64_t time_ms;
    struct audit_event event;
};

struct audit;

// Opens the log at its head. checkpoint_file is made when missing, appended to and fsynced (JSON lines; copy it away to a
// witness). Reads the head and the newest checkpoint only, however long the log. A line that a crash cut short at its end
// is taken away (logged). -EBADMSG (logged) when the head in the database is not authentic, or the newest checkpoint is
// not, or it is of a longer log than the database's: an older database was put back.
int audit_open(struct db *db, struct keeper *keeper, const char *checkpoint_file, const struct clock *clock, struct audit **ret_audit);
void audit_close(struct audit *audit);

// Appends one record inside the writer's transaction, thus between the hooks' calls. -EINVAL for AUDIT_UNSET, AUDIT_NONE
// and unknown kinds; others from the database.
int audit_append(struct audit *audit, struct db *db, const struct audit_event *event);

// Whether a record of this kind about that object (not 0), of something done in no dialogue, is in the log.
int audit_has(struct db *db, enum audit_kind kind, int64_t object, bool *ret_there);

// What a record's proof begins with: audit/proof.h makes the rest of it.
struct audit_place {
    struct audit_record record;
    struct merkle before;   // the tree without it
};

// Appends one record as audit_append does and has the next audit_checkpoint after the commit sign a tree that ends with it. -EAGAIN when one
// transaction has too many such records.
int audit_append_proven(struct audit *audit, struct db *db, const struct audit_event *event, struct audit_place *ret_place);

// The checkpoint of a log of just this size, from the checkpoint file. Any thread. -ENOENT; -EBADMSG when the file is damaged.
struct checkpoint;
int audit_find_checkpoint(const struct audit *audit, int64_t size, struct checkpoint *ret_checkpoint);

// How the log takes part in the writer's transactions.
struct writer_hooks audit_hooks(struct audit *audit);

// Signs the head of what is committed and appends it to the checkpoint file, unless that already ends with it; before it, a tree for each
// record of audit_append_proven since the last call. On the writer's thread or after it stopped. A failure leaves the file as it was.
int audit_checkpoint(struct audit *audit);

// Calls 'each' with every record of a dialogue, oldest first, until it gives another value than 0, which is returned. The
// record lives during the call.
int audit_each(struct db *db, int64_t dialogue, int (*each)(void *context, const struct audit_record *record), void *context);

struct audit_report {
    uint64_t records;          // in the log
    uint64_t checkpoints;      // in the file, each checked
    uint8_t root[32];
    int64_t bad_record;        // first record that is wrong, missing or not covered by its checkpoint; -1: none, or not to be told
    const char *problem;       // what is wrong, in English, static; NULL when the log holds
    uint64_t bad_checkpoint;   // line of the checkpoint file that is wrong or does not fit the log; 0: none
    bool torn_checkpoint;      // a crash cut the file's last line short; harmless, for that line was never finished
};

// Reads the whole log and checks every record, the head and every checkpoint. 0 when it could be read, whatever it says.
int audit_verify(struct db *db, struct keeper *keeper, const char *checkpoint_file, struct audit_report *ret_report);
