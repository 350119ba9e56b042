-- SPDX-License-Identifier: MPL-2.0

-- name: rule_get one
-- in: dialogue int
-- out: version int, sealed blob
SELECT version, sealed FROM consent_rule WHERE dialogue = :dialogue;

-- name: rule_put exec
-- in: dialogue int, version int, changed int, changed_by int, sealed blob
INSERT INTO consent_rule (dialogue, version, changed, changed_by, sealed) VALUES (:dialogue, :version, :changed, :changed_by, :sealed)
ON CONFLICT (dialogue) DO UPDATE SET version = excluded.version, changed = excluded.changed, changed_by = excluded.changed_by, sealed = excluded.sealed;

-- name: proposal_add exec
-- in: id int, dialogue int, state int, person int?, proposer int, created int, sealed blob
INSERT INTO proposal (id, dialogue, state, person, proposer, created, changed, sealed)
VALUES (:id, :dialogue, :state, :person, :proposer, :created, :created, :sealed);

-- ended: when the person's part was over, whoever ended it.
-- name: proposal_get one
-- in: id int
-- out: id int, dialogue int, state int, person int?, invitation int?, proposer int, created int, changed int, sealed blob, ended int?
SELECT q.id, q.dialogue, q.state, q.person, q.invitation, q.proposer, q.created, q.changed, q.sealed, p.ended
FROM proposal q LEFT JOIN participant p ON p.dialogue = q.dialogue AND p.person = q.person
WHERE q.id = :id;

-- name: proposals many
-- in: dialogue int, count int
-- out: id int, dialogue int, state int, person int?, invitation int?, proposer int, created int, changed int, sealed blob, ended int?
SELECT q.id, q.dialogue, q.state, q.person, q.invitation, q.proposer, q.created, q.changed, q.sealed, p.ended
FROM proposal q LEFT JOIN participant p ON p.dialogue = q.dialogue AND p.person = q.person
WHERE q.dialogue = :dialogue ORDER BY q.id DESC LIMIT :count;

-- name: proposal_change exec
-- in: id int, before int, state int, person int?, invitation int?, changed int, sealed blob
UPDATE proposal SET state = :state, person = :person, invitation = :invitation, changed = :changed, sealed = :sealed
WHERE id = :id AND state = :before;

-- Those of a person in a dialogue that are not over (states proposed, awaiting, active).
-- name: proposals_living many
-- in: dialogue int, person int
-- out: id int
SELECT id FROM proposal WHERE dialogue = :dialogue AND person = :person AND state < 4;

-- name: proposals_waiting one
-- in: dialogue int
-- out: count int
SELECT COUNT(*) FROM proposal WHERE dialogue = :dialogue AND state = 2;

-- name: record_add exec
-- in: id int, proposal int, dialogue int, giver int, event int, at int, until int?, sealed blob
INSERT INTO consent_record (id, proposal, dialogue, giver, event, at, until, sealed)
VALUES (:id, :proposal, :dialogue, :giver, :event, :at, :until, :sealed);

-- name: records many
-- in: proposal int, giver int
-- out: id int, dialogue int, sealed blob
SELECT id, dialogue, sealed FROM consent_record WHERE proposal = :proposal AND giver = :giver ORDER BY id;

-- name: asked many ahead
-- in: giver int, asked int, count int
-- out: proposal int
SELECT proposal FROM consent_record WHERE giver = :giver AND event = :asked ORDER BY id DESC LIMIT :count;

-- Consents that run out before a time and were not renewed or ended since.
-- name: running_out many
-- in: after int, before int, count int
-- out: id int, proposal int, dialogue int, giver int, until int
SELECT r.id, r.proposal, r.dialogue, r.giver, r.until FROM consent_record r
WHERE r.until > :after AND r.until <= :before AND r.id =
    (SELECT MAX(n.id) FROM consent_record n WHERE n.proposal = r.proposal AND n.giver = r.giver)
ORDER BY r.until LIMIT :count;

-- name: reminder_add exec
-- in: record int, days int, person int, dialogue int, at int
INSERT INTO consent_reminder (record, days, person, dialogue, at) VALUES (:record, :days, :person, :dialogue, :at)
ON CONFLICT (record, days, person) DO NOTHING;

-- name: coordinators many
-- in: dialogue int
-- out: person int
SELECT person FROM participant WHERE dialogue = :dialogue AND relation = 6 AND ended IS NULL;

-- Open dialogues that have been locked for too long.
-- name: locked_before many
-- in: open int, before int, count int
-- out: id int
SELECT id FROM dialogue WHERE state = :open AND lapses <= :before ORDER BY lapses LIMIT :count;

-- Consents that a person was reminded of, the newest of each first.
-- name: reminders_of many ahead
-- in: person int, count int
-- out: record int, dialogue int, proposal int, giver int, until int?, days int
SELECT m.record, m.dialogue, r.proposal, r.giver, r.until, m.days FROM consent_reminder m JOIN consent_record r ON r.id = m.record
WHERE m.person = :person AND r.id = (SELECT MAX(n.id) FROM consent_record n WHERE n.proposal = r.proposal AND n.giver = r.giver)
    AND m.days = (SELECT MIN(k.days) FROM consent_reminder k WHERE k.record = m.record AND k.person = m.person)
ORDER BY m.at DESC LIMIT :count;

-- Who was let into the dialogues about a person.
-- name: about many
-- in: person int, active int, count int
-- out: id int
SELECT q.id FROM dialogue d JOIN proposal q ON q.dialogue = d.id WHERE d.citizen = :person AND q.state = :active ORDER BY q.id DESC LIMIT :count;
