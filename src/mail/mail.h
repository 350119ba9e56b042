// SPDX-License-Identifier: MPL-2.0
// A mail, put together by a writer that takes texts and addresses, never lines: what a person has typed can become neither a header nor markup.
//
// The message is RFC 5322 with CRLF: a plain text and a simple HTML form of the same paragraphs and links (multipart/alternative), UTF-8 in
// quoted-printable. It asks for nothing from the network: no pictures, no tracking.
#pragma once

#include "base/buf.h"

#define MAIL_ADDRESS_MAX 254   // RFC 5321, section 4.5.3.1.3, without the angle brackets
#define MAIL_URL_MAX 900       // stays on one line of a header
#define MAIL_PARTS_MAX 10
#define MAIL_BYTES_MAX ((size_t)64 << 10)

enum mail_part_kind { MAIL_PART_UNSET, MAIL_PARAGRAPH, MAIL_BUTTON, MAIL_LINK };

struct mail_part {
    enum mail_part_kind kind;
    struct str text;   // the paragraph, or what the link is called
    struct str url;    // of a link
};

struct mail {
    int64_t id;                // of the outbox; makes the Message-ID, the same at each try
    int64_t date;              // ms
    struct str domain;         // the server's name, behind the @ of the Message-ID
    struct str from, to;       // addresses
    struct str from_name;
    struct str language;       // "da"
    struct str subject;
    struct mail_part parts[MAIL_PARTS_MAX];
    size_t parts_count;
    struct str stop;           // where one click ends such mail (RFC 8058); empty: nowhere
};

// Whether mail can be sent there: an ASCII address of the common form, name@host.example (RFC 5321's Dot-string, a domain of at least two labels).
bool mail_address_valid(struct str address);

// Adds a part. -E2BIG when there are too many.
int mail_add(struct mail *mail, enum mail_part_kind kind, struct str text, struct str url);

// Writes the whole message. -EINVAL for an address or URL that is none; -EMSGSIZE when it gets too long; -ENOMEM.
int mail_write(const struct mail *mail, struct buf *out);
