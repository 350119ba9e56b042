-- SPDX-License-Identifier: MPL-2.0

-- The dialogues that a person takes part in, or the one of them that is asked for (0: all), what was written last first.
-- name: dialogues many
-- in: person int, dialogue int, count int
-- out: id int, last_at int
SELECT d.id, d.last_at FROM participant p JOIN dialogue d ON d.id = p.dialogue
WHERE p.person = :person AND p.ended IS NULL AND d.last_number > 0 AND (d.id = :dialogue OR :dialogue = 0)
ORDER BY d.last_at DESC LIMIT :count;
