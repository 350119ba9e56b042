// SPDX-License-Identifier: MPL-2.0
// What the municipality says to whoever is asked for consent, in each language. A draft becomes a version when it is published, and a version is
// never changed: a consent names the one that its giver had before them, so what they agreed to can be read for ever.
#pragma once

#include "feature/account/account.h"
#include "web/text.h"

#define CONSENT_TEXT_MAX 3000          // characters of one text
#define CONSENT_TEXT_BUILT_IN 1        // the program's own version, until another one is published
#define CONSENT_TEXT_LIX 30            // texts that are harder are advised against
#define CONSENT_TEXT_VERSIONS_MAX 1000

// To whom it speaks.
enum consent_text_kind {
    CONSENT_TEXT_UNSET,
    CONSENT_TEXT_OWN,        // the citizen, who answers for themself
    CONSENT_TEXT_RELATIVE,   // who answers for the citizen: power of attorney, custody
    CONSENT_TEXT_LAW,        // the citizen, where a statute stands in place of their consent
    CONSENT_TEXT_KINDS
};

struct consent_text {
    int64_t version;      // of a draft: its revision, another one each time it is saved
    int64_t at;           // ms: published, or saved; 0: built in
    int64_t by;           // person; 0: built in
    struct str words[CONSENT_TEXT_KINDS][LANGUAGE_COUNT];   // paragraphs, as written; never empty
};

// The version that people are shown now.
int consent_text_newest(const struct account_scene *scene, struct consent_text *ret_text);
int consent_text_newest_version(const struct account_scene *scene, int64_t *ret_version);

// -ENOENT when there is no such version, -EBADMSG when the row was not made by the program.
int consent_text_get(const struct account_scene *scene, int64_t version, struct consent_text *ret_text);

// -ENOENT when there is none.
int consent_text_draft_get(const struct account_scene *scene, struct consent_text *ret_draft);

// Keeps a draft in place of the one before; at and by are the scene's time and 'by'. words as in the struct.
int consent_text_draft_put(const struct account_scene *scene, int64_t by, struct str words[CONSENT_TEXT_KINDS][LANGUAGE_COUNT]);

int consent_text_draft_remove(const struct account_scene *scene);

// Makes the draft the next version, and removes it. -ENOENT without a draft, -ESTALE when it is another revision than what was looked at, -E2BIG.
int consent_text_publish(const struct account_scene *scene, int64_t by, int64_t revision, int64_t *ret_version);
