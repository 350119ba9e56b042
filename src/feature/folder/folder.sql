-- SPDX-License-Identifier: MPL-2.0

-- All dialogues that a person takes part in or took part in, the first one first.
-- name: dialogues many
-- in: person int, count int
-- out: id int
SELECT dialogue FROM participant WHERE person = :person ORDER BY joined, dialogue LIMIT :count;
