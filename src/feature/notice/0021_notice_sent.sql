-- SPDX-License-Identifier: MPL-2.0
-- What has been mailed already, so that nobody is told twice or pestered. Times are milliseconds since 1970 UTC.

-- Reminders of the consent feature that a mail was made for.
CREATE TABLE notice_reminder (
    record INTEGER NOT NULL,         -- as in consent_reminder
    days INTEGER NOT NULL,
    person INTEGER NOT NULL,
    PRIMARY KEY (record, days, person)
) WITHOUT ROWID;

-- How often an invitation's link was mailed.
CREATE TABLE notice_invited (
    invitation INTEGER PRIMARY KEY,
    times INTEGER NOT NULL,
    last INTEGER NOT NULL
);
