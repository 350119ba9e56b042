-- SPDX-License-Identifier: MPL-2.0

-- name: add exec
-- in: id int, person int, about int, dialogue int, created int, sealed blob
INSERT INTO look_up (id, person, about, dialogue, created, sealed) VALUES (:id, :person, :about, :dialogue, :created, :sealed);

-- name: get one
-- in: id int
-- out: person int, about int, dialogue int, created int, sealed blob
SELECT person, about, dialogue, created, sealed FROM look_up WHERE id = :id;
