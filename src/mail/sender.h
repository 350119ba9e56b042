// SPDX-License-Identifier: MPL-2.0
// A thread that takes mail out of the outbox to the mail server, each as often as it takes.
//
// An entry goes away in the commit after the server has taken its mail over. A crash in between sends the same mail again, with the same Message-ID.
// What was true when an entry was written may no longer be: whoever wrote it is asked for the mail at the moment of sending, and may say that nobody is to
// be told any more. The thread holds one entry at a time.
#pragma once

#include "mail/mail.h"
#include "store/outbox.h"
#include "web/app.h"

// What the sender lends to those who know why mails are sent: a reading connection, its keyring, memory until the function returns, the time.
struct mail_scene {
    struct app *app;
    struct db *db;
    struct keyring *keys;
    struct arena *arena;
    int64_t now;   // ms
};

struct mail_source {
    // Puts into the outbox what people are to be told by now; called every second or so. Writes through app->writer only.
    int (*gather)(struct mail_scene *scene);
    // Fills in to, language, subject, parts and stop. Runs in a read transaction. -ENOENT: nobody is to be told any more.
    int (*compose)(struct mail_scene *scene, const struct outbox_entry *entry, struct mail *mail);
    // The server will never take it: the address is wrong, most likely. On the writer's thread, in the same transaction.
    int (*refused)(struct db *db, const struct outbox_entry *entry, int64_t now);
};

struct mail_sender;

// Starts the thread. -ENOENT without smtp.url; -EINVAL for settings that are wrong (logged). 'source' lives as long as the program.
int mail_sender_start(struct app *app, const struct mail_source *source, struct mail_sender **ret_sender);

// Ends it, within a second or two also in the middle of a mail. Before writer_stop. NULL is allowed.
void mail_sender_stop(struct mail_sender *sender);

// Looks [smtp] of the configuration through, before anything is started. -EINVAL (logged).
int mail_settings_check(const struct config *config);

// Whether the configuration names a mail server.
bool mail_enabled(const struct app *app);

// The name in base_url, for Message-IDs and greetings: "samtraad.example.dk".
struct str mail_domain(struct str base_url);

// The pause before the next try after 'tries' of them, ms, without the chance that is added: 'first', doubled each time, at most six hours.
int64_t mail_pause(int64_t first, int64_t tries);
