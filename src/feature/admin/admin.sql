-- SPDX-License-Identifier: MPL-2.0

-- How many employees (roles 3 and 4) and dialogues each unit has, how many of them read its inbox (role 3), and how many wait there.
-- name: unit_counts one
-- in: unit int
-- out: staff int, dialogues int, readers int, letters int
SELECT (SELECT COUNT(*) FROM person WHERE unit = :unit AND role IN (3, 4)), (SELECT COUNT(*) FROM dialogue WHERE unit = :unit),
    (SELECT COUNT(*) FROM person WHERE unit = :unit AND role = 3), (SELECT COUNT(*) FROM unit_letter WHERE unit = :unit);

-- The dialogues that a person takes part in.
-- name: part_of many
-- in: person int, count int
-- out: dialogue int
SELECT dialogue FROM participant WHERE person = :person AND ended IS NULL ORDER BY dialogue LIMIT :count;

-- name: parts one
-- in: person int
-- out: count int
SELECT COUNT(*) FROM participant WHERE person = :person AND ended IS NULL;

-- In how many dialogues a person is the only coordinator (relation 6); a talk beside one is followed by who is left in it.
-- name: sole_coordinator one
-- in: person int
-- out: count int
SELECT COUNT(*) FROM participant p JOIN dialogue d ON d.id = p.dialogue AND d.parent IS NULL WHERE p.person = :person AND p.relation = 6 AND p.ended IS NULL AND NOT EXISTS (
    SELECT 1 FROM participant o WHERE o.dialogue = p.dialogue AND o.person <> p.person AND o.relation = 6 AND o.ended IS NULL);

-- name: sign_out exec
-- in: person int
DELETE FROM session WHERE person = :person;

-- name: import_add exec
-- in: id int, person int, created int, sealed blob
INSERT INTO staff_import (id, person, created, sealed) VALUES (:id, :person, :created, :sealed);

-- name: import_get one
-- in: id int, person int
-- out: created int, sealed blob
SELECT created, sealed FROM staff_import WHERE id = :id AND person = :person;

-- Those that are decided or too old.
-- name: import_sweep exec
-- in: id int, before int
DELETE FROM staff_import WHERE id = :id OR created < :before;

-- A unit's dialogues and what happened in them in a span of time: numbers only.
-- name: statistics one
-- in: unit int, from int, until int, open int
-- out: dialogues int, started int, posts int, writers int, waiting int, waiting_since int?
SELECT (SELECT COUNT(*) FROM dialogue WHERE unit = :unit AND created < :until),
    (SELECT COUNT(*) FROM dialogue WHERE unit = :unit AND created >= :from AND created < :until),
    (SELECT COUNT(*) FROM dialogue d JOIN post p ON p.dialogue = d.id
        WHERE d.unit = :unit AND d.last_at >= :from AND p.created >= :from AND p.created < :until),
    (SELECT COUNT(DISTINCT p.author) FROM dialogue d JOIN post p ON p.dialogue = d.id
        WHERE d.unit = :unit AND d.last_at >= :from AND p.created >= :from AND p.created < :until),
    (SELECT COUNT(*) FROM dialogue WHERE unit = :unit AND state = :open AND waiting_since IS NOT NULL),
    (SELECT MIN(waiting_since) FROM dialogue WHERE unit = :unit AND state = :open AND waiting_since IS NOT NULL);

-- A unit's dialogues (0: all units'), the one that was active last first, after a place in that order.
-- name: overview many
-- in: unit int, before_at int, before_id int, count int
-- out: id int, last_at int, state int
SELECT id, last_at, state FROM dialogue
WHERE (:unit = 0 OR unit = :unit) AND (last_at < :before_at OR (last_at = :before_at AND id < :before_id))
ORDER BY last_at DESC, id DESC LIMIT :count;

-- The questions that were asked in a unit in a span of time, and when each was answered. Roles 3 to 5 work here, or did.
-- name: questions many
-- in: unit int, from int, until int, count int
-- out: asked int, answered int?
SELECT q.created, (SELECT a.created FROM post a JOIN person e ON e.id = a.author
        WHERE a.dialogue = q.dialogue AND a.number > q.number AND e.role IN (3, 4, 5) ORDER BY a.number LIMIT 1)
FROM dialogue d JOIN post q ON q.dialogue = d.id JOIN person w ON w.id = q.author
WHERE d.unit = :unit AND d.parent IS NULL AND d.last_at >= :from AND q.created >= :from AND q.created < :until AND w.role NOT IN (3, 4, 5)
    AND NOT EXISTS (SELECT 1 FROM post b JOIN person x ON x.id = b.author
        WHERE b.dialogue = q.dialogue AND b.number = q.number - 1 AND x.role NOT IN (3, 4, 5))
ORDER BY q.created LIMIT :count;
