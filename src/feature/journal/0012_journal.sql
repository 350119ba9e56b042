-- SPDX-License-Identifier: MPL-2.0
-- What was filed as municipal record, and what is to be. Times are milliseconds since 1970 UTC.

CREATE TABLE journal_entry (
    id INTEGER PRIMARY KEY,
    dialogue INTEGER NOT NULL,
    kind INTEGER NOT NULL,           -- enum journal_kind
    state INTEGER NOT NULL,          -- enum journal_state
    author INTEGER NOT NULL,
    made INTEGER NOT NULL,
    day INTEGER NOT NULL,            -- the date it carries, days since 1970-01-01
    first INTEGER NOT NULL,          -- the posts in it; 0: none
    last INTEGER NOT NULL,
    epoch INTEGER NOT NULL,          -- of the dialogue's key that everything here is sealed under
    head BLOB NOT NULL,              -- sealed: the hashes of the parts, and the theme
    changed INTEGER NOT NULL,        -- when the state was reached
    tries INTEGER NOT NULL,          -- of handing it over
    due INTEGER NOT NULL,            -- when the next step is tried
    receipt BLOB,                    -- sealed: what the other system answered
    package_proof TEXT,              -- audit/proof.h, of package.json; made soon after the entry
    pdf_proof TEXT
);
CREATE INDEX journal_entry_dialogue ON journal_entry (dialogue, id);
CREATE INDEX journal_entry_due ON journal_entry (state, due);
CREATE INDEX journal_entry_unproven ON journal_entry (id) WHERE pdf_proof IS NULL;

-- The package, part by part in pieces, each sealed. Parts whose entry never came are swept away.
CREATE TABLE journal_piece (
    entry INTEGER NOT NULL,
    part INTEGER NOT NULL,           -- enum journal_part
    piece INTEGER NOT NULL,          -- 0, 1, 2 …
    sealed BLOB NOT NULL,
    PRIMARY KEY (entry, part, piece)
) WITHOUT ROWID;

-- Posts that somebody has marked as important for the case.
CREATE TABLE journal_mark (
    dialogue INTEGER NOT NULL,
    number INTEGER NOT NULL,
    person INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (dialogue, number)
) WITHOUT ROWID;
