// SPDX-License-Identifier: MPL-2.0
// HTML that was deflated once and is put into many answers as it lies. Such an answer is sent as gzip, in which all that is made for it alone stands as it
// is: docs/adr/0033-packed.md.
#pragma once

#include "base/arena.h"
#include "web/html.h"

#define PACKED_MAX ((size_t)512 * 1024)   // of HTML

struct packed {
    struct bytes deflated;   // blocks (RFC 1951) that end on a byte and refer to nothing before them; empty: none
    size_t length;           // of the HTML
    uint32_t sum;            // of the HTML (RFC 1952's CRC-32)
    uint32_t shift;          // leads the sum of what comes before the HTML behind it
};

// Deflates HTML; what it becomes lies in the arena. -EMSGSIZE: more than PACKED_MAX. -ENOMEM.
int packed_make(struct str html, struct arena *arena, struct packed *ret_packed);

// For templates: {% call packed(…) %}. Only for who takes gzip (request->wants_packed).
void packed_html(struct html_out *out, const struct packed *piece);

// Ends what is written. True: it has become gzip.
bool packed_end(struct html_out *out);
