// SPDX-License-Identifier: MPL-2.0
// For how long a unit keeps what is closed and journalised, and erasure: two administrators, a wait, and then the dialogue's share is destroyed, so that
// no copy of the database opens it any more. docs/adr/0014-erasure.md.
#pragma once

#include "audit/audit.h"
#include "feature/dialogue/dialogue.h"

#define RETENTION_YEARS_MAX 100
#define RETENTION_TEXT_MAX 300     // characters of a ground or a reason
#define RETENTION_LIST_MAX 100
#define RETENTION_YEAR_MS (31557600LL * 1000)   // 365.25 days

// What the rules work with, as for accounts.
struct retention_scene {
    struct db *db;
    struct keyring *keys;
    struct arena *arena;
    int64_t now;            // ms
    int64_t approval_ms;    // for how long a request waits for somebody who agrees
    int64_t wait_ms;        // from that to the erasure
    bool delivers;          // entries of the journal go to another system by themselves
};

struct retention_rule {
    int64_t years;          // 0: kept for good
    int64_t by;             // person
    int64_t at;             // ms
    struct str ground;      // the archive rule, in words
};

// A unit's rule; years 0 when it has none, or one that the program did not write.
int retention_rule_get(const struct retention_scene *scene, int64_t unit, struct retention_rule *ret_rule);
int retention_rule_set(const struct retention_scene *scene, int64_t unit, const struct retention_rule *rule);

struct retention_due {
    int64_t dialogue, citizen, unit;
    int64_t created, closed;   // ms; closed: when both closed and journalised
    int64_t posts;
};

// What a unit may have erased, at most RETENTION_LIST_MAX, in the scene's arena.
int retention_due(const struct retention_scene *scene, int64_t unit, const struct retention_due **ret_list, size_t *ret_count);

// One dialogue that may be erased. -ENOENT when it may not.
int retention_due_get(const struct retention_scene *scene, int64_t dialogue, struct retention_due *ret_due);

// Stored: never renumber, only append.
enum erasure_state {
    ERASURE_UNSET,
    ERASURE_ASKED,      // waits for somebody else who agrees
    ERASURE_AGREED,     // waits for its time
    ERASURE_BEGUN,      // the share is being destroyed
    ERASURE_DONE,
    ERASURE_STOPPED,    // taken back, or the dialogue was no longer due
};

struct erasure {
    int64_t id, dialogue, unit;
    enum erasure_state state;
    int64_t changed;            // ms
    int64_t due;                // ms; 0: nobody has agreed
    int64_t citizen, created, closed, posts;   // of the dialogue
    int64_t asked_by, asked;    // 0: nobody: a restored database was told that it had happened
    int64_t agreed_by, agreed;
    int64_t stopped_by;
    struct str reason;
};

// Asks for the erasure of a dialogue that is due, and of the talks beside it. -ENOENT when it is not; -ENOTEMPTY when such a talk is not in the journal,
// or has not been handed over to where its entries go by themselves.
int erasure_ask(const struct retention_scene *scene, int64_t dialogue, int64_t person, struct str reason, int64_t *ret_id);

// Agrees. -EPERM when the same person asked; -ETIME when that is too long ago; -ENOENT when nothing waits for it, or the dialogue is no longer due.
int erasure_agree(const struct retention_scene *scene, int64_t id, int64_t person);

// Takes back what has not begun. -ENOENT.
int erasure_stop(const struct retention_scene *scene, int64_t id, int64_t person);

// -ENOENT; -EBADMSG when the program did not write it.
int erasure_get(const struct retention_scene *scene, int64_t id, struct erasure *ret_erasure);

// Those of a unit in a state, the newest first; rows that the program did not write are left out. Requests that are too old too.
int erasure_list(const struct retention_scene *scene, int64_t unit, enum erasure_state state, const struct erasure **ret_list, size_t *ret_count);

// The work, on the writer's thread. Each call does one step inside a transaction; what is to be done once that is durable stands in *ret_step. 0 when there
// is nothing to do, 1 otherwise: call again after the step's share was destroyed.
struct erasure_step {
    int64_t dialogue;
    int64_t share;              // to be destroyed now; 0: none
    struct audit_event event;   // for the log, in the same transaction; kind AUDIT_UNSET: none
};
int erasure_next(const struct retention_scene *scene, const struct keeper *keeper, struct erasure_step *ret_step);

// The same for a database that was restored from a backup: a dialogue whose share (this number) is destroyed is erased now.
int erasure_restore(const struct retention_scene *scene, int64_t share, struct erasure_step *ret_step);

// What the server does by itself: erases what is due, and at its start what a restored database has forgotten.
struct app;
struct retention_duty;
int retention_duty_new(struct app *app, struct retention_duty **ret_duty);
void retention_duty_tick(struct retention_duty *duty, int64_t monotonic_ms);
void retention_duty_free(struct retention_duty *duty);   // waits for what the writer still has; before writer_stop

// The times of the configuration. -EINVAL when they are out of their limits.
int retention_scene_of(const struct app *app, struct db *db, struct keyring *keys, struct arena *arena, int64_t now, struct retention_scene *ret_scene);
