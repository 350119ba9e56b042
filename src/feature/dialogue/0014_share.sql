-- SPDX-License-Identifier: MPL-2.0
-- Which share of the keeper's file the dialogue's key grants need besides the master key. Dialogues of before have none and open no more: there
-- was no release before this.
ALTER TABLE dialogue ADD COLUMN share INTEGER NOT NULL DEFAULT 0;
CREATE INDEX dialogue_share ON dialogue (share);
