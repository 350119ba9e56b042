-- SPDX-License-Identifier: MPL-2.0
-- The log. Records are only ever added; mark authenticates each by a key that the database does not hold.
CREATE TABLE audit (
    seq INTEGER NOT NULL PRIMARY KEY,   -- from 0, without gaps: the place among the leaves of the tree
    moment INTEGER NOT NULL,             -- milliseconds since 1970
    kind INTEGER NOT NULL,               -- enum audit_kind
    person INTEGER NOT NULL,             -- 0: nobody signed in
    dialogue INTEGER NOT NULL,           -- 0: none
    object INTEGER NOT NULL,
    first_post INTEGER NOT NULL,
    last_post INTEGER NOT NULL,
    mark BLOB NOT NULL
) STRICT;
CREATE INDEX audit_dialogue ON audit (dialogue, seq) WHERE dialogue <> 0;

-- One row: the tree over all records, rewritten in each transaction that adds some.
CREATE TABLE audit_head (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    size INTEGER NOT NULL,
    root BLOB NOT NULL,
    peaks BLOB NOT NULL,                -- roots of the tree's complete parts, largest first
    mac BLOB NOT NULL
) STRICT;
