-- SPDX-License-Identifier: MPL-2.0

-- A dialogue and what a person is to it.
-- name: for_person one ahead
-- in: dialogue int, person int
-- out: unit int, citizen int, state int, lapses int?, epoch int, last_number int, content int, created int, topic blob, topic_epoch int, share int
-- out: relation int, ended int?, read_number int, admission int, admitted blob?, granted int?, wrapped blob?, parent int?
SELECT d.unit, d.citizen, d.state, d.lapses, d.epoch, d.last_number, d.content, d.created, d.topic, d.topic_epoch, d.share,
    p.relation, p.ended, p.read_number, p.admission, p.admitted,
    (SELECT MAX(g.epoch) FROM key_grant g WHERE g.dialogue = d.id AND g.member = p.person),
    (SELECT g.wrapped FROM key_grant g WHERE g.dialogue = d.id AND g.member = p.person AND g.epoch = d.epoch), d.parent
FROM dialogue d JOIN participant p ON p.dialogue = d.id
WHERE d.id = :dialogue AND p.person = :person;

-- name: grant_of one
-- in: dialogue int, member int, epoch int
-- out: wrapped blob
SELECT wrapped FROM key_grant WHERE dialogue = :dialogue AND member = :member AND epoch = :epoch;

-- name: grant_add exec
-- in: dialogue int, member int, epoch int, wrapped blob
INSERT INTO key_grant (dialogue, member, epoch, wrapped) VALUES (:dialogue, :member, :epoch, :wrapped);

-- name: grants_remove exec
-- in: dialogue int, member int
DELETE FROM key_grant WHERE dialogue = :dialogue AND member = :member;

-- name: epoch_next exec
-- in: dialogue int
UPDATE dialogue SET epoch = epoch + 1 WHERE id = :dialogue;

-- name: add exec
-- in: id int, unit int, citizen int, state int, created int, share int, topic blob, parent int?
INSERT INTO dialogue (id, unit, citizen, state, epoch, last_number, last_at, created, share, topic, parent)
VALUES (:id, :unit, :citizen, :state, 1, 0, :created, :created, :share, :topic, :parent);

-- The greatest number of a share that a dialogue has; 0: none.
-- name: newest_share one
-- out: share int
SELECT COALESCE(MAX(share), 0) FROM dialogue;

-- All who take part or took part, the longest there first.
-- name: participants many ahead
-- in: dialogue int
-- out: person int, relation int, words blob, words_epoch int, joined int, ended int?, role int, sealed blob, version int, portrait int?
SELECT p.person, p.relation, p.words, p.words_epoch, p.joined, p.ended, q.role, q.sealed, q.version, q.portrait
FROM participant p JOIN person q ON q.id = p.person
WHERE p.dialogue = :dialogue ORDER BY p.joined, p.person;

-- Who takes part, from which post on and until when; for telling them of something new.
-- name: active_persons many ahead
-- in: dialogue int
-- out: person int, relation int, from_number int, until int?
SELECT person, relation, from_number, until FROM participant WHERE dialogue = :dialogue AND ended IS NULL;

-- Up to which post somebody has been shown a dialogue.
-- name: shown one
-- in: dialogue int, person int
-- out: number int
SELECT read_number FROM participant WHERE dialogue = :dialogue AND person = :person;

-- name: participant_add exec
-- in: dialogue int, person int, relation int, words blob, words_epoch int, joined int, read_number int
INSERT INTO participant (dialogue, person, relation, words, words_epoch, joined, read_number)
VALUES (:dialogue, :person, :relation, :words, :words_epoch, :joined, :read_number) ON CONFLICT (dialogue, person) DO NOTHING;

-- Somebody who had left comes back.
-- name: participant_return exec
-- in: dialogue int, person int, relation int, words blob, words_epoch int, read_number int
UPDATE participant SET relation = :relation, words = :words, words_epoch = :words_epoch, ended = NULL,
    read_number = CASE WHEN read_number < :read_number THEN :read_number ELSE read_number END
WHERE dialogue = :dialogue AND person = :person AND ended IS NOT NULL;

-- On which terms somebody takes part.
-- name: terms_set exec
-- in: dialogue int, person int, admission int, admitted blob?, from_number int, until int?, locks int
UPDATE participant SET admission = :admission, admitted = :admitted, from_number = :from_number, until = :until, locks = :locks
WHERE dialogue = :dialogue AND person = :person;

-- name: terms_get one
-- in: dialogue int, person int
-- out: relation int, admission int, admitted blob?
SELECT relation, admission, admitted FROM participant WHERE dialogue = :dialogue AND person = :person AND ended IS NULL;

-- When the first consent that the dialogue needs runs out.
-- name: lapses_set exec
-- in: dialogue int
UPDATE dialogue SET lapses = (SELECT MIN(p.until) FROM participant p WHERE p.dialogue = :dialogue AND p.ended IS NULL AND p.locks = 1)
WHERE id = :dialogue;

-- name: lapses_get one
-- in: dialogue int
-- out: lapses int?
SELECT lapses FROM dialogue WHERE id = :dialogue;

-- What everybody who takes part is to the citizen.
-- name: words many
-- in: dialogue int
-- out: person int, words blob, words_epoch int
SELECT person, words, words_epoch FROM participant WHERE dialogue = :dialogue AND ended IS NULL;

-- name: words_set exec
-- in: dialogue int, person int, words blob, words_epoch int
UPDATE participant SET words = :words, words_epoch = :words_epoch WHERE dialogue = :dialogue AND person = :person;

-- name: topic_set exec
-- in: dialogue int, topic blob, topic_epoch int
UPDATE dialogue SET topic = :topic, topic_epoch = :topic_epoch WHERE id = :dialogue;

-- name: state_set exec
-- in: dialogue int, before int, state int, closed int?, journalised int?
UPDATE dialogue SET state = :state, closed = :closed, journalised = :journalised WHERE id = :dialogue AND state = :before;

-- name: closed_get one
-- in: dialogue int
-- out: closed int?
SELECT closed FROM dialogue WHERE id = :dialogue;

-- name: participant_end exec
-- in: dialogue int, person int, ended int
UPDATE participant SET ended = :ended WHERE dialogue = :dialogue AND person = :person AND ended IS NULL;

-- name: participant_relation exec
-- in: dialogue int, person int, relation int
UPDATE participant SET relation = :relation WHERE dialogue = :dialogue AND person = :person AND ended IS NULL;

-- name: read_to exec
-- in: dialogue int, person int, number int
UPDATE participant SET read_number = :number
WHERE dialogue = :dialogue AND person = :person AND read_number < :number;

-- Who writes has read their own post, when they had read all before it.
-- name: read_own send
-- in: dialogue int, person int, number int
UPDATE participant SET read_number = :number
WHERE dialogue = :dialogue AND person = :person AND read_number = :number - 1;

-- The posts before a number, newest first, back to the first that the reader may see.
-- name: post_page many ahead
-- in: dialogue int, first int, before int, count int
-- out: number int, author int, created int, epoch int, version int, edited int?, answers int?, sealed blob
SELECT number, author, created, epoch, version, edited, answers, sealed FROM post
WHERE dialogue = :dialogue AND number >= :first AND number < :before ORDER BY number DESC LIMIT :count;

-- The posts after a number, oldest first.
-- name: post_after many ahead
-- in: dialogue int, after int, count int
-- out: number int, author int, created int, epoch int, version int, edited int?, answers int?, sealed blob
SELECT number, author, created, epoch, version, edited, answers, sealed FROM post
WHERE dialogue = :dialogue AND number > :after ORDER BY number LIMIT :count;

-- name: post_get one
-- in: dialogue int, number int
-- out: number int, author int, created int, epoch int, version int, edited int?, answers int?, sealed blob
SELECT number, author, created, epoch, version, edited, answers, sealed FROM post
WHERE dialogue = :dialogue AND number = :number;

-- name: post_created one
-- in: dialogue int, number int
-- out: created int
SELECT created FROM post WHERE dialogue = :dialogue AND number = :number;

-- name: post_by_once one ahead
-- in: dialogue int, author int, once int
-- out: number int
SELECT number FROM post WHERE dialogue = :dialogue AND author = :author AND once = :once;

-- name: post_add send
-- in: dialogue int, number int, author int, created int, epoch int, answers int?, once int?, sealed blob
INSERT INTO post (dialogue, number, author, created, epoch, version, answers, once, sealed)
VALUES (:dialogue, :number, :author, :created, :epoch, 1, :answers, :once, :sealed);

-- An employee has answered: nobody waits any more.
-- name: note_answer send
-- in: dialogue int, number int, author int, at int
UPDATE dialogue SET last_number = :number, content = content + 1, last_author = :author, last_at = :at, waiting_since = NULL WHERE id = :dialogue;

-- Somebody else than an employee has written: they wait from their first unanswered post on.
-- name: note_question send
-- in: dialogue int, number int, author int, at int
UPDATE dialogue SET last_number = :number, content = content + 1, last_author = :author, last_at = :at,
    waiting_since = COALESCE(waiting_since, :at) WHERE id = :dialogue;

-- Since when somebody waits, anew, after a post was hidden or shown again: since the first that can be read behind the last answer of an employee
-- (relations 4 and 6).
-- name: waiting_anew exec
-- in: dialogue int
UPDATE dialogue SET waiting_since = (SELECT MIN(q.created) FROM post q JOIN participant w ON w.dialogue = q.dialogue AND w.person = q.author
    WHERE q.dialogue = :dialogue AND w.relation NOT IN (4, 6)
        AND q.number > COALESCE((SELECT MAX(a.number) FROM post a JOIN participant e ON e.dialogue = a.dialogue AND e.person = a.author
            WHERE a.dialogue = :dialogue AND e.relation IN (4, 6)), 0)
        AND NOT EXISTS (SELECT 1 FROM post_hidden h WHERE h.dialogue = q.dialogue AND h.number = q.number AND h.shown IS NULL))
WHERE id = :dialogue;

-- What was opened of the dialogue's posts and people is no longer what there is.
-- name: content_changed exec
-- in: dialogue int
UPDATE dialogue SET content = content + 1 WHERE id = :dialogue;

-- name: post_keep_earlier exec
-- in: dialogue int, number int
INSERT INTO post_earlier (dialogue, number, version, created, epoch, sealed)
SELECT dialogue, number, version, COALESCE(edited, created), epoch, sealed FROM post
WHERE dialogue = :dialogue AND number = :number;

-- name: post_change exec
-- in: dialogue int, number int, epoch int, edited int, sealed blob
UPDATE post SET epoch = :epoch, edited = :edited, sealed = :sealed, version = version + 1
WHERE dialogue = :dialogue AND number = :number;

-- A post's row becomes a marker, or itself again.
-- name: post_replace exec
-- in: dialogue int, number int, epoch int, version int, sealed blob
UPDATE post SET epoch = :epoch, version = :version, sealed = :sealed WHERE dialogue = :dialogue AND number = :number;

-- name: hidden_add exec
-- in: dialogue int, number int, hidden int, hidden_by int, epoch int, reason blob
INSERT INTO post_hidden (dialogue, number, hidden, hidden_by, epoch, reason, original_epoch, original_version, original)
SELECT dialogue, number, :hidden, :hidden_by, :epoch, :reason, epoch, version, sealed FROM post
WHERE dialogue = :dialogue AND number = :number;

-- name: hidden_get one
-- in: dialogue int, number int
-- out: hidden int, hidden_by int, epoch int, reason blob, original_epoch int, original_version int, original blob
SELECT hidden, hidden_by, epoch, reason, original_epoch, original_version, original FROM post_hidden
WHERE dialogue = :dialogue AND number = :number AND shown IS NULL ORDER BY hidden DESC LIMIT 1;

-- name: hidden_end exec
-- in: dialogue int, number int, hidden int, shown int
UPDATE post_hidden SET shown = :shown, original = NULL WHERE dialogue = :dialogue AND number = :number AND hidden = :hidden;

-- name: earlier_versions many
-- in: dialogue int, number int
-- out: version int, created int, epoch int, sealed blob
SELECT version, created, epoch, sealed FROM post_earlier
WHERE dialogue = :dialogue AND number = :number ORDER BY version;

-- name: draft_get one ahead
-- in: dialogue int, person int
-- out: epoch int, saved int, sealed blob
SELECT epoch, saved, sealed FROM draft WHERE dialogue = :dialogue AND person = :person;

-- name: draft_put exec
-- in: dialogue int, person int, epoch int, saved int, sealed blob
INSERT INTO draft (dialogue, person, epoch, saved, sealed) VALUES (:dialogue, :person, :epoch, :saved, :sealed)
ON CONFLICT (dialogue, person) DO UPDATE SET epoch = excluded.epoch, saved = excluded.saved, sealed = excluded.sealed;

-- name: draft_remove send
-- in: dialogue int, person int
DELETE FROM draft WHERE dialogue = :dialogue AND person = :person;

-- name: get one
-- in: id int, member int
-- out: unit int, citizen int, state int, lapses int?, epoch int, last_number int, created int, topic blob, topic_epoch int, share int, granted int?, wrapped blob?
SELECT unit, citizen, state, lapses, epoch, last_number, created, topic, topic_epoch, share,
    (SELECT MAX(g.epoch) FROM key_grant g WHERE g.dialogue = d.id AND g.member = :member),
    (SELECT g.wrapped FROM key_grant g WHERE g.dialogue = d.id AND g.member = :member AND g.epoch = d.epoch)
FROM dialogue d WHERE id = :id;

-- name: participant_ended one
-- in: dialogue int, person int
-- out: ended int
SELECT ended FROM participant WHERE dialogue = :dialogue AND person = :person AND ended IS NOT NULL;

-- name: participant_count one
-- in: dialogue int
-- out: count int
SELECT COUNT(*) FROM participant WHERE dialogue = :dialogue;

-- The citizen of a dialogue.
-- Who holds all keys: the citizen; of a side talk a coordinator (relation 6).
-- name: citizen one
-- in: id int
-- out: citizen int
SELECT CASE WHEN d.parent IS NULL THEN d.citizen
    ELSE COALESCE((SELECT MIN(p.person) FROM participant p WHERE p.dialogue = d.id AND p.relation = 6 AND p.ended IS NULL), 0) END
FROM dialogue d WHERE d.id = :id;

-- name: side_add exec
-- in: dialogue int, parent int, started_by int, started int, ends int, reason blob
INSERT INTO side_talk (dialogue, parent, started_by, started, ends, reason) VALUES (:dialogue, :parent, :started_by, :started, :ends, :reason);

-- name: side_get one
-- in: dialogue int
-- out: parent int, ends int, ended int?, reason blob
SELECT parent, ends, ended, reason FROM side_talk WHERE dialogue = :dialogue;

-- name: side_end exec
-- in: dialogue int, ended int, reason blob
UPDATE side_talk SET ended = :ended, ends = :ended, reason = :reason WHERE dialogue = :dialogue AND ended IS NULL AND ends > :ended;

-- Those beside a dialogue in which is still written, each with how many they are.
-- name: sides_running many
-- in: parent int, now int
-- out: dialogue int, count int
SELECT dialogue, COUNT(*) OVER () FROM side_talk WHERE parent = :parent AND ended IS NULL AND ends > :now ORDER BY started, dialogue;

-- name: sides_end exec
-- in: parent int, ended int
UPDATE side_talk SET ended = :ended WHERE parent = :parent AND ended IS NULL AND ends > :ended;

-- name: sides many
-- in: parent int, person int, count int
-- out: dialogue int
SELECT s.dialogue FROM side_talk s JOIN participant p ON p.dialogue = s.dialogue
WHERE s.parent = :parent AND p.person = :person AND p.ended IS NULL ORDER BY s.started DESC LIMIT :count;

-- Those beside a dialogue in which a person takes part or took part.
-- name: sides_ever many
-- in: parent int, person int
-- out: dialogue int
SELECT s.dialogue FROM side_talk s JOIN participant p ON p.dialogue = s.dialogue
WHERE s.parent = :parent AND p.person = :person ORDER BY s.dialogue;

-- One who takes part, and how many coordinators (relation 6) there are.
-- name: participant_get one
-- in: dialogue int, person int
-- out: relation int, admission int, coordinators int
SELECT relation, admission,
    (SELECT COUNT(*) FROM participant c WHERE c.dialogue = :dialogue AND c.relation = 6 AND c.ended IS NULL)
FROM participant WHERE dialogue = :dialogue AND person = :person AND ended IS NULL;

-- All members with a grant of an epoch and what it must be bound to: participants' relations and admissions, 0 for invitations.
-- name: members many
-- in: dialogue int, epoch int
-- out: member int, role int, admission int, wrapped blob
SELECT g.member, COALESCE(p.relation, 0), COALESCE(p.admission, 0), g.wrapped
FROM key_grant g LEFT JOIN participant p ON p.dialogue = g.dialogue AND p.person = g.member AND p.ended IS NULL
WHERE g.dialogue = :dialogue AND g.epoch = :epoch;

-- Grants behind one, with what they are bound to, for a rotation of the master key.
-- name: rewrap_list many
-- in: dialogue int, member int, epoch int, count int
-- out: dialogue int, member int, epoch int, role int, admission int, share int, wrapped blob
SELECT g.dialogue, g.member, g.epoch, COALESCE(p.relation, 0), COALESCE(p.admission, 0), d.share, g.wrapped
FROM key_grant g JOIN dialogue d ON d.id = g.dialogue
LEFT JOIN participant p ON p.dialogue = g.dialogue AND p.person = g.member AND p.ended IS NULL
WHERE (g.dialogue, g.member, g.epoch) > (:dialogue, :member, :epoch)
ORDER BY g.dialogue, g.member, g.epoch LIMIT :count;

-- name: rewrap exec
-- in: dialogue int, member int, epoch int, wrapped blob
UPDATE key_grant SET wrapped = :wrapped WHERE dialogue = :dialogue AND member = :member AND epoch = :epoch;

-- The unit of a dialogue.
-- name: unit one ahead
-- in: dialogue int
-- out: sealed blob
SELECT u.sealed FROM dialogue d JOIN unit u ON u.id = d.unit WHERE d.id = :dialogue;

-- One at most, of others than somebody; a hidden one is no news.
-- name: posts_of_others one
-- in: dialogue int, after int, author int
-- out: count int
SELECT COUNT(*) FROM (SELECT 1 FROM post p WHERE p.dialogue = :dialogue AND p.number > :after AND p.author <> :author
    AND NOT EXISTS (SELECT 1 FROM post_hidden h WHERE h.dialogue = p.dialogue AND h.number = p.number AND h.shown IS NULL) LIMIT 1) AS found;

-- There is something to tell those who are away; see feature/notice.
-- name: note_news send
-- in: dialogue int, at int
INSERT INTO notice_news (dialogue, first, last) VALUES (:dialogue, :at, :at) ON CONFLICT (dialogue) DO UPDATE SET last = excluded.last;

-- What of a dialogue goes when its keys are destroyed.
-- name: erase_posts exec
-- in: dialogue int
DELETE FROM post WHERE dialogue = :dialogue;

-- name: erase_earlier exec
-- in: dialogue int
DELETE FROM post_earlier WHERE dialogue = :dialogue;

-- name: erase_hidden exec
-- in: dialogue int
DELETE FROM post_hidden WHERE dialogue = :dialogue;

-- name: erase_turns exec
-- in: dialogue int
DELETE FROM dialogue_turn WHERE dialogue = :dialogue;

-- name: erase_side_talk exec
-- in: dialogue int
DELETE FROM side_talk WHERE dialogue = :dialogue;

-- name: erase_drafts exec
-- in: dialogue int
DELETE FROM draft WHERE dialogue = :dialogue;

-- name: erase_grants exec
-- in: dialogue int
DELETE FROM key_grant WHERE dialogue = :dialogue;

-- name: erase_participants exec
-- in: dialogue int
DELETE FROM participant WHERE dialogue = :dialogue;

-- The row stays for the log: about whom, when, how many posts.
-- name: make_stub exec
-- in: id int, state int, topic blob
UPDATE dialogue SET state = :state, topic = :topic, waiting_since = NULL, last_author = NULL, lapses = NULL WHERE id = :id;
