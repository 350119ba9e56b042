-- SPDX-License-Identifier: MPL-2.0

-- What citizens have written to a unit, until somebody there takes it.
CREATE TABLE unit_letter (
    dialogue INTEGER PRIMARY KEY,
    unit INTEGER NOT NULL,
    created INTEGER NOT NULL,
    sealed BLOB NOT NULL             -- the unit, under the directory key: only what the program put here opens a dialogue to a unit
);
CREATE INDEX unit_letter_unit ON unit_letter (unit, created);

-- When employees are away, and who answers meanwhile. Days are counted since 1970 in local time.
CREATE TABLE absence (
    person INTEGER PRIMARY KEY,
    first_day INTEGER NOT NULL,
    last_day INTEGER NOT NULL,
    deputy INTEGER,                  -- person; who answers meanwhile
    sealed BLOB NOT NULL             -- what others are told, under the directory key
);
