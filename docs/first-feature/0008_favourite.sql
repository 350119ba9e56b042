-- SPDX-License-Identifier: MPL-2.0
CREATE TABLE favourite (
    person INTEGER NOT NULL,
    dialogue INTEGER NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (person, dialogue)
) WITHOUT ROWID;
