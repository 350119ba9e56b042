// SPDX-License-Identifier: MPL-2.0
// The mail server that takes what leaves the house: settings, and one connection to it.
#pragma once

#include "base/config.h"

#include <stdatomic.h>

enum smtp_tls { SMTP_TLS_UNSET, SMTP_TLS_REQUIRED, SMTP_TLS_WANTED, SMTP_TLS_OFF };

#define SMTP_PASSWORD_MAX 512
#define SMTP_CONNECT_SECONDS 20
#define SMTP_ANSWER_SECONDS 60   // for one reply
#define SMTP_SECONDS 90          // for one mail in all

struct smtp_settings {
    const char *url;                   // smtp:// or smtps://
    enum smtp_tls tls;
    const char *user;                  // NULL: none
    char password[SMTP_PASSWORD_MAX];
    const char *ca;                    // file of certificates to trust; NULL: the system's
    struct str from, from_name;
};

// Reads [smtp] of the configuration. -ENOENT when there is no smtp.url: no mail is sent. -EINVAL (logged with what was expected): also for a password
// that would go over a connection without TLS to another machine.
int smtp_settings_read(const struct config *config, struct smtp_settings *ret_settings);

struct smtp;

// Nothing is connected before the first mail; several go over one connection. 'stop' (borrowed) ends what is under way within a second.
int smtp_open(const struct smtp_settings *settings, struct str domain, atomic_bool *stop, struct smtp **ret_smtp);
void smtp_close(struct smtp *smtp);   // NULL is allowed

enum smtp_verdict {
    SMTP_UNSET,
    SMTP_SENT,      // the server has taken the mail over
    SMTP_LATER,     // not now: try this mail again later
    SMTP_NEVER,     // the server will never take this mail
    SMTP_DOWN,      // the server can't be used at all just now: other mails would fare the same
    SMTP_STOPPED,   // 'stop' was set; whether the server has it is not known
};

struct smtp_outcome {
    enum smtp_verdict verdict;
    int reply;   // the server's last reply (RFC 5321: 250, 451, 550); 0: none
    int curl;    // libcurl's result
    int64_t trouble;   // what failed, as it is kept with the entry: the reply where the server refused, otherwise libcurl's result below 0
};

// Hands one message to the server, for one address (mail_address_valid).
void smtp_send(struct smtp *smtp, struct str to, struct str message, struct smtp_outcome *ret_outcome);
