-- SPDX-License-Identifier: MPL-2.0
-- Who has looked at whom, and what came of it. Times are milliseconds since 1970 UTC. What is sealed here lies under the directory key.

-- Why an employee looked at somebody, or at something that they do not take part in. The log's record names the row in first_post.
CREATE TABLE look_up (
    id INTEGER PRIMARY KEY,
    person INTEGER NOT NULL,         -- who looked
    about INTEGER NOT NULL,          -- the citizen; 0: nobody was found
    dialogue INTEGER NOT NULL,       -- 0: none
    created INTEGER NOT NULL,
    sealed BLOB NOT NULL             -- the reason, and once more what stands above
);

-- Employees who look into other employees' looking.
CREATE TABLE reviewer (
    person INTEGER NOT NULL,
    unit INTEGER NOT NULL,
    since INTEGER NOT NULL,
    sealed BLOB NOT NULL,            -- who appointed them; a row that was put in by hand does not open, and makes nobody a reviewer
    PRIMARY KEY (person, unit)
) WITHOUT ROWID;
CREATE INDEX reviewer_unit ON reviewer (unit);

-- What a reviewer has to look at: a question of somebody who was looked at, or a spot check.
CREATE TABLE review (
    id INTEGER PRIMARY KEY,
    unit INTEGER NOT NULL,           -- whose reviewers it is for: that of who looked; 0: any
    cause INTEGER NOT NULL,          -- enum review_cause
    looker INTEGER NOT NULL,         -- who looked
    dialogue INTEGER NOT NULL,       -- at what; 0: no dialogue
    about INTEGER NOT NULL,          -- the citizen; 0: not known
    first_record INTEGER NOT NULL,   -- of the log: from this one
    last_record INTEGER NOT NULL,    -- to this one
    asker INTEGER NOT NULL,          -- who asked; 0: drawn
    signs INTEGER NOT NULL,          -- what was unusual, bits of enum spot_sign
    created INTEGER NOT NULL,
    question BLOB,                   -- sealed: what the asker wrote
    closed INTEGER,                  -- when it was signed off
    reviewer INTEGER,                -- by whom
    outcome INTEGER,                 -- enum review_outcome
    note BLOB,                       -- sealed: for the reviewers
    answer BLOB                      -- sealed: for the citizen; may be missing after a spot check
);
CREATE INDEX review_open ON review (created) WHERE closed IS NULL;
CREATE INDEX review_closed ON review (closed) WHERE closed IS NOT NULL;
CREATE INDEX review_asker ON review (asker, last_record) WHERE asker <> 0;
CREATE INDEX review_about ON review (about, last_record) WHERE about <> 0;

-- The last day for which spot checks of a unit were drawn.
CREATE TABLE review_draw (
    unit INTEGER PRIMARY KEY,
    day INTEGER NOT NULL             -- local days since 1970
);

CREATE INDEX audit_person ON audit (person, seq) WHERE person <> 0;
CREATE INDEX audit_object ON audit (object, seq) WHERE dialogue = 0 AND object <> 0;
