// SPDX-License-Identifier: MPL-2.0
// Live streams by topic. A stream says only that something is new and where; the content itself is fetched through its route, where
// policy and log are.
#pragma once

#include "web/server.h"

struct hub;

int hub_new(struct hub **ret_hub);
void hub_free(struct hub *hub);   // no stream may be left

// Who listens, to what. topic is a dialogue's id (its page) or a person's id (the start page).
struct hub_listener {
    int64_t topic;
    int64_t person;
    uint8_t session[32];   // the session's key, to cut by
    int64_t first;         // hears nothing of things with a lower number
    int64_t expires;       // ms; the stream ends then at the latest
};

// Makes the exchange a stream of that listener. -EAGAIN when the person has 10 streams already; -ENOMEM.
int hub_listen(struct hub *hub, struct exchange *exchange, const struct hub_listener *listener);

// Sends one event ("event: NAME\ndata: DATA\n\n"; both of one line, asserted) to all listeners of a topic. Any thread.
void hub_publish(struct hub *hub, int64_t topic, struct str name, struct str data);

// The same for an event about the thing with a number (INT64_MAX: about none), whose data is that number: only to those who may hear of it, and at now_ms
// still listen. Whoever hears from a later one than the first on (listener.first) is sent it as they count.
void hub_publish_from(struct hub *hub, int64_t topic, struct str name, struct str data, int64_t number, int64_t now_ms);

// The same to one person's own streams of a topic: what others need not hear of.
void hub_publish_person(struct hub *hub, int64_t topic, int64_t person, struct str name, struct str data);

// Ends the streams of a person on a topic (excluded) or on all (no longer employed), or of a session (signed out). Any thread; nothing is sent after it returns.
void hub_cut_person(struct hub *hub, int64_t topic, int64_t person);
void hub_cut_everywhere(struct hub *hub, int64_t person);
void hub_cut_session(struct hub *hub, const uint8_t session[32]);

// While deaf, news of other servers are missing: all streams end, and one that is opened ends at its first event. Its reader comes again and catches up.
void hub_deafen(struct hub *hub, bool deaf);

// Ends what has expired and sends a comment line to the others, so that fronts keep them open. Called about every 20 s.
void hub_tick(struct hub *hub, int64_t now_ms);

size_t hub_count(struct hub *hub);
