-- SPDX-License-Identifier: MPL-2.0
-- The log, newest first, as far as a reader wants to go. The conditions are those of the indexes.

-- What a person did.
-- name: of_person many
-- in: person int, before int
-- out: seq int, moment int, kind int, person int, dialogue int, object int, first int, last int
SELECT seq, moment, kind, person, dialogue, object, first_post, last_post FROM audit
WHERE person = :person AND person <> 0 AND seq < :before ORDER BY seq DESC;

-- What was done with a person outside any dialogue: looked up, registered.
-- name: about_person many
-- in: person int, before int
-- out: seq int, moment int, kind int, person int, dialogue int, object int, first int, last int
SELECT seq, moment, kind, person, dialogue, object, first_post, last_post FROM audit
WHERE object = :person AND object <> 0 AND dialogue = 0 AND seq < :before ORDER BY seq DESC;

-- What was done in a dialogue.
-- name: of_dialogue many
-- in: dialogue int, before int
-- out: seq int, moment int, kind int, person int, dialogue int, object int, first int, last int
SELECT seq, moment, kind, person, dialogue, object, first_post, last_post FROM audit
WHERE dialogue = :dialogue AND dialogue <> 0 AND seq < :before ORDER BY seq DESC;

-- name: record one
-- in: seq int
-- out: seq int, moment int, kind int, person int, dialogue int, object int, first int, last int
SELECT seq, moment, kind, person, dialogue, object, first_post, last_post FROM audit WHERE seq = :seq;

-- The dialogues that a person takes part in, the newest first; about: only those about themself.
-- name: dialogues many
-- in: person int, about int, count int
-- out: id int
SELECT d.id FROM participant p JOIN dialogue d ON d.id = p.dialogue
WHERE p.person = :person AND p.ended IS NULL AND (:about = 0 OR d.citizen = :person)
ORDER BY d.last_at DESC LIMIT :count;
