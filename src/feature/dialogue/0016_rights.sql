-- SPDX-License-Identifier: MPL-2.0
-- Hidden posts, why dialogues were closed, and side talks of employees.

-- A hidden post's own row holds a marker; the post as it was sealed lies here until it is shown again.
CREATE TABLE post_hidden (
    dialogue INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hidden INTEGER NOT NULL,          -- when
    hidden_by INTEGER NOT NULL,
    epoch INTEGER NOT NULL,           -- of the reason
    reason BLOB NOT NULL,
    original_epoch INTEGER NOT NULL,
    original_version INTEGER NOT NULL,
    original BLOB,                    -- null once it is shown again
    shown INTEGER,                    -- when it was shown again
    PRIMARY KEY (dialogue, number, hidden)
) WITHOUT ROWID;

-- Each time that a dialogue was closed or opened again.
CREATE TABLE dialogue_turn (
    dialogue INTEGER NOT NULL,
    at INTEGER NOT NULL,
    person INTEGER NOT NULL,
    state INTEGER NOT NULL,           -- enum dialogue_state that it came into
    epoch INTEGER NOT NULL,
    reason BLOB NOT NULL,             -- sealed under the dialogue's key
    PRIMARY KEY (dialogue, at)
) WITHOUT ROWID;

-- A talk of employees beside a dialogue is a dialogue of its own, without the citizen, that ends by itself.
ALTER TABLE dialogue ADD COLUMN parent INTEGER;
CREATE TABLE side_talk (
    dialogue INTEGER PRIMARY KEY,
    parent INTEGER NOT NULL,
    started_by INTEGER NOT NULL,
    started INTEGER NOT NULL,
    ends INTEGER NOT NULL,            -- bound into what is sealed
    ended INTEGER,                    -- somebody ended it before
    reason BLOB NOT NULL              -- sealed under the side talk's first key
);
CREATE INDEX side_talk_parent ON side_talk (parent, started);
