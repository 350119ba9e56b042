// SPDX-License-Identifier: MPL-2.0
// What the same work costs without a server: the references of the first rows.
#pragma once

#include "town.h"

// A page as a bare loop: on a connection of its own one prepared select of the 50 rows, AES-256-GCM
// with a kept context, HTML escaping and copying into a buffer.
struct bare_page;

// page_bytes: as long as the server's page is; what is missing to that behind the escaped texts is
// copied as one piece.
int bare_page_new(const struct town *town, size_t page_bytes, struct bare_page **ret_bare);
void bare_page_free(struct bare_page *bare);

// Makes pages for that many microseconds. Nanoseconds of processor time of each, or -EBADMSG when a
// post does not open.
int bare_page_run(struct bare_page *bare, int64_t duration, double *ret_each);

// Opens all posts of the dialogues that are shown and looks for bytes in their texts, for that many microseconds. Nanoseconds of
// processor time of looking through all of them once, or -EBADMSG.
int bare_page_scan(struct bare_page *bare, struct str wanted, int64_t duration, double *ret_each);

// Posts in raw SQLite (write-ahead log, synchronous=FULL): the rows and changes that one post
// needs, so many posts in a transaction, as fast as it goes for that many microseconds on a copy of
// the town's database, which is taken away afterwards. Posts a second.
int bare_posts_run(const struct town *town, unsigned batch, int64_t duration,
                   double *ret_each_second);

// Only the log's records and its head, in the same way: nanoseconds of processor time of each.
int bare_records_run(const struct town *town, unsigned batch, int64_t duration, double *ret_each);

// The same as bare_posts_run by pgbench, on a copy of the town's database on a server that nobody is connected to: one client, or several with batches of one
// post. -EPROTO: pgbench failed (printed).
int bare_pgbench_run(const struct town *town, unsigned clients, unsigned batch, unsigned seconds, double *ret_each_second);
