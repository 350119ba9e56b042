-- SPDX-License-Identifier: MPL-2.0
-- Being told by mail that something is new: what waits to be sent, addresses, choices. Times are milliseconds since 1970 UTC.

-- Entries of the outbox say what they are for, and what has become of them.
ALTER TABLE outbox ADD COLUMN purpose BIGINT NOT NULL DEFAULT 0;    -- of mail: enum notice_purpose
ALTER TABLE outbox ADD COLUMN person BIGINT NOT NULL DEFAULT 0;     -- whom it is for; 0: somebody who is not known here
ALTER TABLE outbox ADD COLUMN made BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;      -- that failed
ALTER TABLE outbox ADD COLUMN trouble BIGINT NOT NULL DEFAULT 0;    -- the last reply of the server, or below 0 libcurl's result
ALTER TABLE outbox ADD COLUMN given_up BIGINT NOT NULL DEFAULT 0;   -- when; 0: it is still to be sent
CREATE INDEX outbox_person ON outbox (person, purpose);

-- Where a person gets mail. Two rows are sealed for two places: one that waits does not open as one that is confirmed.
CREATE TABLE notice_address (
    person INTEGER PRIMARY KEY,
    confirmed INTEGER NOT NULL,
    refused INTEGER,                 -- since when the mail server has not taken mail for it
    sealed BLOB NOT NULL             -- under the directory key: the address
);

-- An address that somebody has typed and nobody has confirmed yet.
CREATE TABLE notice_wish (
    person INTEGER PRIMARY KEY,
    mail INTEGER NOT NULL,           -- the outbox entry with its link; an older entry is of an older wish
    token BLOB NOT NULL UNIQUE,      -- keyed hash of the link's secret
    made INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    day INTEGER NOT NULL,            -- days since 1970, UTC, and how many links were asked for on it
    day_count INTEGER NOT NULL,
    sealed BLOB NOT NULL             -- under the directory key: the address, the secret
);

-- What a person wants to be told of a dialogue by mail, and up to which post they have been told. No row: at once.
CREATE TABLE notice_choice (
    person INTEGER NOT NULL,
    dialogue INTEGER NOT NULL,
    choice INTEGER NOT NULL,         -- enum notice_choice
    told INTEGER NOT NULL,           -- number of the newest post that a mail was about; 0: none
    PRIMARY KEY (person, dialogue)
) WITHOUT ROWID;
CREATE INDEX notice_choice_daily ON notice_choice (choice, person, dialogue);

-- Dialogues in which somebody has written, until those who want to know at once have been told.
CREATE TABLE notice_news (
    dialogue INTEGER PRIMARY KEY,
    first INTEGER NOT NULL,          -- the first post that nobody has been told of
    last INTEGER NOT NULL            -- the newest
);
CREATE INDEX notice_news_last ON notice_news (last);

-- The last local day on which the daily mails were made; one row.
CREATE TABLE notice_day (
    one INTEGER PRIMARY KEY,
    day INTEGER NOT NULL             -- days since 1970, local
);
