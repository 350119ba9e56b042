// SPDX-License-Identifier: MPL-2.0
// Accounts: everybody who can sign in or is known to the municipality, and its units. Names are sealed; people are found by keyed hashes of
// what only who knows them can say.
#pragma once

#include "crypt/keyring.h"
#include "policy/policy.h"
#include "store/db.h"

struct account {
    int64_t id;
    enum role role;
    int64_t unit;        // employees; 0: none
    struct str name;
    struct str title;    // employees: "Sagsbehandler"
    struct str birth;    // citizens: "2012-05-14"; may be empty
    int64_t portrait;    // 0: none
    bool signed_in;      // has signed in at least once
};

// What account rules work with.
struct account_scene {
    struct db *db;
    struct keyring *keys;
    struct arena *arena;
    int64_t now;   // ms
};

// -ENOENT.
int account_get(const struct account_scene *scene, int64_t id, struct account *ret_account);
void account_ask(const struct account_scene *scene, int64_t id);   // ahead (db_ask)

// Reads a Danish personal number "DDMMYY-XXXX", with or without hyphen or spaces, into ten digits; checks the date (the century follows
// from the seventh digit, CPR-kontoret, "Personnummeret i CPR") but no check digit: numbers without one are issued since 2007. -EINVAL.
int account_read_cpr(struct str text, char ret_cpr[10], int64_t *ret_birth_days);

// Citizens, by exact match only. -ENOENT when there is none, or not exactly one.
int account_find_cpr(const struct account_scene *scene, const char cpr[10], struct account *ret_account);
int account_find_name_birth(const struct account_scene *scene, struct str name, int64_t birth_days, struct account *ret_account);

struct account_new {
    enum role role;
    int64_t unit;             // employees; 0: none
    struct str name, title;
    const char *cpr;          // ten digits, or NULL
    bool has_birth;
    int64_t birth_days;
    struct bytes login;       // keyed hash of issuer and subject; ptr NULL: has not signed in yet
};

// -EEXIST when the personal number or the login is known.
int account_add(const struct account_scene *scene, const struct account_new *what, int64_t *ret_id);

// What is known of somebody by now: name, role, login and, where it says any, title and unit. -ENOENT; -EBADMSG when the row was changed by
// somebody else than the program.
int account_update(const struct account_scene *scene, int64_t id, const struct account_new *what);

// Who signs in with that login (keyed hash of issuer and subject). -ENOENT.
int account_find_login(const struct account_scene *scene, struct bytes login, struct account *ret_account);

// What an employee's sign-in with that subject at the configured staff provider will be found by. -ENOENT when none is configured.
struct config;
int account_staff_login(const struct account_scene *scene, const struct config *config, struct str subject, uint8_t ret_hash[LOOKUP_BYTES]);

// To be called, in its transaction, by whatever changes a person's name, portrait or role: what dialogues show of them is kept no longer.
int account_shown_changed(const struct account_scene *scene, int64_t person);

// What the municipality says of somebody it employs, or employed (ROLE_FORMER). -ENOENT also for who never was an employee.
struct account_employment {
    enum role role;
    int64_t unit;   // 0: none
    struct str name, title;
};
int account_employ(const struct account_scene *scene, int64_t id, const struct account_employment *what);

// Makes a citizen known who has never signed in; their first sign-in with the same personal number becomes this account. -EEXIST when the
// number is known.
int account_register_citizen(const struct account_scene *scene, struct str name, const char cpr[10], int64_t birth_days, int64_t *ret_id);

// Which of the staff list: of a role, of a unit (0: of all), whose name has each of the words at the beginning of one of its words (case
// ignored; none: everybody).
struct account_filter {
    enum role role;
    int64_t unit;
    struct str words;
};

// At most 'max' of them, by name, in the scene's arena.
int account_list(const struct account_scene *scene, const struct account_filter *filter, size_t max, const struct account **ret_list,
                 size_t *ret_count);

struct account_unit {
    int64_t id;
    struct str name;
};

// All units by name, in the scene's arena. -E2BIG over ACCOUNT_UNITS_MAX.
#define ACCOUNT_UNITS_MAX 500
int account_units(const struct account_scene *scene, const struct account_unit **ret_list, size_t *ret_count);

int account_rename_unit(const struct account_scene *scene, int64_t unit, struct str name);

int account_add_unit(const struct account_scene *scene, struct str name, int64_t *ret_id);

// A unit's name from its row.
int account_unit_open(const struct account_scene *scene, int64_t unit, struct bytes sealed, struct str *ret_name);

// A person's picture, PNG. -ENOENT. May be shown to who may see the person: portrait.h tells who that is.
int account_portrait(const struct account_scene *scene, int64_t person, struct bytes *ret_png);

// A unit's name. -ENOENT.
int account_unit_name(const struct account_scene *scene, int64_t unit, struct str *ret_name);
void account_ask_unit_name(const struct account_scene *scene, int64_t unit);   // ahead (db_ask)
