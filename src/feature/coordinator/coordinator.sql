-- SPDX-License-Identifier: MPL-2.0

-- Open dialogues of a unit that nobody coordinates (relation 6) any more, with who did last; the one that has been so the longest first. Of a coordinator
-- who is still there the row itself is one that must not be. What a citizen has written to the unit waits in its inbox.
-- name: missing many
-- in: unit int, open int, count int
-- out: dialogue int, person int, since int
SELECT d.id, p.person, p.ended FROM dialogue d JOIN participant p ON p.dialogue = d.id AND p.relation = 6
WHERE d.unit = :unit AND d.state = :open AND d.parent IS NULL
    AND NOT EXISTS (SELECT 1 FROM participant n WHERE n.dialogue = d.id AND n.relation = 6 AND (n.ended IS NULL OR n.ended > p.ended))
    AND NOT EXISTS (SELECT 1 FROM unit_letter l WHERE l.dialogue = d.id)
ORDER BY p.ended, d.id LIMIT :count;

-- Whether a dialogue is one of them.
-- name: missing_one one
-- in: dialogue int, open int
-- out: unit int, person int, since int
SELECT d.unit, p.person, p.ended FROM dialogue d JOIN participant p ON p.dialogue = d.id AND p.relation = 6
WHERE d.id = :dialogue AND d.state = :open AND d.parent IS NULL
    AND NOT EXISTS (SELECT 1 FROM participant n WHERE n.dialogue = d.id AND n.relation = 6 AND (n.ended IS NULL OR n.ended > p.ended))
    AND NOT EXISTS (SELECT 1 FROM unit_letter l WHERE l.dialogue = d.id)
LIMIT 1;

-- How many others coordinate a dialogue.
-- name: others one
-- in: dialogue int, person int
-- out: count int
SELECT COUNT(*) FROM participant WHERE dialogue = :dialogue AND relation = 6 AND ended IS NULL AND person <> :person;
