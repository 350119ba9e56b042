-- SPDX-License-Identifier: MPL-2.0

-- Who is signed in, what waits to leave the house, how long the log is. Journal states: 1 and 2 wait, 3 waits for a receipt, 5 was refused, 6 has failed.
-- name: read one
-- in: since int
-- out: sessions int, mail_waiting int, mail_failing int, mail_given_up int, mail_oldest int, deliveries int, receipts int, deliveries_failed int, log_records int
SELECT (SELECT COUNT(*) FROM session WHERE seen >= :since),
    (SELECT COUNT(*) FROM outbox WHERE given_up = 0), (SELECT COUNT(*) FROM outbox WHERE given_up = 0 AND tries > 0),
    (SELECT COUNT(*) FROM outbox WHERE given_up > 0), COALESCE((SELECT MIN(made) FROM outbox WHERE given_up = 0 AND tries > 0), 0),
    (SELECT COUNT(*) FROM journal_entry WHERE state IN (1, 2)), (SELECT COUNT(*) FROM journal_entry WHERE state = 3),
    (SELECT COUNT(*) FROM journal_entry WHERE state IN (5, 6)),
    COALESCE((SELECT size FROM audit_head WHERE id = 1), 0);

-- Of a database on a server; a file's is asked of the file.
-- name: size one
-- out: bytes int
SELECT 0;
-- postgres:
SELECT pg_database_size(current_database());
