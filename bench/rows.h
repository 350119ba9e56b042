// SPDX-License-Identifier: MPL-2.0
// The rows of the table, each measured in alternating rounds.
#pragma once

#include "client.h"
#include "running.h"
#include "table.h"

#include "base/buf.h"

struct bench {
    const char *program; // samtraad
    const char *streams; // the program of that name beside this one
    const char *folder;  // for what is made here
    const char *postgres; // the server on which databases are made: a URL without a name; NULL: SQLite
    size_t rounds;
    struct town *small; // 1,000 posts
    struct town *large; // NULL: not asked for
    int64_t large_posts; // in it
    struct town *wide; // 2,000 dialogues, more than are kept opened; NULL: not asked for
    struct town *today; // with teachers who see from today on; NULL: not asked for
    struct town *searched; // 100,000 posts that the first person may read; NULL: not asked for
    struct table table;
};

int rows_page(struct bench *bench);    // against the bare loop and nginx
int rows_posts(struct bench *bench);   // durable posts each second, against raw SQLite
int rows_streams(struct bench *bench); // memory of a stream, and reaching all
int rows_large(struct bench *bench);   // the same page, and the start, with many posts
int rows_today(struct bench *bench);   // the page of who sees from today on, against that of who sees all
int rows_cold(struct bench *bench);    // the page of a dialogue that nobody has opened lately
int rows_disk(struct bench *bench);    // a commit's wait for the disk, bytes of a post and of a reading, memory
int rows_beside(struct bench *bench);  // a page's slowest hundredth while posts are written

int rows_search(struct bench *bench);  // a search through 100,000 posts, against opening and looking through them

#define LOAD_CONNECTIONS 64

// One request for each connection, of the people who take part in the dialogues that are shown.
struct requests {
    struct buf text[LOAD_CONNECTIONS];
    struct str list[LOAD_CONNECTIONS];
};

// GET of the dialogue's page.
int requests_pages(const struct town *town, struct requests *requests);

// The same, all of one person of each group.
int requests_pages_of(const struct town *town, size_t person, struct requests *requests);

// POST of a post, each another. The server must run: it gives the tokens against forged requests.
int requests_posts(const struct town *town, const struct running *server,
                   struct requests *requests);
void requests_free(struct requests *requests);

// The load of these requests; 'connections' at most LOAD_CONNECTIONS.
struct client_load requests_load(const struct requests *requests, const struct running *server,
                                 unsigned connections, unsigned status);

// Runs it. -EPROTO (printed) unless all answers were as expected.
int requests_ask(const struct client_load *load, struct client_result *ret_result);
