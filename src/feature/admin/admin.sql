-- SPDX-License-Identifier: MPL-2.0

-- How many employees (roles 3 and 4) and dialogues each unit has.
-- name: unit_counts one
-- in: unit int
-- out: staff int, dialogues int
SELECT (SELECT COUNT(*) FROM person WHERE unit = :unit AND role IN (3, 4)), (SELECT COUNT(*) FROM dialogue WHERE unit = :unit);

-- The dialogues that a person takes part in.
-- name: part_of many
-- in: person int, count int
-- out: dialogue int
SELECT dialogue FROM participant WHERE person = :person AND ended IS NULL ORDER BY dialogue LIMIT :count;

-- name: parts one
-- in: person int
-- out: count int
SELECT COUNT(*) FROM participant WHERE person = :person AND ended IS NULL;

-- In how many dialogues a person is the only coordinator (relation 6).
-- name: sole_coordinator one
-- in: person int
-- out: count int
SELECT COUNT(*) FROM participant p WHERE p.person = :person AND p.relation = 6 AND p.ended IS NULL AND NOT EXISTS (
    SELECT 1 FROM participant o WHERE o.dialogue = p.dialogue AND o.person <> p.person AND o.relation = 6 AND o.ended IS NULL);

-- name: sign_out exec
-- in: person int
DELETE FROM session WHERE person = :person;
