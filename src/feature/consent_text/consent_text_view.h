// SPDX-License-Identifier: MPL-2.0
// What the pages about the texts of consent show. Filled by consent_text_web.c, read by consent_text.html and as JSON.
#pragma once

#include "base/str.h"

// One text, as people read it or as an administrator writes it.
struct consent_text_view_part {
    struct str title;        // to whom it speaks
    struct str language;     // "Dansk"; empty: the reader's
    struct str tag;          // "da"
    struct str name;         // of the field
    struct str text;
    struct str ease;         // "LIX 24: meget let": how easy it is to read
    bool hard;               // harder than is advised
    struct str error;
};

// A version that was published.
struct consent_text_view_version {
    int64_t version;
    struct str published;    // "Udgivet 3. november 2026 af Birgit"
    bool current;            // is shown to people now
};

// GET /admin/consent-texts: the form and the versions. POST the same (own_da … law_en) keeps the draft.
struct consent_text_view_edit {
    bool may_write;          // administers all of the municipality
    bool drafted;            // there is a draft
    const struct consent_text_view_part *parts;
    size_t parts_count;
    const struct consent_text_view_version *versions;
    size_t versions_count;
    struct str error;
};

// GET /admin/consent-texts/draft: as people will see it. POST …/publish (revision), …/remove.
struct consent_text_view_draft {
    int64_t revision;
    int64_t version;         // that it would become
    struct str saved;        // when and by whom
    bool hard;               // one of the texts is harder than is advised
    const struct consent_text_view_part *parts;
    size_t parts_count;
    struct str error;
};

// GET /consent-texts/{version#}: what people were told.
struct consent_text_view {
    int64_t version;
    struct str published;
    bool current;
    const struct consent_text_view_part *parts;
    size_t parts_count;
};
