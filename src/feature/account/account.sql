-- SPDX-License-Identifier: MPL-2.0

-- name: get one ahead
-- in: id int
-- out: id int, role int, unit int?, login blob?, sealed blob, version int, portrait int?
SELECT id, role, unit, login, sealed, version, portrait FROM person WHERE id = :id;

-- name: by_cpr one
-- in: cpr blob
-- out: id int, role int, unit int?, login blob?, sealed blob, version int, portrait int?
SELECT id, role, unit, login, sealed, version, portrait FROM person WHERE cpr = :cpr;

-- name: by_login one
-- in: login blob
-- out: id int, role int, unit int?, login blob?, sealed blob, version int, portrait int?
SELECT id, role, unit, login, sealed, version, portrait FROM person WHERE login = :login;

-- Those with the same folded name and date of birth.
-- name: by_name_birth many
-- in: name_birth blob
-- out: id int, role int, unit int?, login blob?, sealed blob, version int, portrait int?
SELECT id, role, unit, login, sealed, version, portrait FROM person WHERE name_birth = :name_birth LIMIT 2;

-- Those of a role in a unit (0: in any).
-- name: of_role many
-- in: role int, unit int
-- out: id int
SELECT id FROM person WHERE role = :role AND (:unit = 0 OR unit = :unit);

-- name: add exec
-- in: id int, role int, unit int?, login blob?, cpr blob?, name_birth blob?, sealed blob, portrait int?, created int
INSERT INTO person (id, role, unit, language, login, cpr, name_birth, sealed, portrait, version, created)
VALUES (:id, :role, :unit, 0, :login, :cpr, :name_birth, :sealed, :portrait, 1, :created);

-- name: unit one ahead
-- in: id int
-- out: sealed blob
SELECT sealed FROM unit WHERE id = :id;

-- name: unit_add exec
-- in: id int, sealed blob, created int
INSERT INTO unit (id, sealed, created) VALUES (:id, :sealed, :created);

-- name: unit_change exec
-- in: id int, sealed blob
UPDATE unit SET sealed = :sealed WHERE id = :id;

-- name: portrait_put exec
-- in: person int, version int, sealed blob
INSERT INTO portrait (person, version, sealed) VALUES (:person, :version, :sealed)
ON CONFLICT (person) DO UPDATE SET version = excluded.version, sealed = excluded.sealed;

-- name: portrait_get one
-- in: person int
-- out: version int, sealed blob
SELECT version, sealed FROM portrait WHERE person = :person;

-- Whether two people meet in a dialogue that the first one takes part in.
-- name: meet one
-- in: viewer int, person int, now int
-- out: count int
SELECT COUNT(*) FROM (
    SELECT 1 FROM participant a JOIN participant b ON b.dialogue = a.dialogue
    WHERE a.person = :viewer AND a.ended IS NULL AND (a.until IS NULL OR a.until > :now) AND b.person = :person LIMIT 1) AS found;

-- name: portrait_note exec
-- in: id int, portrait int
UPDATE person SET portrait = :portrait WHERE id = :id;

-- name: portrait_forget exec
-- in: id int
UPDATE person SET portrait = NULL WHERE id = :id;

-- What was opened of the dialogues in which a person takes or took part is no longer what there is.
-- name: shown_changed exec
-- in: person int
UPDATE dialogue SET content = content + 1 WHERE id IN (SELECT dialogue FROM participant WHERE person = :person);

-- name: portrait_remove exec
-- in: person int
DELETE FROM portrait WHERE person = :person;

-- name: source_put exec
-- in: person int, version int, sealed blob
INSERT INTO portrait_source (person, version, sealed) VALUES (:person, :version, :sealed)
ON CONFLICT (person) DO UPDATE SET version = excluded.version, sealed = excluded.sealed;

-- name: source_get one
-- in: person int
-- out: version int, sealed blob
SELECT version, sealed FROM portrait_source WHERE person = :person;

-- name: source_remove exec
-- in: person int
DELETE FROM portrait_source WHERE person = :person;

-- name: demo_add exec
-- in: person int
INSERT INTO demo_person (person) VALUES (:person);

-- name: demo_list many
-- in: count int
-- out: person int
SELECT person FROM demo_person ORDER BY person LIMIT :count;

-- name: demo_get one
-- in: person int
-- out: person int
SELECT person FROM demo_person WHERE person = :person;

-- name: login_add exec
-- in: state blob, provider int, created int, sealed blob
INSERT INTO login (state, provider, created, sealed) VALUES (:state, :provider, :created, :sealed);

-- name: login_get one
-- in: state blob
-- out: provider int, created int, sealed blob
SELECT provider, created, sealed FROM login WHERE state = :state;

-- name: login_remove exec
-- in: state blob
DELETE FROM login WHERE state = :state;

-- name: login_sweep exec
-- in: before int
DELETE FROM login WHERE created < :before;

-- name: change exec
-- in: id int, role int, unit int?, login blob?, name_birth blob?, sealed blob, version int
UPDATE person SET role = :role, unit = :unit, login = :login, name_birth = :name_birth, sealed = :sealed, version = :version WHERE id = :id;

-- name: units many
-- out: id int, sealed blob
SELECT id, sealed FROM unit;

-- name: metadata_get one
-- in: provider int
-- out: fetched int, sealed blob
SELECT fetched, sealed FROM login_metadata WHERE provider = :provider;

-- name: metadata_put exec
-- in: provider int, fetched int, sealed blob
INSERT INTO login_metadata (provider, fetched, sealed) VALUES (:provider, :fetched, :sealed)
ON CONFLICT (provider) DO UPDATE SET fetched = excluded.fetched, sealed = excluded.sealed;
