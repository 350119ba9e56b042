-- SPDX-License-Identifier: MPL-2.0

-- name: migration_list many
-- out: number int, checksum text
SELECT number, checksum FROM migration WHERE number > 0 ORDER BY number;

-- name: migration_count one
-- out: count int
SELECT COUNT(*) FROM migration;

-- name: migration_add exec
-- in: number int, name text, checksum text, applied int
INSERT INTO migration (number, name, checksum, applied) VALUES (:number, :name, :checksum, :applied);

-- name: outbox_add exec
-- in: id int, kind int, purpose int, person int, made int, due int, payload blob
INSERT INTO outbox (id, kind, purpose, person, made, due, tries, trouble, given_up, payload)
VALUES (:id, :kind, :purpose, :person, :made, :due, 0, 0, 0, :payload);

-- name: outbox_next one
-- in: kind int, now int
-- out: id int, purpose int, person int, made int, due int, tries int, trouble int, payload blob
SELECT id, purpose, person, made, due, tries, trouble, payload FROM outbox
WHERE due <= :now AND given_up = 0 AND kind = :kind ORDER BY due LIMIT 1;

-- name: outbox_waiting one
-- in: person int, purpose int
-- out: id int, kind int, made int, due int, payload blob
SELECT id, kind, made, due, payload FROM outbox
WHERE person = :person AND purpose = :purpose AND given_up = 0 ORDER BY id LIMIT 1;

-- name: outbox_replace exec
-- in: id int, payload blob
UPDATE outbox SET payload = :payload WHERE id = :id;

-- name: outbox_remove exec
-- in: id int
DELETE FROM outbox WHERE id = :id;

-- name: outbox_fail exec
-- in: id int, tries int, trouble int, due int, given_up int
UPDATE outbox SET tries = :tries, trouble = :trouble, due = :due, given_up = :given_up WHERE id = :id;

-- name: outbox_given_up many
-- in: count int
-- out: id int, kind int, purpose int, person int, made int, tries int, trouble int, given_up int
SELECT id, kind, purpose, person, made, tries, trouble, given_up FROM outbox
WHERE given_up > 0 ORDER BY given_up DESC, id DESC LIMIT :count;

-- name: outbox_state one
-- out: waiting int, failing int, trouble int, given_up int
SELECT (SELECT COUNT(*) FROM outbox WHERE given_up = 0), (SELECT COUNT(*) FROM outbox WHERE given_up = 0 AND tries > 0),
    COALESCE((SELECT trouble FROM outbox WHERE given_up = 0 AND tries > 0 ORDER BY due DESC LIMIT 1), 0),
    (SELECT COUNT(*) FROM outbox WHERE given_up > 0);

-- name: outbox_retry exec
-- in: id int, now int
UPDATE outbox SET tries = 0, trouble = 0, given_up = 0, due = :now WHERE id = :id AND given_up > 0;

-- name: outbox_retry_all exec
-- in: now int
UPDATE outbox SET tries = 0, trouble = 0, given_up = 0, due = :now WHERE given_up > 0;

-- name: outbox_discard exec
-- in: id int
DELETE FROM outbox WHERE id = :id AND given_up > 0;

-- Whether the database was left for another, or is one that is being filled: store/moved.h.
-- name: moved_get one
-- out: name text, applied int
SELECT name, applied FROM migration WHERE number = 0;

-- name: moved_put exec
-- in: name text, applied int
INSERT INTO migration (number, name, checksum, applied) VALUES (0, :name, '', :applied)
ON CONFLICT (number) DO UPDATE SET name = excluded.name, applied = excluded.applied;

-- name: moved_remove exec
DELETE FROM migration WHERE number = 0;

-- The last turn of all writers, and whether it is in what this connection sees: of the PostgreSQL backend's own table, so only there (store/replica.h).
-- name: turn_newest one
-- out: writer int, turn int
SELECT 0, 0;
-- postgres:
SELECT last.writer, last.turn FROM writer_turn AS newest JOIN writer_turn AS last ON last.writer = newest.turn WHERE newest.writer = 0;

-- name: turn_there one
-- in: writer int, turn int
-- out: count int
SELECT :writer = 0 AND :turn = 0;
-- postgres:
SELECT COUNT(*) FROM writer_turn WHERE writer = :writer AND turn >= :turn;
