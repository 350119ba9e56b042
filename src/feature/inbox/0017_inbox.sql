-- SPDX-License-Identifier: MPL-2.0
-- When employees are away, and who answers meanwhile. Days are counted since 1970 in local time.
CREATE TABLE absence (
    person INTEGER PRIMARY KEY,
    first_day INTEGER NOT NULL,
    last_day INTEGER NOT NULL,
    deputy INTEGER,                  -- person; who answers meanwhile
    sealed BLOB NOT NULL             -- what others are told, under the directory key
);
