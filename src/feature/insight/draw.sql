-- SPDX-License-Identifier: MPL-2.0

-- A unit whose spot checks of a day are still to be drawn.
-- name: due one
-- in: day int
-- out: unit int, drawn int?
SELECT u.id, d.day FROM unit u LEFT JOIN review_draw d ON d.unit = u.id
WHERE d.day IS NULL OR d.day < :day ORDER BY u.id LIMIT 1;

-- Who works in a unit (roles 3 and 4).
-- name: staff many
-- in: unit int, after int, count int
-- out: id int
SELECT id FROM person WHERE unit = :unit AND role IN (3, 4) AND id > :after ORDER BY id LIMIT :count;

-- name: acts many
-- in: person int, first int, count int
-- out: seq int, moment int, kind int, dialogue int, object int
SELECT seq, moment, kind, dialogue, object FROM audit
WHERE person = :person AND person <> 0 AND seq >= :first ORDER BY seq LIMIT :count;

-- name: moment one
-- in: seq int
-- out: moment int
SELECT moment FROM audit WHERE seq = :seq;

-- How many records the log has.
-- name: size one
-- out: size int
SELECT COALESCE(MAX(seq), -1) + 1
FROM (SELECT MAX(seq) AS seq FROM audit_recent UNION ALL SELECT MAX(seq) FROM audit_indexed) AS ends;

-- name: place one
-- in: dialogue int
-- out: unit int, citizen int
SELECT unit, citizen FROM dialogue WHERE id = :dialogue;

-- Whether a citizen has a dialogue in a unit.
-- name: known_in one
-- in: citizen int, unit int
-- out: count int
SELECT COUNT(*) FROM participant p JOIN dialogue d ON d.id = p.dialogue
WHERE p.person = :citizen AND d.citizen = :citizen AND d.unit = :unit;

-- name: drawn exec
-- in: unit int, day int
INSERT INTO review_draw (unit, day) VALUES (:unit, :day) ON CONFLICT (unit) DO UPDATE SET day = excluded.day;
