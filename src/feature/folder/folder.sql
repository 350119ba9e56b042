-- SPDX-License-Identifier: MPL-2.0

-- All dialogues that a person takes part in or took part in, the first one first.
-- name: dialogues many
-- in: person int, count int
-- out: id int
SELECT dialogue FROM participant WHERE person = :person ORDER BY joined, dialogue LIMIT :count;

-- Whether a person takes part in a dialogue that is about them: 1 or 0.
-- name: about_self one
-- in: person int
-- out: found int
SELECT COUNT(*) FROM (SELECT 1 FROM participant p JOIN dialogue d ON d.id = p.dialogue
    WHERE p.person = :person AND p.ended IS NULL AND d.citizen = :person LIMIT 1) AS one;
