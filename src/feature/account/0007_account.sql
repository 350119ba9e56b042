-- SPDX-License-Identifier: MPL-2.0
-- Portraits, and sign-ins that are under way at a login provider.

CREATE TABLE portrait (
    person INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    sealed BLOB NOT NULL             -- a PNG, under the directory key
);

CREATE TABLE login (
    state BLOB NOT NULL PRIMARY KEY, -- keyed hash of what the provider sends back
    provider INTEGER NOT NULL,
    created INTEGER NOT NULL,
    sealed BLOB NOT NULL             -- under the directory key: nonce, code verifier, where to go afterwards
) WITHOUT ROWID;
CREATE INDEX login_created ON login (created);

CREATE TABLE demo_person (
    person INTEGER PRIMARY KEY
);

-- What the login providers publish, as fetched; the same for all nodes. Public, but sealed: whoever could change the keys here could sign
-- people in.
CREATE TABLE login_metadata (
    provider INTEGER PRIMARY KEY,
    fetched INTEGER NOT NULL,
    sealed BLOB NOT NULL             -- discovery document and keys, JSON, under the directory key
);
