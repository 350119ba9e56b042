-- SPDX-License-Identifier: MPL-2.0
-- The newest records stand in a table without indexes of its own, and come into the other many at a time: docs/adr/0034-recent-records.md.
ALTER TABLE audit RENAME TO audit_indexed;
CREATE TABLE audit_recent (
    seq INTEGER NOT NULL PRIMARY KEY,
    moment INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    person INTEGER NOT NULL,
    dialogue INTEGER NOT NULL,
    object INTEGER NOT NULL,
    first_post INTEGER NOT NULL,
    last_post INTEGER NOT NULL,
    mark BLOB NOT NULL
) STRICT;
CREATE VIEW audit AS
SELECT seq, moment, kind, person, dialogue, object, first_post, last_post, mark FROM audit_indexed
UNION ALL
SELECT seq, moment, kind, person, dialogue, object, first_post, last_post, mark FROM audit_recent;
