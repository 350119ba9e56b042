-- SPDX-License-Identifier: MPL-2.0

-- What waits in a unit, the one that has waited longest first.
-- name: letters many
-- in: unit int, count int
-- out: dialogue int, created int
SELECT dialogue, created FROM unit_letter WHERE unit = :unit ORDER BY created LIMIT :count;

-- name: letter one
-- in: dialogue int
-- out: unit int, sealed blob
SELECT unit, sealed FROM unit_letter WHERE dialogue = :dialogue;

-- How many coordinate a dialogue, or have done (relation 6).
-- name: taken one
-- in: dialogue int
-- out: count int
SELECT COUNT(*) FROM participant WHERE dialogue = :dialogue AND relation = 6;

-- name: letter_add exec
-- in: dialogue int, unit int, created int, sealed blob
INSERT INTO unit_letter (dialogue, unit, created, sealed) VALUES (:dialogue, :unit, :created, :sealed);

-- name: letter_remove exec
-- in: dialogue int
DELETE FROM unit_letter WHERE dialogue = :dialogue;

-- How many of a citizen's wait.
-- name: letters_of one
-- in: citizen int
-- out: count int
SELECT COUNT(*) FROM unit_letter l JOIN dialogue d ON d.id = l.dialogue WHERE d.citizen = :citizen;

-- Whether anybody reads a unit's inbox: an employee (role 3) of it. 1 or 0.
-- name: unit_read one
-- in: unit int
-- out: found int
SELECT COUNT(*) FROM (SELECT 1 FROM person WHERE unit = :unit AND role = 3 LIMIT 1) AS one;

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

-- The coordinators (relation 6) of a dialogue who are away on a day, and whether who answers meanwhile takes part as an employee (4, 6): 1 or 0.
-- name: away many ahead
-- in: dialogue int, day int, now int
-- out: person int, deputy_there int
SELECT p.person, (SELECT COUNT(*) FROM participant q WHERE q.dialogue = p.dialogue AND q.person = a.deputy AND q.relation IN (4, 6)
    AND q.ended IS NULL AND (q.until IS NULL OR q.until > :now))
FROM participant p JOIN absence a ON a.person = p.person
WHERE p.dialogue = :dialogue AND p.relation = 6 AND p.ended IS NULL AND a.first_day <= :day AND a.last_day >= :day;

-- Employees (4, 6) who take part in open dialogues that a person coordinates (relation 6).
-- name: deputies_there many
-- in: person int, open int, now int, count int
-- out: person int
SELECT DISTINCT q.person FROM participant p JOIN dialogue d ON d.id = p.dialogue
JOIN participant q ON q.dialogue = p.dialogue AND q.person <> p.person AND q.relation IN (4, 6) AND q.ended IS NULL AND (q.until IS NULL OR q.until > :now)
WHERE p.person = :person AND p.relation = 6 AND p.ended IS NULL AND d.state = :open AND d.parent IS NULL ORDER BY q.person LIMIT :count;

-- In how many open dialogues that a person coordinates (relation 6) a deputy takes no part as an employee (4, 6).
-- name: without_deputy one
-- in: person int, deputy int, open int, now int
-- out: count int
SELECT COUNT(*) FROM participant p JOIN dialogue d ON d.id = p.dialogue
WHERE p.person = :person AND p.relation = 6 AND p.ended IS NULL AND d.state = :open AND d.parent IS NULL AND NOT EXISTS (
    SELECT 1 FROM participant q WHERE q.dialogue = p.dialogue AND q.person = :deputy AND q.relation IN (4, 6)
        AND q.ended IS NULL AND (q.until IS NULL OR q.until > :now));
