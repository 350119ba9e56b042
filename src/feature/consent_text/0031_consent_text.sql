-- SPDX-License-Identifier: MPL-2.0
-- What the municipality says to those who are asked for consent: versions are only ever added. Version 1 is the program's own and has no row.

CREATE TABLE consent_text (
    version INTEGER PRIMARY KEY,     -- 2, 3, 4 …
    sealed BLOB NOT NULL             -- under the directory key: who published it and when, and the texts
);

CREATE TABLE consent_draft (
    id INTEGER PRIMARY KEY,          -- 1: there is one draft
    revision INTEGER NOT NULL,       -- another one each time it is saved
    sealed BLOB NOT NULL             -- like a version
);
