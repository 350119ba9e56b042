-- SPDX-License-Identifier: MPL-2.0
-- Employees who want to be told by mail when something new waits in their unit's inbox.
CREATE TABLE notice_unit (
    person INTEGER PRIMARY KEY,
    unit INTEGER NOT NULL            -- who moves to another unit chooses anew
);
CREATE INDEX notice_unit_unit ON notice_unit (unit);
