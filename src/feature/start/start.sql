-- SPDX-License-Identifier: MPL-2.0

-- The dialogues that a person takes part in: what is new first, then the newest.
-- name: dialogues many ahead
-- in: person int, count int
-- out: id int, citizen int, last_at int, last_author int?, last_number int
SELECT d.id, d.citizen, d.last_at, d.last_author, d.last_number
FROM participant p JOIN dialogue d ON d.id = p.dialogue
WHERE p.person = :person AND p.ended IS NULL
ORDER BY CASE WHEN d.last_number > p.read_number THEN 0 ELSE 1 END,
    CASE WHEN d.last_number < p.from_number THEN p.joined ELSE d.last_at END DESC LIMIT :count;

-- What waits for an answer in a unit, the longest first, with one of its coordinators (relation 6). What is closed waits for nobody.
-- name: waiting many ahead
-- in: unit int, open int, count int
-- out: id int, citizen int, since int, coordinator int?
SELECT d.id, d.citizen, d.waiting_since,
    (SELECT MIN(p.person) FROM participant p WHERE p.dialogue = d.id AND p.relation = 6 AND p.ended IS NULL)
FROM dialogue d WHERE d.unit = :unit AND d.state = :open AND d.waiting_since IS NOT NULL
ORDER BY d.waiting_since LIMIT :count;
