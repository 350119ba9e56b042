-- SPDX-License-Identifier: MPL-2.0

-- name: migration_list many
-- out: number int, checksum text
SELECT number, checksum FROM migration ORDER BY number;

-- name: migration_add exec
-- in: number int, name text, checksum text, applied int
INSERT INTO migration (number, name, checksum, applied) VALUES (:number, :name, :checksum, :applied);

-- name: outbox_add exec
-- in: id int, kind int, due int, payload blob
INSERT INTO outbox (id, kind, due, payload) VALUES (:id, :kind, :due, :payload);
