-- SPDX-License-Identifier: MPL-2.0

-- What was written to a unit and has no coordinator (relation 6) yet, the one that has waited longest first.
-- name: unassigned many
-- in: unit int, count int
-- out: id int, since int
SELECT d.id, d.waiting_since FROM dialogue d
WHERE d.unit = :unit AND d.waiting_since IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM participant p WHERE p.dialogue = d.id AND p.relation = 6 AND p.ended IS NULL)
ORDER BY d.waiting_since LIMIT :count;

-- Whether a dialogue of a unit has no coordinator yet.
-- name: is_unassigned one
-- in: id int, unit int
-- out: id int
SELECT d.id FROM dialogue d WHERE d.id = :id AND d.unit = :unit AND NOT EXISTS (
    SELECT 1 FROM participant p WHERE p.dialogue = d.id AND p.relation = 6 AND p.ended IS NULL);

-- How many dialogues a citizen has written that wait for a coordinator.
-- name: own_unassigned one
-- in: person int
-- out: count int
SELECT COUNT(*) FROM participant c JOIN dialogue d ON d.id = c.dialogue
WHERE c.person = :person AND d.citizen = :person AND d.waiting_since IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM participant p WHERE p.dialogue = d.id AND p.relation = 6 AND p.ended IS NULL);

-- name: absence_put exec
-- in: person int, first_day int, last_day int, deputy int?, sealed blob
INSERT INTO absence (person, first_day, last_day, deputy, sealed) VALUES (:person, :first_day, :last_day, :deputy, :sealed)
ON CONFLICT (person) DO UPDATE SET first_day = excluded.first_day, last_day = excluded.last_day, deputy = excluded.deputy, sealed = excluded.sealed;

-- name: absence_get one
-- in: person int
-- out: first_day int, last_day int, deputy int?, sealed blob
SELECT first_day, last_day, deputy, sealed FROM absence WHERE person = :person;

-- name: absence_remove exec
-- in: person int
DELETE FROM absence WHERE person = :person;

-- The coordinators (relation 6) of a dialogue who are away on a day.
-- name: away many
-- in: dialogue int, day int
-- out: person int
SELECT p.person FROM participant p JOIN absence a ON a.person = p.person
WHERE p.dialogue = :dialogue AND p.relation = 6 AND p.ended IS NULL AND a.first_day <= :day AND a.last_day >= :day;
