-- SPDX-License-Identifier: MPL-2.0

-- Each time a message was shown to somebody, oldest first. document: the kind whose records hold a hash where others hold
-- messages; preview: the kind of small pictures, which come with a page that has a record of its own; search: the kind of looking
-- through, which shows nothing: each message that is found has a record of its own. What is summed up from it is summed up by
-- who asks: grouping here would sort all of it first, and take three times as long.
-- name: of_post many
-- in: dialogue int, number int, document int, preview int, search int
-- out: person int, moment int, record int
SELECT person, moment, seq FROM audit
WHERE dialogue = :dialogue AND dialogue <> 0 AND first_post <= :number AND last_post >= :number AND person <> 0 AND kind <> :document
    AND kind <> :preview AND kind <> :search
ORDER BY seq;

-- Who looked at the dialogue without ever having taken part in it: each one's newest record of each kind, how many there are, and how
-- many of them come more than 'apart' ms after the one before.
-- name: strangers many
-- in: dialogue int, apart int
-- out: person int, kind int, first int, times int, visits int, record int
SELECT person, kind, MIN(moment), COUNT(*), SUM(CASE WHEN moment - before <= :apart THEN 0 ELSE 1 END), MAX(seq)
FROM (SELECT person, kind, moment, seq, LAG(moment) OVER (PARTITION BY person, kind ORDER BY seq) AS before FROM audit
    WHERE dialogue = :dialogue AND dialogue <> 0 AND person <> 0
        AND person NOT IN (SELECT p.person FROM participant p WHERE p.dialogue = :dialogue)) looks
GROUP BY person, kind ORDER BY MAX(seq) DESC LIMIT 50;
