-- SPDX-License-Identifier: MPL-2.0

-- The log is read through the view 'audit'. A query of it that SQLite is to answer by the indexes says what it orders by among what it gives, and sums up
-- nothing: then each of the two tables is asked by itself.

-- name: add_recent send
-- in: seq int, moment int, kind int, person int, dialogue int, object int, first_post int, last_post int, mark blob
INSERT INTO audit_recent (seq, moment, kind, person, dialogue, object, first_post, last_post, mark)
VALUES (:seq, :moment, :kind, :person, :dialogue, :object, :first_post, :last_post, :mark);

-- name: add_indexed send
-- in: seq int, moment int, kind int, person int, dialogue int, object int, first_post int, last_post int, mark blob
INSERT INTO audit_indexed (seq, moment, kind, person, dialogue, object, first_post, last_post, mark)
VALUES (:seq, :moment, :kind, :person, :dialogue, :object, :first_post, :last_post, :mark);

-- name: index_recent exec
INSERT INTO audit_indexed (seq, moment, kind, person, dialogue, object, first_post, last_post, mark)
SELECT seq, moment, kind, person, dialogue, object, first_post, last_post, mark FROM audit_recent ORDER BY seq;

-- name: forget_recent exec
DELETE FROM audit_recent;

-- Every record in the order of the log.
-- name: all many
-- out: seq int, moment int, kind int, person int, dialogue int, object int, first_post int, last_post int, mark blob
SELECT seq, moment, kind, person, dialogue, object, first_post, last_post, mark FROM audit ORDER BY seq;

-- What happened in one dialogue, oldest first.
-- name: of_dialogue many
-- in: dialogue int
-- out: seq int, moment int, kind int, person int, object int, first_post int, last_post int
SELECT seq, moment, kind, person, object, first_post, last_post FROM audit
WHERE dialogue = :dialogue AND dialogue <> 0 ORDER BY seq;

-- The number of the newest record, -1 in an empty log; and how many are recent. What was moved to PostgreSQL goes on in the other table.
-- name: newest one
-- out: seq int, recent int
SELECT COALESCE(MAX(seq), -1), (SELECT COUNT(*) FROM audit_recent)
FROM (SELECT MAX(seq) AS seq FROM audit_recent UNION ALL SELECT MAX(seq) FROM audit_indexed) AS ends;

-- Whether something of this kind that was done in no dialogue is in the log about that object: 1 or 0. The conditions are those of the index.
-- name: has one
-- in: kind int, object int
-- out: count int
SELECT COUNT(*) FROM (SELECT seq FROM audit WHERE kind = :kind AND object = :object AND object <> 0 AND dialogue = 0 ORDER BY seq LIMIT 1) AS one;

-- name: head one
-- out: size int, root blob, peaks blob, mac blob
SELECT size, root, peaks, mac FROM audit_head WHERE id = 1;

-- name: head_put send
-- in: size int, root blob, peaks blob, mac blob
INSERT INTO audit_head (id, size, root, peaks, mac) VALUES (1, :size, :root, :peaks, :mac)
ON CONFLICT (id) DO UPDATE SET size = excluded.size, root = excluded.root, peaks = excluded.peaks, mac = excluded.mac;
