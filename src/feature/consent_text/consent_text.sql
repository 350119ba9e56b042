-- SPDX-License-Identifier: MPL-2.0

-- name: newest one
-- out: version int
SELECT COALESCE(MAX(version), 1) FROM consent_text;

-- name: get one
-- in: version int
-- out: sealed blob
SELECT sealed FROM consent_text WHERE version = :version;

-- There is no statement that changes a version, or takes one away.
-- name: add exec
-- in: version int, sealed blob
INSERT INTO consent_text (version, sealed) VALUES (:version, :sealed);

-- name: draft_get one
-- out: revision int, sealed blob
SELECT revision, sealed FROM consent_draft WHERE id = 1;

-- name: draft_put exec
-- in: revision int, sealed blob
INSERT INTO consent_draft (id, revision, sealed) VALUES (1, :revision, :sealed)
ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, sealed = excluded.sealed;

-- name: draft_remove exec
DELETE FROM consent_draft WHERE id = 1;
