-- SPDX-License-Identifier: MPL-2.0
-- Consents: who must give them, who is proposed, and what was answered. Records of answers are only ever added.

CREATE TABLE consent_rule (
    dialogue INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,        -- one more for each change
    changed INTEGER NOT NULL,
    changed_by INTEGER NOT NULL,
    sealed BLOB NOT NULL             -- under the directory key: the givers, and as what each of them gives
);

CREATE TABLE proposal (
    id INTEGER PRIMARY KEY,
    dialogue INTEGER NOT NULL,
    state INTEGER NOT NULL,          -- enum proposal_state
    person INTEGER,                  -- null: somebody who will come by link
    invitation INTEGER,              -- made for them when all had agreed
    proposer INTEGER NOT NULL,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL,        -- when the state became what it is
    sealed BLOB NOT NULL             -- under the directory key: who, what they are to be, why, and who must agree
);
CREATE INDEX proposal_dialogue ON proposal (dialogue, state);
CREATE INDEX proposal_invitation ON proposal (invitation);

CREATE TABLE consent_record (
    id INTEGER PRIMARY KEY,          -- in the order in which they were written
    proposal INTEGER NOT NULL,
    dialogue INTEGER NOT NULL,
    giver INTEGER NOT NULL,
    event INTEGER NOT NULL,          -- enum consent_event
    at INTEGER NOT NULL,
    until INTEGER,                   -- of what was given
    sealed BLOB NOT NULL             -- under the directory key: all of it; the columns are for finding
);
CREATE INDEX consent_record_proposal ON consent_record (proposal, giver, id);
CREATE INDEX consent_record_giver ON consent_record (giver, id);

CREATE TABLE consent_reminder (
    record INTEGER NOT NULL,         -- the consent that runs out
    days INTEGER NOT NULL,           -- how many before
    person INTEGER NOT NULL,         -- who was reminded: giver or coordinator
    dialogue INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (record, days, person)
) WITHOUT ROWID;
CREATE INDEX consent_reminder_person ON consent_reminder (person, at);
