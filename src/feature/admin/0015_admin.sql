-- SPDX-License-Identifier: MPL-2.0
-- Staff lists that an administrator has sent in and not yet decided on.
CREATE TABLE staff_import (
    id INTEGER PRIMARY KEY,
    person INTEGER NOT NULL,         -- who sent it
    created INTEGER NOT NULL,
    sealed BLOB NOT NULL             -- the file, under the directory key
);
CREATE INDEX staff_import_created ON staff_import (created);
