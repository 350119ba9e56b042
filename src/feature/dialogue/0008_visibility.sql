-- SPDX-License-Identifier: MPL-2.0
-- How far a participant's part goes, and when a dialogue is locked, closed and journalised.

ALTER TABLE dialogue ADD COLUMN topic_epoch INTEGER NOT NULL DEFAULT 1;    -- the topic is sealed under its key
ALTER TABLE dialogue ADD COLUMN lapses INTEGER;                            -- when the first consent that the dialogue needs runs out
ALTER TABLE dialogue ADD COLUMN closed INTEGER;                            -- when it was closed
ALTER TABLE dialogue ADD COLUMN journalised INTEGER;

-- What counts is what is sealed; the columns below it say the same, for finding.
ALTER TABLE participant ADD COLUMN admission INTEGER NOT NULL DEFAULT 0;   -- bound into the person's key grants; 0: all posts, without end
ALTER TABLE participant ADD COLUMN admitted BLOB;                          -- sealed under the directory key: struct dialogue_admission
ALTER TABLE participant ADD COLUMN from_number INTEGER NOT NULL DEFAULT 1; -- the first post that the person may see
ALTER TABLE participant ADD COLUMN until INTEGER;                          -- their access ends then
ALTER TABLE participant ADD COLUMN locks INTEGER NOT NULL DEFAULT 0;       -- 1: when it ends so, the dialogue is locked
