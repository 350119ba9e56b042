-- SPDX-License-Identifier: MPL-2.0

-- name: turn_add exec
-- in: dialogue int, at int, person int, state int, epoch int, reason blob
INSERT INTO dialogue_turn (dialogue, at, person, state, epoch, reason) VALUES (:dialogue, :at, :person, :state, :epoch, :reason);

-- The last time that a dialogue came into a state.
-- name: turn_last one
-- in: dialogue int, state int
-- out: at int, person int, epoch int, reason blob
SELECT at, person, epoch, reason FROM dialogue_turn WHERE dialogue = :dialogue AND state = :state ORDER BY at DESC LIMIT 1;
