// SPDX-License-Identifier: MPL-2.0
// How texts are written into a mail. For mail.c and the tests.
#pragma once

#include "base/buf.h"

// A text in a header: as it stands where it is plain words, otherwise as encoded words (RFC 2047, B encoding) of at most 75 characters, folded between
// them, and never divided inside a character. Control characters become spaces.
void mail_put_words(struct buf *out, struct str text);

// A body in quoted-printable (RFC 2045, section 6.7): lines of at most 76 characters, LF as CRLF.
void mail_put_quoted(struct buf *out, struct str text);
