-- SPDX-License-Identifier: MPL-2.0

-- The dialogues about a person.
-- name: own many
-- in: person int, count int
-- out: id int
SELECT d.id FROM participant p JOIN dialogue d ON d.id = p.dialogue
WHERE p.person = :person AND d.citizen = :person AND p.ended IS NULL AND d.parent IS NULL ORDER BY d.last_at DESC LIMIT :count;
