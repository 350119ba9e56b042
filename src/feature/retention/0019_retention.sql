-- SPDX-License-Identifier: MPL-2.0
-- For how long units keep closed dialogues, and what is to be erased or was. Times are milliseconds since 1970 UTC.

CREATE TABLE retention_rule (
    unit INTEGER PRIMARY KEY,
    sealed BLOB NOT NULL             -- under the directory key: years, who said so and when, on which ground
);

CREATE TABLE erasure (
    id INTEGER PRIMARY KEY,
    dialogue INTEGER NOT NULL,
    unit INTEGER NOT NULL,
    state INTEGER NOT NULL,          -- enum erasure_state
    changed INTEGER NOT NULL,        -- when the state became what it is
    due INTEGER NOT NULL,            -- when it takes place; 0: nobody has agreed yet
    sealed BLOB NOT NULL             -- under the directory key, with the state as version: all of it; the columns are for finding
);
CREATE INDEX erasure_dialogue ON erasure (dialogue, state);
CREATE INDEX erasure_state ON erasure (state, due);
