-- SPDX-License-Identifier: MPL-2.0
-- What several servers on one database must not learn too late (web/news.h): how often somebody's access was withdrawn, and how often keys were
-- destroyed. Raised in the transaction that does it.
CREATE TABLE guard (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    withdrawn BIGINT NOT NULL,
    destroyed BIGINT NOT NULL
);
INSERT INTO guard (id, withdrawn, destroyed) VALUES (1, 0, 0);
