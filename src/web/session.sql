-- SPDX-License-Identifier: MPL-2.0

-- A session with what each page needs of its person, and, where several servers may work on the database, with the guard of the same snapshot.
-- name: load many ahead
-- in: key blob
-- out: person int, assurance int, created int, seen int, mark blob, role int, unit int?, language int, version int, sealed blob, withdrawn int, destroyed int
SELECT session.person, session.assurance, session.created, session.seen, session.mark,
    person.role, person.unit, person.language, person.version, person.sealed, 0, 0
FROM session JOIN person ON person.id = session.person
WHERE session.key = :key;
-- postgres:
SELECT session.person, session.assurance, session.created, session.seen, session.mark,
    person.role, person.unit, person.language, person.version, person.sealed, guard.withdrawn, guard.destroyed
FROM session JOIN person ON person.id = session.person JOIN guard ON guard.id = 1
WHERE session.key = :key;

-- name: guard many
-- out: withdrawn int, destroyed int
SELECT withdrawn, destroyed FROM guard WHERE id = 1;

-- name: guard_raise exec
-- in: withdrawn int, destroyed int
UPDATE guard SET withdrawn = withdrawn + :withdrawn, destroyed = destroyed + :destroyed WHERE id = 1;

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
