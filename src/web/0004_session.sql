-- SPDX-License-Identifier: MPL-2.0
-- Who is signed in where. key: keyed hash of the cookie. assurance: 1 low, 2 substantial, 3 high. seen: last use, to the minute.
-- mark: keyed hash of all that does not change, so that a row can't be given to somebody else.
CREATE TABLE session (
    key BLOB NOT NULL PRIMARY KEY,
    person BIGINT NOT NULL REFERENCES person (id),
    assurance BIGINT NOT NULL,
    created BIGINT NOT NULL,
    seen BIGINT NOT NULL,
    mark BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX session_seen ON session (seen);
