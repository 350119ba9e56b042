-- SPDX-License-Identifier: MPL-2.0

-- name: count one
-- in: person int, dialogue int
-- out: count int
SELECT COUNT(*) FROM favourite WHERE person = :person AND dialogue = :dialogue;

-- name: add exec
-- in: person int, dialogue int, since int
INSERT INTO favourite (person, dialogue, since) VALUES (:person, :dialogue, :since)
ON CONFLICT (person, dialogue) DO NOTHING;

-- name: remove exec
-- in: person int, dialogue int
DELETE FROM favourite WHERE person = :person AND dialogue = :dialogue;
