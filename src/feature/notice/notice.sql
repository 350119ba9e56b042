-- SPDX-License-Identifier: MPL-2.0

-- name: address one
-- in: person int
-- out: confirmed int, refused int?, sealed blob
SELECT confirmed, refused, sealed FROM notice_address WHERE person = :person;

-- name: address_put exec
-- in: person int, confirmed int, sealed blob
INSERT INTO notice_address (person, confirmed, refused, sealed) VALUES (:person, :confirmed, NULL, :sealed)
ON CONFLICT (person) DO UPDATE SET confirmed = excluded.confirmed, refused = NULL, sealed = excluded.sealed;

-- name: address_refuse exec
-- in: person int, at int
UPDATE notice_address SET refused = :at WHERE person = :person AND refused IS NULL;

-- name: address_remove exec
-- in: person int
DELETE FROM notice_address WHERE person = :person;

-- name: wish one
-- in: person int
-- out: mail int, made int, expires int, day int, day_count int, sealed blob
SELECT mail, made, expires, day, day_count, sealed FROM notice_wish WHERE person = :person;

-- name: wish_by_token one
-- in: token blob
-- out: person int, expires int, sealed blob
SELECT person, expires, sealed FROM notice_wish WHERE token = :token;

-- name: wish_put exec
-- in: person int, mail int, token blob, made int, expires int, day int, day_count int, sealed blob
INSERT INTO notice_wish (person, mail, token, made, expires, day, day_count, sealed)
VALUES (:person, :mail, :token, :made, :expires, :day, :day_count, :sealed)
ON CONFLICT (person) DO UPDATE SET mail = excluded.mail, token = excluded.token, made = excluded.made, expires = excluded.expires,
    day = excluded.day, day_count = excluded.day_count, sealed = excluded.sealed;

-- A wish that is over stays until the next one, without a link, so that links can be counted. One that was said yes to has pestered nobody.
-- name: wish_end exec
-- in: person int, now int, forgiven int
UPDATE notice_wish SET expires = 0, mail = 0, day_count = day_count - :forgiven WHERE person = :person AND expires > :now;

-- name: choice one
-- in: person int, dialogue int
-- out: choice int, told int
SELECT choice, told FROM notice_choice WHERE person = :person AND dialogue = :dialogue;

-- What was there before the choice is not news because of it.
-- name: choose exec
-- in: person int, dialogue int, choice int
INSERT INTO notice_choice (person, dialogue, choice, told)
SELECT :person, d.id, :choice, d.last_number FROM dialogue d WHERE d.id = :dialogue
ON CONFLICT (person, dialogue) DO UPDATE SET choice = excluded.choice;

-- name: note_told exec
-- in: person int, dialogue int, choice int, told int
INSERT INTO notice_choice (person, dialogue, choice, told) VALUES (:person, :dialogue, :choice, :told)
ON CONFLICT (person, dialogue) DO UPDATE SET told = excluded.told;

-- The dialogues that a person takes part in, with what they want to be told.
-- name: dialogues many
-- in: person int, count int
-- out: dialogue int, choice int?
SELECT p.dialogue, c.choice FROM participant p JOIN dialogue d ON d.id = p.dialogue
LEFT JOIN notice_choice c ON c.person = p.person AND c.dialogue = p.dialogue
WHERE p.person = :person AND p.ended IS NULL ORDER BY d.last_at DESC LIMIT :count;

-- Dialogues in which it has been quiet for a while, or which can't wait for that any longer.
-- name: news many
-- in: quiet int, longest int, count int
-- out: dialogue int, last int
SELECT dialogue, last FROM notice_news WHERE last <= :quiet OR first <= :longest ORDER BY last LIMIT :count;

-- Unless somebody has written meanwhile.
-- name: news_done exec
-- in: dialogue int, last int
DELETE FROM notice_news WHERE dialogue = :dialogue AND last = :last;

-- Who takes part in a dialogue and has an address.
-- name: hearers many
-- in: dialogue int
-- out: person int, choice int?, told int?, read_number int, last_number int
SELECT p.person, c.choice, c.told, p.read_number, d.last_number
FROM participant p JOIN dialogue d ON d.id = p.dialogue JOIN notice_address a ON a.person = p.person
LEFT JOIN notice_choice c ON c.person = p.person AND c.dialogue = p.dialogue
WHERE p.dialogue = :dialogue AND p.ended IS NULL;

-- Those with unread posts who are told once a day, behind a person and dialogue.
-- name: daily many
-- in: choice int, person int, dialogue int, count int
-- out: person int, dialogue int, told int, read_number int, last_number int
SELECT c.person, c.dialogue, c.told, p.read_number, d.last_number
FROM notice_choice c JOIN participant p ON p.dialogue = c.dialogue AND p.person = c.person JOIN dialogue d ON d.id = c.dialogue
JOIN notice_address a ON a.person = c.person
WHERE c.choice = :choice AND (c.person > :person OR (c.person = :person AND c.dialogue > :dialogue))
    AND p.ended IS NULL AND d.last_number > p.read_number AND d.last_number > c.told
ORDER BY c.person, c.dialogue LIMIT :count;

-- name: day one
-- out: day int
SELECT day FROM notice_day WHERE one = 1;

-- name: day_put exec
-- in: day int
INSERT INTO notice_day (one, day) VALUES (1, :day) ON CONFLICT (one) DO UPDATE SET day = excluded.day;

-- name: reader one
-- in: id int
-- out: role int, language int
SELECT role, language FROM person WHERE id = :id;

-- Everything that a person is told at once or daily: from now on never.
-- name: stop_all exec
-- in: person int, choice int, unset int, never int
INSERT INTO notice_choice (person, dialogue, choice, told)
SELECT p.person, p.dialogue, :never, 0 FROM participant p LEFT JOIN notice_choice c ON c.person = p.person AND c.dialogue = p.dialogue
WHERE p.person = :person AND p.ended IS NULL AND COALESCE(c.choice, :unset) = :choice
ON CONFLICT (person, dialogue) DO UPDATE SET choice = excluded.choice;

-- name: invitation one
-- in: id int
-- out: state int, expires int
SELECT state, expires FROM invitation WHERE id = :id;

-- Reminders that no mail was made for yet, of those who have an address.
-- name: reminders many
-- in: since int, count int
-- out: record int, days int, person int
SELECT r.record, r.days, r.person FROM consent_reminder r JOIN notice_address a ON a.person = r.person
LEFT JOIN notice_reminder n ON n.record = r.record AND n.days = r.days AND n.person = r.person
WHERE n.record IS NULL AND r.at > :since LIMIT :count;

-- name: reminded exec
-- in: record int, days int, person int
INSERT INTO notice_reminder (record, days, person) VALUES (:record, :days, :person) ON CONFLICT (record, days, person) DO NOTHING;

-- The dialogue of a consent's record, and how many answers the giver has given since.
-- name: answered one
-- in: record int
-- out: dialogue int, count int
SELECT o.dialogue, (SELECT COUNT(*) FROM consent_record n WHERE n.proposal = o.proposal AND n.giver = o.giver AND n.id > o.id)
FROM consent_record o WHERE o.id = :record;

-- name: invited_add exec
-- in: invitation int, now int, most int
INSERT INTO notice_invited (invitation, times, last) VALUES (:invitation, 1, :now)
ON CONFLICT (invitation) DO UPDATE SET times = notice_invited.times + 1, last = excluded.last WHERE notice_invited.times < :most;

-- name: unit_choose exec
-- in: person int, unit int
INSERT INTO notice_unit (person, unit) VALUES (:person, :unit) ON CONFLICT (person) DO UPDATE SET unit = excluded.unit;

-- name: unit_stop exec
-- in: person int
DELETE FROM notice_unit WHERE person = :person;

-- Whether a person wants to be told of the unit in which they work (role 3: employees) now.
-- name: unit_wants one
-- in: person int, unit int
-- out: count int
SELECT COUNT(*) FROM notice_unit n JOIN person p ON p.id = n.person WHERE n.person = :person AND n.unit = :unit AND p.unit = :unit AND p.role = 3;

-- Those who want to, and have an address.
-- name: unit_hearers many
-- in: unit int
-- out: person int
SELECT n.person FROM notice_unit n JOIN person p ON p.id = n.person JOIN notice_address a ON a.person = n.person
WHERE n.unit = :unit AND p.unit = :unit AND p.role = 3;

-- How many letters wait in a unit's inbox.
-- name: unit_letters one
-- in: unit int
-- out: count int
SELECT COUNT(*) FROM unit_letter WHERE unit = :unit;
