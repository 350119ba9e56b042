-- SPDX-License-Identifier: MPL-2.0

-- name: add exec
-- in: id int, name text, sealed blob?, ended int?
INSERT INTO example (id, name, sealed, ended) VALUES (:id, :name, :sealed, :ended);

-- name: get one
-- in: id int
-- out: name text, sealed blob?, ended int?
SELECT name, sealed, ended FROM example WHERE id = :id;

-- name: page many
-- in: limit int, above int
-- out: id int, name text, sealed blob?, ended int?
SELECT id, name, sealed, ended FROM example WHERE id > :above ORDER BY id LIMIT :limit;

-- name: end exec
-- in: ended int?
UPDATE example SET ended = :ended;
