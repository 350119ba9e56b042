-- SPDX-License-Identifier: MPL-2.0

-- A session with what each page needs of its person.
-- name: load many
-- in: key blob
-- out: person int, assurance int, created int, seen int, mark blob, role int, unit int?, language int, version int, sealed blob
SELECT session.person, session.assurance, session.created, session.seen, session.mark,
    person.role, person.unit, person.language, person.version, person.sealed
FROM session JOIN person ON person.id = session.person
WHERE session.key = :key;

-- name: begin exec
-- in: key blob, person int, assurance int, now int, mark blob
INSERT INTO session (key, person, assurance, created, seen, mark) VALUES (:key, :person, :assurance, :now, :now, :mark);

-- name: touch exec
-- in: key blob, now int
UPDATE session SET seen = :now WHERE key = :key AND seen < :now;

-- name: end exec
-- in: key blob
DELETE FROM session WHERE key = :key;

-- Sessions that nobody has used since.
-- name: sweep exec
-- in: before int
DELETE FROM session WHERE seen < :before;

-- name: choose_language exec
-- in: person int, language int
UPDATE person SET language = :language WHERE id = :person;

-- name: alive one
-- out: one int
SELECT 1;
