-- SPDX-License-Identifier: MPL-2.0

-- name: add exec
-- in: id int, dialogue int, kind int, state int, author int, made int, day int, first int, last int, epoch int, head blob
INSERT INTO journal_entry (id, dialogue, kind, state, author, made, day, first, last, epoch, head, changed, tries, due)
VALUES (:id, :dialogue, :kind, :state, :author, :made, :day, :first, :last, :epoch, :head, :made, 0, :made);

-- The newest first.
-- name: list many
-- in: dialogue int, count int
-- out: id int, kind int, state int, author int, made int, day int, first int, last int, epoch int, head blob, changed int, tries int, receipt blob?, proven int
SELECT id, kind, state, author, made, day, first, last, epoch, head, changed, tries, receipt,
    CASE WHEN COALESCE(pdf_proof, '') = '' THEN 0 ELSE 1 END FROM journal_entry
WHERE dialogue = :dialogue ORDER BY id DESC LIMIT :count;

-- name: get one
-- in: dialogue int, id int
-- out: id int, kind int, state int, author int, made int, day int, first int, last int, epoch int, head blob, changed int, tries int, receipt blob?, proven int
SELECT id, kind, state, author, made, day, first, last, epoch, head, changed, tries, receipt,
    CASE WHEN COALESCE(pdf_proof, '') = '' THEN 0 ELSE 1 END FROM journal_entry
WHERE dialogue = :dialogue AND id = :id;

-- The posts that entries hold, for finding what no entry holds. An entry that the other system refused (state 5) counts for nothing.
-- name: covered many
-- in: dialogue int
-- out: id int, kind int, author int, made int, day int, first int, last int, epoch int, head blob
SELECT id, kind, author, made, day, first, last, epoch, head FROM journal_entry
WHERE dialogue = :dialogue AND first > 0 AND state <> 5 ORDER BY first, last;

-- name: piece_add exec
-- in: entry int, part int, piece int, sealed blob
INSERT INTO journal_piece (entry, part, piece, sealed) VALUES (:entry, :part, :piece, :sealed);

-- name: piece_get one
-- in: entry int, part int, piece int
-- out: sealed blob
SELECT sealed FROM journal_piece WHERE entry = :entry AND part = :part AND piece = :piece;

-- name: pieces_sweep exec
-- in: before int
DELETE FROM journal_piece WHERE entry < :before AND NOT EXISTS (SELECT 1 FROM journal_entry e WHERE e.id = journal_piece.entry);

-- name: mark_add exec
-- in: dialogue int, number int, person int, at int
INSERT INTO journal_mark (dialogue, number, person, at) VALUES (:dialogue, :number, :person, :at)
ON CONFLICT (dialogue, number) DO NOTHING;

-- name: mark_remove exec
-- in: dialogue int, number int
DELETE FROM journal_mark WHERE dialogue = :dialogue AND number = :number;

-- name: mark_get one
-- in: dialogue int, number int
-- out: person int, at int
SELECT person, at FROM journal_mark WHERE dialogue = :dialogue AND number = :number;

-- Important posts that no entry holds, the oldest mark first.
-- name: marks_open many
-- in: dialogue int, count int
-- out: number int, person int, at int
SELECT m.number, m.person, m.at FROM journal_mark m
WHERE m.dialogue = :dialogue AND NOT EXISTS (SELECT 1 FROM journal_entry e
    WHERE e.dialogue = m.dialogue AND e.first > 0 AND e.first <= m.number AND e.last >= m.number AND e.state <> 5)
ORDER BY m.at, m.number LIMIT :count;

-- What a coordinator (relation 6) has left undone: dialogues with important posts that were marked before a time and stand in no entry. In a talk beside a
-- dialogue only who still takes part in that can do it.
-- name: marks_late many
-- in: person int, before int, now int, count int
-- out: dialogue int, posts int, at int
SELECT m.dialogue, COUNT(*), MIN(m.at)
FROM participant p JOIN journal_mark m ON m.dialogue = p.dialogue JOIN dialogue d ON d.id = p.dialogue
WHERE p.person = :person AND p.relation = 6 AND p.ended IS NULL AND (p.until IS NULL OR p.until > :now) AND m.at <= :before
AND (d.parent IS NULL OR EXISTS (SELECT 1 FROM participant u
    WHERE u.dialogue = d.parent AND u.person = p.person AND u.ended IS NULL AND (u.until IS NULL OR u.until > :now)))
AND NOT EXISTS (SELECT 1 FROM journal_entry e
    WHERE e.dialogue = m.dialogue AND e.first > 0 AND e.first <= m.number AND e.last >= m.number AND e.state <> 5)
GROUP BY m.dialogue ORDER BY MIN(m.at) LIMIT :count;

-- How many entries of a dialogue are not handed over yet. Of refused messages (state 5, kind 1) the messages themselves count as not filed.
-- Those that were tried in vain (state 6) are counted once more.
-- name: undelivered one
-- in: dialogue int
-- out: count int, failed int
SELECT COUNT(*), COUNT(CASE WHEN state = 6 THEN 1 END) FROM journal_entry WHERE dialogue = :dialogue AND state NOT IN (3, 4) AND NOT (state = 5 AND kind = 1);

-- How many important posts a coordinator (relation 6) has left unfiled since before a time, by the same rule.
-- name: late_count one ahead
-- in: person int, before int, now int
-- out: count int
SELECT COUNT(*) FROM participant p JOIN journal_mark m ON m.dialogue = p.dialogue JOIN dialogue d ON d.id = p.dialogue
WHERE p.person = :person AND p.relation = 6 AND p.ended IS NULL AND (p.until IS NULL OR p.until > :now) AND m.at <= :before
AND (d.parent IS NULL OR EXISTS (SELECT 1 FROM participant u
    WHERE u.dialogue = d.parent AND u.person = p.person AND u.ended IS NULL AND (u.until IS NULL OR u.until > :now)))
AND NOT EXISTS (SELECT 1 FROM journal_entry e
    WHERE e.dialogue = m.dialogue AND e.first > 0 AND e.first <= m.number AND e.last >= m.number AND e.state <> 5);

-- What the courier has to do next: hand over (states 1, 2), or look for a receipt (state 3).
-- name: due many
-- in: before int, count int
-- out: id int, dialogue int, author int, state int, tries int
SELECT id, dialogue, author, state, tries FROM journal_entry
WHERE state IN (1, 2, 3) AND due <= :before ORDER BY due LIMIT :count;

-- name: set_state exec
-- in: id int, from int, state int, changed int, tries int, due int
UPDATE journal_entry SET state = :state, changed = :changed, tries = :tries, due = :due WHERE id = :id AND state = :from;

-- name: retry_failed exec
-- in: dialogue int, now int
UPDATE journal_entry SET state = 1, changed = :now, tries = 0, due = :now WHERE dialogue = :dialogue AND state = 6;

-- name: set_due exec
-- in: id int, tries int, due int
UPDATE journal_entry SET tries = :tries, due = :due WHERE id = :id;

-- name: set_receipt exec
-- in: id int, state int, changed int, receipt blob
UPDATE journal_entry SET state = :state, changed = :changed, receipt = :receipt WHERE id = :id;

-- name: proofs one
-- in: id int
-- out: package text?, pdf text?
SELECT package_proof, pdf_proof FROM journal_entry WHERE id = :id;

-- name: unproven many
-- in: count int
-- out: id int, dialogue int, author int
SELECT id, dialogue, author FROM journal_entry WHERE pdf_proof IS NULL ORDER BY id LIMIT :count;

-- name: set_proofs exec
-- in: id int, package text, pdf text
UPDATE journal_entry SET package_proof = :package, pdf_proof = :pdf WHERE id = :id;
