-- SPDX-License-Identifier: MPL-2.0

-- name: rule_get one
-- in: unit int
-- out: sealed blob
SELECT sealed FROM retention_rule WHERE unit = :unit;

-- name: rule_put exec
-- in: unit int, sealed blob
INSERT INTO retention_rule (unit, sealed) VALUES (:unit, :sealed) ON CONFLICT (unit) DO UPDATE SET sealed = excluded.sealed;

-- name: rule_remove exec
-- in: unit int
DELETE FROM retention_rule WHERE unit = :unit;

-- What a unit has closed and journalised before a moment and nobody has asked to erase; the longest closed first. 1, 2, 3: enum erasure_state asked
-- (if not too long ago), agreed, begun.
-- name: due many
-- in: unit int, state int, before int, since int, count int
-- out: id int, citizen int, created int, closed int, posts int
SELECT d.id, d.citizen, d.created, MAX(d.closed, d.journalised), d.last_number FROM dialogue d
WHERE d.unit = :unit AND d.state = :state AND d.closed <= :before AND d.journalised <= :before
    AND NOT EXISTS (SELECT 1 FROM erasure e WHERE e.dialogue = d.id AND (e.state IN (2, 3) OR (e.state = 1 AND e.changed > :since)))
ORDER BY d.closed, d.id LIMIT :count;
-- postgres:
SELECT d.id, d.citizen, d.created, GREATEST(d.closed, d.journalised), d.last_number FROM dialogue d
WHERE d.unit = :unit AND d.state = :state AND d.closed <= :before AND d.journalised <= :before
    AND NOT EXISTS (SELECT 1 FROM erasure e WHERE e.dialogue = d.id AND (e.state IN (2, 3) OR (e.state = 1 AND e.changed > :since)))
ORDER BY d.closed, d.id LIMIT :count;

-- name: dialogue_get one
-- in: id int
-- out: unit int, citizen int, state int, created int, closed int?, journalised int?, posts int, share int
SELECT unit, citizen, state, created, closed, journalised, last_number, share FROM dialogue WHERE id = :id;

-- Talks of employees beside a dialogue that are still there.
-- name: sides many
-- in: dialogue int, erased int, count int
-- out: id int, share int
SELECT d.id, d.share FROM side_talk s JOIN dialogue d ON d.id = s.dialogue
WHERE s.parent = :dialogue AND d.state <> :erased ORDER BY d.id LIMIT :count;

-- A dialogue that knows nothing of its share being destroyed: the database is a restored one.
-- name: unaware one
-- in: share int, erased int
-- out: id int, unit int
SELECT id, unit FROM dialogue WHERE share = :share AND state <> :erased;

-- name: erasure_add exec
-- in: id int, dialogue int, unit int, state int, changed int, due int, sealed blob
INSERT INTO erasure (id, dialogue, unit, state, changed, due, sealed) VALUES (:id, :dialogue, :unit, :state, :changed, :due, :sealed);

-- name: erasure_change exec
-- in: id int, before int, state int, changed int, due int, sealed blob
UPDATE erasure SET state = :state, changed = :changed, due = :due, sealed = :sealed WHERE id = :id AND state = :before;

-- name: erasure_get one
-- in: id int
-- out: id int, dialogue int, unit int, state int, changed int, due int, sealed blob
SELECT id, dialogue, unit, state, changed, due, sealed FROM erasure WHERE id = :id;

-- Those of a unit in a state, the newest first.
-- name: erasures many
-- in: unit int, state int, since int, count int
-- out: id int, dialogue int, unit int, state int, changed int, due int, sealed blob
SELECT id, dialogue, unit, state, changed, due, sealed FROM erasure
WHERE unit = :unit AND state = :state AND changed > :since ORDER BY id DESC LIMIT :count;

-- The next one whose time has come.
-- name: next one
-- in: state int, now int
-- out: id int, dialogue int, unit int, state int, changed int, due int, sealed blob
SELECT id, dialogue, unit, state, changed, due, sealed FROM erasure WHERE state = :state AND due <= :now ORDER BY due, id LIMIT 1;

-- What other features keep of a dialogue. A scenario test puts a row into every table that has a column "dialogue" and finds none afterwards.
-- name: forget_invitations exec
-- in: dialogue int
DELETE FROM invitation WHERE dialogue = :dialogue;

-- name: forget_letters exec
-- in: dialogue int
DELETE FROM unit_letter WHERE dialogue = :dialogue;

-- name: forget_exclusions exec
-- in: dialogue int
DELETE FROM exclusion WHERE dialogue = :dialogue;

-- name: forget_files exec
-- in: dialogue int
DELETE FROM file WHERE dialogue = :dialogue;

-- name: forget_pieces exec
-- in: dialogue int
DELETE FROM journal_piece WHERE entry IN (SELECT id FROM journal_entry WHERE dialogue = :dialogue);

-- name: forget_entries exec
-- in: dialogue int
DELETE FROM journal_entry WHERE dialogue = :dialogue;

-- name: forget_marks exec
-- in: dialogue int
DELETE FROM journal_mark WHERE dialogue = :dialogue;

-- name: forget_consent_rule exec
-- in: dialogue int
DELETE FROM consent_rule WHERE dialogue = :dialogue;

-- name: forget_proposals exec
-- in: dialogue int
DELETE FROM proposal WHERE dialogue = :dialogue;

-- name: forget_consents exec
-- in: dialogue int
DELETE FROM consent_record WHERE dialogue = :dialogue;

-- name: forget_reminders exec
-- in: dialogue int
DELETE FROM consent_reminder WHERE dialogue = :dialogue;

-- name: forget_choices exec
-- in: dialogue int
DELETE FROM notice_choice WHERE dialogue = :dialogue;

-- name: forget_news exec
-- in: dialogue int
DELETE FROM notice_news WHERE dialogue = :dialogue;

-- name: forget_look_ups exec
-- in: dialogue int
DELETE FROM look_up WHERE dialogue = :dialogue;

-- name: forget_reviews exec
-- in: dialogue int
DELETE FROM review WHERE dialogue = :dialogue;

-- name: erasure_remove exec
-- in: id int
DELETE FROM erasure WHERE id = :id;
