-- SPDX-License-Identifier: MPL-2.0

-- name: add exec
-- in: id int, unit int, cause int, looker int, dialogue int, about int, first int, last int, asker int, signs int, created int, question blob?
INSERT INTO review (id, unit, cause, looker, dialogue, about, first_record, last_record, asker, signs, created, question)
VALUES (:id, :unit, :cause, :looker, :dialogue, :about, :first, :last, :asker, :signs, :created, :question);

-- name: get one
-- in: id int
-- out: id int, unit int, cause int, looker int, dialogue int, about int, first int, last int, asker int, signs int, created int, question blob?, closed int?, reviewer int?, outcome int?, note blob?, answer blob?
SELECT id, unit, cause, looker, dialogue, about, first_record, last_record, asker, signs, created, question, closed, reviewer, outcome, note, answer
FROM review WHERE id = :id;

-- What waits for a reviewer: of their units, of no unit, and what a reviewer of another unit did, which that unit's only one can't sign off.
-- name: open many
-- in: reviewer int, count int
-- out: id int
SELECT id FROM review v WHERE closed IS NULL AND (unit = 0 OR unit IN (SELECT r.unit FROM reviewer r WHERE r.person = :reviewer)
    OR looker IN (SELECT s.person FROM reviewer s WHERE s.unit = v.unit))
ORDER BY created LIMIT :count;

-- What was signed off lately, by the same rule.
-- name: closed many
-- in: reviewer int, count int
-- out: id int
SELECT id FROM review v WHERE closed IS NOT NULL AND (unit = 0 OR unit IN (SELECT r.unit FROM reviewer r WHERE r.person = :reviewer)
    OR looker IN (SELECT s.person FROM reviewer s WHERE s.unit = v.unit))
ORDER BY closed DESC LIMIT :count;

-- How many questions and spot checks wait for somebody as a reviewer: by the same rule, without those about their own looks.
-- name: waiting_for one ahead
-- in: reviewer int
-- out: questions int, checks int
SELECT COUNT(CASE WHEN asker <> 0 THEN 1 END), COUNT(CASE WHEN asker = 0 THEN 1 END) FROM review v WHERE closed IS NULL AND looker <> :reviewer AND EXISTS (SELECT 1 FROM reviewer a WHERE a.person = :reviewer)
    AND (unit = 0 OR unit IN (SELECT r.unit FROM reviewer r WHERE r.person = :reviewer) OR looker IN (SELECT s.person FROM reviewer s WHERE s.unit = v.unit));

-- How many questions of somebody were answered since they last opened the page of log_read, which shows the answers. Who has no answers at all is not
-- looked for in the log.
-- name: answers_new one ahead
-- in: asker int, log_read int
-- out: count int
SELECT COUNT(*) FROM review WHERE asker = :asker AND asker <> 0 AND closed IS NOT NULL AND closed > COALESCE((SELECT moment FROM (SELECT moment, seq FROM audit
    WHERE person = :asker AND person <> 0 AND kind = :log_read AND object = 0 ORDER BY seq DESC LIMIT 1) AS newest), 0);

-- What a person has asked, the newest first.
-- name: asked many
-- in: asker int, count int
-- out: id int
SELECT id FROM review WHERE asker = :asker AND asker <> 0 ORDER BY last_record DESC LIMIT :count;

-- Spot checks about a person in which a reviewer has written to them.
-- name: told many
-- in: about int, count int
-- out: id int
SELECT id FROM review WHERE about = :about AND about <> 0 AND asker = 0 AND answer IS NOT NULL ORDER BY last_record DESC LIMIT :count;

-- name: asked_of_record one ahead
-- in: asker int, record int
-- out: count int
SELECT COUNT(*) FROM review WHERE asker = :asker AND asker <> 0 AND last_record = :record;

-- name: waiting_of one
-- in: asker int
-- out: count int
SELECT COUNT(*) FROM review WHERE asker = :asker AND asker <> 0 AND closed IS NULL;

-- name: close exec
-- in: id int, closed int, reviewer int, outcome int, note blob, answer blob?
UPDATE review SET closed = :closed, reviewer = :reviewer, outcome = :outcome, note = :note, answer = :answer WHERE id = :id AND closed IS NULL;

-- name: reviewer_units many
-- in: person int
-- out: unit int, since int, sealed blob
SELECT unit, since, sealed FROM reviewer WHERE person = :person ORDER BY unit;

-- name: reviewers_of many
-- in: unit int
-- out: person int, since int, sealed blob
SELECT person, since, sealed FROM reviewer WHERE unit = :unit ORDER BY since;

-- name: reviewer_add exec
-- in: person int, unit int, since int, sealed blob
INSERT INTO reviewer (person, unit, since, sealed) VALUES (:person, :unit, :since, :sealed) ON CONFLICT (person, unit) DO NOTHING;

-- Of no unit any more.
-- name: reviewer_remove exec
-- in: person int
DELETE FROM reviewer WHERE person = :person;

-- What somebody did in a dialogue between two records of the log, newest first; only that they did it.
-- name: looks many
-- in: person int, dialogue int, first int, last int, count int
-- out: seq int, moment int, kind int, person int, dialogue int, object int, first int, last int
SELECT seq, moment, kind, person, dialogue, object, first_post, last_post FROM audit
WHERE person = :person AND person <> 0 AND seq >= :first AND seq <= :last AND dialogue = :dialogue ORDER BY seq DESC LIMIT :count;

-- What somebody is, or was, in a dialogue.
-- name: part one
-- in: dialogue int, person int
-- out: relation int, joined int, ended int?
SELECT relation, joined, ended FROM participant WHERE dialogue = :dialogue AND person = :person;

-- name: reviews_at_all one ahead
-- in: person int
-- out: count int
SELECT COUNT(*) FROM reviewer WHERE person = :person;
