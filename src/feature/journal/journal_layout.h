// SPDX-License-Identifier: MPL-2.0
// Puts blocks of text on A4 pages, as a tagged PDF with outline, language and page numbers. Only the journal's own files include this.
#pragma once

#include "base/buf.h"
#include "web/text.h"

enum journal_style {
    JOURNAL_TITLE,
    JOURNAL_SECTION,   // "Messages"; in the outline
    JOURNAL_DAY,       // "Monday 3 November 2026"; in the outline, below the section
    JOURNAL_FACT,      // "Citizen: Emil"
    JOURNAL_ITEM,      // one of a list
    JOURNAL_HEAD,      // who wrote, and when
    JOURNAL_BODY,      // what they wrote
    JOURNAL_NOTE,      // what we say about it
    JOURNAL_QUOTE,     // an earlier text
    JOURNAL_PICTURE,   // with what it shows as text below it
    JOURNAL_STYLES
};

struct journal_block {
    enum journal_style style;
    size_t bold;      // bytes at the beginning that are bold
    struct str text;  // UTF-8, not empty
    struct bytes picture;      // of JOURNAL_PICTURE: WebP
    int64_t width, height;     // its size; both above 0
};

struct journal_sheet {
    enum language language;
    const char *title, *author, *created;   // for the file's properties; created as in package.json
    const char *code;                       // at the foot of each page
    const struct journal_block *blocks;
    size_t count;
};

// -EIO when cairo gives up; -ENOMEM; -EMSGSIZE when it grows over the buffer's bound.
int journal_layout(const struct journal_sheet *sheet, struct buf *pdf);

// A WebP picture as a JPEG (malloc), no longer than a printed page needs. -EBADMSG when it is none.
struct journal_jpeg {
    unsigned char *data;
    unsigned long len;
    int width, height;
};
int journal_jpeg(struct bytes webp, struct journal_jpeg *ret_jpeg);

// Says in a finished PDF what language it is in and that its title is to be shown, which cairo can't: as an update behind its end. -EBADMSG when the
// file is not as cairo writes it.
int journal_catalog(enum language language, struct buf *pdf);
