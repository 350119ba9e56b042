-- SPDX-License-Identifier: MPL-2.0
-- Accounts of the installation's own, for those who have no login provider: passkeys, and what helps where there is none.

-- name: keyed hash of the name that the person writes. sealed: that name, and the starting password while there is one. tries, tried: wrong passwords
-- and codes since then.
CREATE TABLE local_account (
    person BIGINT NOT NULL PRIMARY KEY REFERENCES person (id),
    name BLOB NOT NULL UNIQUE,
    tries BIGINT NOT NULL,
    tried BIGINT NOT NULL,
    version BIGINT NOT NULL,
    sealed BLOB NOT NULL
);

-- credential: keyed hash of what the authenticator calls it. sealed: person, public key, counter, what the person calls it, when it was used.
CREATE TABLE passkey (
    id INTEGER PRIMARY KEY,
    person BIGINT NOT NULL REFERENCES local_account (person),
    credential BLOB NOT NULL UNIQUE,
    version BIGINT NOT NULL,
    sealed BLOB NOT NULL
);
CREATE INDEX passkey_person ON passkey (person);

-- What an authenticator has been asked to sign, once. challenge: keyed hash. sealed: for what, for whom, in which browser.
CREATE TABLE passkey_challenge (
    challenge BLOB NOT NULL PRIMARY KEY,
    created BIGINT NOT NULL,
    sealed BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX passkey_challenge_created ON passkey_challenge (created);

-- code: keyed hash of the person and the code. used: when, ms.
CREATE TABLE recovery_code (
    code BLOB NOT NULL PRIMARY KEY,
    person BIGINT NOT NULL REFERENCES local_account (person),
    used BIGINT
) WITHOUT ROWID;
CREATE INDEX recovery_code_person ON recovery_code (person);
