-- SPDX-License-Identifier: MPL-2.0

-- name: add exec
-- in: id int, dialogue int, owner int, place int, created int, epoch int, sealed blob
INSERT INTO file (id, dialogue, owner, place, created, epoch, sealed) VALUES (:id, :dialogue, :owner, :place, :created, :epoch, :sealed);

-- name: waiting_get one
-- in: id int, dialogue int, owner int
-- out: place int, created int, epoch int, sealed blob
SELECT place, created, epoch, sealed FROM file WHERE id = :id AND dialogue = :dialogue AND owner = :owner AND post IS NULL;

-- What a person has put beside what they are writing, in order.
-- name: waiting many ahead
-- in: dialogue int, owner int
-- out: id int, place int, created int, epoch int, sealed blob
SELECT id, place, created, epoch, sealed FROM file WHERE owner = :owner AND dialogue = :dialogue AND post IS NULL ORDER BY place, id;

-- name: of_posts many ahead
-- in: dialogue int, first int, last int
-- out: id int, owner int, post int, place int, created int, epoch int, sealed blob
SELECT id, owner, post, place, created, epoch, sealed FROM file
WHERE dialogue = :dialogue AND post >= :first AND post <= :last ORDER BY post, place;

-- How many stand in posts from a number on, and how many of them a person has sent.
-- name: count one
-- in: dialogue int, owner int, first int
-- out: count int, own int
SELECT COUNT(*), COALESCE(SUM(CASE WHEN owner = :owner THEN 1 ELSE 0 END), 0) FROM file WHERE dialogue = :dialogue AND post >= :first;

-- name: of_post one
-- in: id int, dialogue int, post int
-- out: owner int, place int, created int, epoch int, sealed blob
SELECT owner, place, created, epoch, sealed FROM file WHERE id = :id AND dialogue = :dialogue AND post = :post;

-- name: change exec
-- in: id int, place int, epoch int, sealed blob
UPDATE file SET place = :place, epoch = :epoch, sealed = :sealed WHERE id = :id AND post IS NULL;

-- name: attach exec
-- in: id int, post int, place int, epoch int, sealed blob
UPDATE file SET post = :post, place = :place, epoch = :epoch, sealed = :sealed WHERE id = :id AND post IS NULL;

-- name: remove exec
-- in: id int, dialogue int, owner int
DELETE FROM file WHERE id = :id AND dialogue = :dialogue AND owner = :owner AND post IS NULL;

-- name: expired many
-- in: before int, count int
-- out: id int
SELECT id FROM file WHERE post IS NULL AND created < :before ORDER BY created LIMIT :count;

-- name: expire exec
-- in: id int
DELETE FROM file WHERE id = :id AND post IS NULL;

-- name: known one
-- in: id int
-- out: id int
SELECT id FROM file WHERE id = :id;
