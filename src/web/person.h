// SPDX-License-Identifier: MPL-2.0
// What is known of a person, as it is sealed in person.sealed (under the directory key, type
// SEAL_PERSON, object the person's id, version the row's).
//
// Role, unit and the keyed hashes by which a person is found stand in columns of their own too, so
// that the database can look for them; what counts is what was sealed.
//
// Layout before sealing: for each field that is not empty a tag (1 byte), a length (2 bytes, high
// byte first) and UTF-8 text, 8 bytes (numbers, high byte first) or a hash. Unknown tags are passed over, so that an older program can read a
// newer row.
#pragma once

#include "crypt/seal.h"
#include "policy/policy.h"

#define PERSON_FIELD_MAX 500   // bytes of each text

struct person {
    int64_t id;
    int64_t version;    // of the row; counted up with each change
    struct str name;    // "Anne Holm"
    struct str title;   // "klasselærer", of employees and professionals
    struct str email;   // for mail about new messages
    struct str birth;   // "2014-03-09"; empty when not known
    enum role role;
    int64_t unit;         // of employees; 0: none
    struct bytes login;   // keyed hash; empty: has not signed in
    struct bytes cpr;     // keyed hash; empty: not known
};

// -E2BIG when a text is longer than PERSON_FIELD_MAX; -ENOMEM.
int person_seal(struct keyring *keyring, const struct person *person, struct arena *arena,
                struct bytes *ret_sealed);

// id and version are the row's. -EBADMSG when the row was not sealed for them; -ENOMEM.
int person_open(struct keyring *keyring, int64_t id, int64_t version, struct bytes sealed,
                struct arena *arena, struct person *ret_person);

// A unit's name (SEAL_UNIT, object the unit's id, version 0).
int unit_seal(struct keyring *keyring, int64_t id, struct str name, struct arena *arena,
              struct bytes *ret_sealed);
int unit_open(struct keyring *keyring, int64_t id, struct bytes sealed, struct arena *arena,
              struct str *ret_name);
