-- SPDX-License-Identifier: MPL-2.0
-- Dialogues, who takes part in them, their keys, posts and drafts. Times are milliseconds since 1970 UTC.

CREATE TABLE dialogue (
    id INTEGER PRIMARY KEY,
    unit INTEGER NOT NULL,
    citizen INTEGER NOT NULL,
    state INTEGER NOT NULL,          -- enum dialogue_state
    epoch INTEGER NOT NULL,          -- the newest key epoch, from 1
    last_number INTEGER NOT NULL,    -- of the newest post; 0: none
    last_at INTEGER NOT NULL,        -- when the newest post was written; without posts, when the dialogue was started
    last_author INTEGER,
    waiting_since INTEGER,           -- since when the citizen's side has waited for an answer of an employee
    created INTEGER NOT NULL,
    topic BLOB NOT NULL              -- sealed under epoch 1
);
CREATE INDEX dialogue_waiting ON dialogue (unit, waiting_since);

CREATE TABLE participant (
    dialogue INTEGER NOT NULL,
    person INTEGER NOT NULL,
    relation INTEGER NOT NULL,       -- enum relation; bound into the person's key grants
    words BLOB NOT NULL,             -- sealed: the relation in words, "klasselærer"
    words_epoch INTEGER NOT NULL,
    joined INTEGER NOT NULL,
    ended INTEGER,                   -- left or excluded
    read_number INTEGER NOT NULL,    -- the newest post that the person has been shown
    PRIMARY KEY (dialogue, person)
) WITHOUT ROWID;
CREATE INDEX participant_person ON participant (person, dialogue);

CREATE TABLE key_grant (
    dialogue INTEGER NOT NULL,
    member INTEGER NOT NULL,         -- person or invitation
    epoch INTEGER NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (dialogue, member, epoch)
) WITHOUT ROWID;

CREATE TABLE post (
    dialogue INTEGER NOT NULL,
    number INTEGER NOT NULL,         -- 1, 2, 3 … without gaps within the dialogue
    author INTEGER NOT NULL,
    created INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    version INTEGER NOT NULL,        -- 1; one more for each edit
    edited INTEGER,
    answers INTEGER,                 -- the number of the post that this one answers
    once INTEGER,                    -- made by the sender: the same post sent twice is written once
    sealed BLOB NOT NULL,
    PRIMARY KEY (dialogue, number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX post_once ON post (dialogue, author, once) WHERE once IS NOT NULL;

CREATE TABLE post_earlier (
    dialogue INTEGER NOT NULL,
    number INTEGER NOT NULL,
    version INTEGER NOT NULL,
    created INTEGER NOT NULL,        -- when this version was written
    epoch INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (dialogue, number, version)
) WITHOUT ROWID;

CREATE TABLE draft (
    dialogue INTEGER NOT NULL,
    person INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    saved INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (dialogue, person)
) WITHOUT ROWID;
