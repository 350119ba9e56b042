// SPDX-License-Identifier: MPL-2.0
// What a change means for those who are connected: something is new, or somebody's access has ended.
//
// With several servers on one database (the setting "nodes") the others hear of it in the moment of the commit, in its transaction: a commit without its
// news is not possible. What they hear is a hint and nothing rests on it. What guards reading is the counter of withdrawals, which is raised in the same
// transaction and read in each read's own snapshot. docs/adr/0027-nodes.md.
#pragma once

#include "web/app.h"

enum news_kind {
    NEWS_UNSET,
    NEWS_TOPIC,      // an event for all who listen to a topic
    NEWS_PERSON,     // an event for one person's own streams of a topic
    // Access ended:
    NEWS_LEFT,       // a person's to a topic
    NEWS_GONE,       // a person's to everything
    NEWS_SIGNED_OUT, // a session's
    NEWS_ERASED,     // everybody's to a topic (0: none), and its keys were destroyed
};

// Names and data are of one line and without blanks.
struct news {
    struct news *next;
    enum news_kind kind;
    int64_t topic, person;
    int64_t number;         // of a topic's event: as hub_publish_from; INT64_MAX: about none
    struct str name, data;  // of an event
    uint8_t session[32];
};

#define NEWS_NAME_MAX 32
#define NEWS_DATA_MAX 64

// In the transaction of their cause, once for each list: raises the guard, and tells the other servers. Nothing with one server.
int news_commit(const struct app *app, struct db *db, const struct news *list);

// After the commit: to the streams of this server; what was withdrawn stops the answers under way.
void news_deliver(struct app *app, const struct news *list);

// Starts hearing the others. -EINVAL (logged): "nodes" without a database on a server.
int news_start(struct app *app);
void news_stop(struct app *app);

// Whether this server is the one that does what is to be done once: mail, deadlines, checkpoints. With one server it always is.
bool news_leads(const struct app *app);

// What a read's snapshot says of the guard.
struct guard {
    int64_t withdrawn, destroyed;
};

// Whether nobody's access was withdrawn since that snapshot, as of the transaction: -ESTALE when somebody's was. Nothing with one server.
int guard_check(const struct app *app, struct db *db, const struct guard *seen);
