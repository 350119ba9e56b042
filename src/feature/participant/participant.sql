-- SPDX-License-Identifier: MPL-2.0

-- name: invitation_add exec
-- in: id int, dialogue int, token blob, relation int, inviter int, created int, expires int, state int, sealed blob
INSERT INTO invitation (id, dialogue, token, relation, inviter, created, expires, state, sealed)
VALUES (:id, :dialogue, :token, :relation, :inviter, :created, :expires, :state, :sealed);

-- name: invitation_by_token one
-- in: token blob
-- out: id int, dialogue int, relation int, inviter int, expires int, state int, accepted_by int?, sealed blob
SELECT id, dialogue, relation, inviter, expires, state, accepted_by, sealed FROM invitation WHERE token = :token;

-- name: invitation_by_id one
-- in: id int, dialogue int
-- out: id int, dialogue int, relation int, inviter int, expires int, state int, accepted_by int?, sealed blob
SELECT id, dialogue, relation, inviter, expires, state, accepted_by, sealed FROM invitation
WHERE id = :id AND dialogue = :dialogue;

-- name: invitations_open many
-- in: dialogue int, open int, now int
-- out: id int, dialogue int, relation int, inviter int, expires int, state int, accepted_by int?, sealed blob
SELECT id, dialogue, relation, inviter, expires, state, accepted_by, sealed FROM invitation
WHERE dialogue = :dialogue AND state = :open AND expires > :now ORDER BY id;

-- name: invitations_count one
-- in: dialogue int, open int, now int
-- out: count int
SELECT COUNT(*) FROM invitation WHERE dialogue = :dialogue AND state = :open AND expires > :now;

-- Those that are over: too old, or of an inviter who goes.
-- name: invitations_over many
-- in: dialogue int, open int, now int, inviter int
-- out: id int
SELECT id FROM invitation WHERE dialogue = :dialogue AND state = :open AND (expires <= :now OR inviter = :inviter);

-- name: invitation_close exec
-- in: id int, open int, state int, accepted_by int?
UPDATE invitation SET state = :state, accepted_by = :accepted_by WHERE id = :id AND state = :open;

-- name: exclusion_add exec
-- in: dialogue int, person int, at int, excluded_by int, epoch int, reason blob
INSERT INTO exclusion (dialogue, person, at, excluded_by, epoch, reason)
VALUES (:dialogue, :person, :at, :excluded_by, :epoch, :reason);
