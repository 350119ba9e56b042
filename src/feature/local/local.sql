-- SPDX-License-Identifier: MPL-2.0

-- name: any one
-- out: person int
SELECT person FROM local_account LIMIT 1;

-- name: by_name one
-- in: name blob
-- out: person int, name blob, tries int, tried int, version int, sealed blob
SELECT person, name, tries, tried, version, sealed FROM local_account WHERE name = :name;

-- name: by_person one
-- in: person int
-- out: person int, name blob, tries int, tried int, version int, sealed blob
SELECT person, name, tries, tried, version, sealed FROM local_account WHERE person = :person;

-- name: list many
-- in: count int
-- out: person int
SELECT person FROM local_account ORDER BY person DESC LIMIT :count;

-- name: add exec
-- in: person int, name blob, sealed blob
INSERT INTO local_account (person, name, tries, tried, version, sealed) VALUES (:person, :name, 0, 0, 1, :sealed);

-- name: change exec
-- in: person int, was int, version int, sealed blob
UPDATE local_account SET version = :version, sealed = :sealed, tries = 0 WHERE person = :person AND version = :was;

-- name: tried exec
-- in: person int, tries int, tried int
UPDATE local_account SET tries = :tries, tried = :tried WHERE person = :person;

-- name: sign_out exec
-- in: person int, but blob
DELETE FROM session WHERE person = :person AND key <> :but;

-- name: passkey_add exec
-- in: id int, person int, credential blob, sealed blob
INSERT INTO passkey (id, person, credential, version, sealed) VALUES (:id, :person, :credential, 1, :sealed);

-- name: passkey_by_credential one
-- in: credential blob
-- out: id int, person int, credential blob, version int, sealed blob
SELECT id, person, credential, version, sealed FROM passkey WHERE credential = :credential;

-- name: passkey_by_id one
-- in: id int, person int
-- out: id int, person int, credential blob, version int, sealed blob
SELECT id, person, credential, version, sealed FROM passkey WHERE id = :id AND person = :person;

-- name: passkeys_of many
-- in: person int, count int
-- out: id int, person int, credential blob, version int, sealed blob
SELECT id, person, credential, version, sealed FROM passkey WHERE person = :person ORDER BY id LIMIT :count;

-- name: passkey_change exec
-- in: id int, was int, version int, sealed blob
UPDATE passkey SET version = :version, sealed = :sealed WHERE id = :id AND version = :was;

-- name: passkey_remove exec
-- in: id int
DELETE FROM passkey WHERE id = :id;

-- name: passkeys_remove exec
-- in: person int
DELETE FROM passkey WHERE person = :person;

-- name: challenge_add exec
-- in: challenge blob, created int, sealed blob
INSERT INTO passkey_challenge (challenge, created, sealed) VALUES (:challenge, :created, :sealed);

-- name: challenge_get one
-- in: challenge blob
-- out: created int, sealed blob
SELECT created, sealed FROM passkey_challenge WHERE challenge = :challenge;

-- name: challenge_remove exec
-- in: challenge blob
DELETE FROM passkey_challenge WHERE challenge = :challenge;

-- name: challenge_sweep exec
-- in: before int
DELETE FROM passkey_challenge WHERE created < :before;

-- name: codes_remove exec
-- in: person int
DELETE FROM recovery_code WHERE person = :person;

-- name: code_add exec
-- in: code blob, person int
INSERT INTO recovery_code (code, person) VALUES (:code, :person);

-- name: code_use exec
-- in: code blob, person int, now int
UPDATE recovery_code SET used = :now WHERE code = :code AND person = :person AND used IS NULL;

-- name: codes_state one
-- in: person int
-- out: left_over int, used int?
SELECT COUNT(*) - COUNT(used), MAX(used) FROM recovery_code WHERE person = :person;
