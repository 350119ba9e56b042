-- SPDX-License-Identifier: MPL-2.0
-- Invitations by link, and why people were excluded.

CREATE TABLE invitation (
    id INTEGER PRIMARY KEY,
    dialogue INTEGER NOT NULL,
    token BLOB NOT NULL UNIQUE,      -- keyed hash of the link's secret
    relation INTEGER NOT NULL,       -- enum relation
    inviter INTEGER NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    state INTEGER NOT NULL,          -- enum invitation_state: open, accepted or revoked
    accepted_by INTEGER,
    sealed BLOB NOT NULL             -- under the directory key: name, e-mail address, relation in words, secret
);
CREATE INDEX invitation_dialogue ON invitation (dialogue, state);

CREATE TABLE exclusion (
    dialogue INTEGER NOT NULL,
    person INTEGER NOT NULL,
    at INTEGER NOT NULL,
    excluded_by INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    reason BLOB NOT NULL,            -- sealed under the dialogue's key
    PRIMARY KEY (dialogue, person, at)
) WITHOUT ROWID;
