// SPDX-License-Identifier: MPL-2.0
#include "feature/consent_text/consent_text.h"

#include "base/cleanup.h"
#include "base/random.h"
#include "crypt/seal.h"
#include "feature/consent_text/consent_text_sql.h"

#include <errno.h>

#define SEPARATOR '\x1f'   // no form lets it through
#define PLAIN_MAX ((size_t)6 * CONSENT_TEXT_MAX * 4 + 200)

// People have agreed to these: they are never edited. A better text is published as a version.
static const char *const built_in[CONSENT_TEXT_KINDS] = {
    [CONSENT_TEXT_OWN] = TEXT(
        "You decide who may read what is written about you. Nobody has the right to a yes.\n\n"
        "If you say yes, they can read and write in the talk about you. If you say no, they learn nothing. You need not say why, and your help goes on as "
        "before.\n\n"
        "Your yes lasts as long as you choose. We tell you before it runs out. You can take it back at any time on this page. Then they can read no "
        "more from that moment. What has been filed in the journal stays there."),
    [CONSENT_TEXT_RELATIVE] = TEXT(
        "You answer for somebody else, because you have the right to. Think of what they would want. Ask them, if you can.\n\n"
        "If you say yes, the new person can read and write in the talk. If you say no, they learn nothing. You need not say why, and the help goes on as "
        "before.\n\n"
        "Your yes lasts as long as you choose. We tell you before it runs out. You can take it back at any time on this page. Then they can read no "
        "more from that moment. What has been filed in the journal stays there."),
    [CONSENT_TEXT_LAW] = TEXT("The law lets these people take part. They do not need your yes. You can see which law it is, and why it is used."),
};

static void built_in_text(struct consent_text *ret_text)
{
    *ret_text = (struct consent_text){ .version = CONSENT_TEXT_BUILT_IN };
    for (size_t kind = CONSENT_TEXT_OWN; kind < CONSENT_TEXT_KINDS; kind++) {
        for (unsigned language = LANGUAGE_DANISH; language < LANGUAGE_COUNT; language++)
            ret_text->words[kind][language] = text_of((enum language)language, built_in[kind]);
    }
}

static struct seal_place place_of(int64_t version, bool draft)
{
    return (struct seal_place){ .type = SEAL_CONSENT_TEXT, .object = draft, .version = version };
}

// When and by whom, then the texts.
static int seal_text(const struct account_scene *scene, const struct consent_text *text, bool draft, struct bytes *ret_sealed)
{
    _cleanup_(buf_free) struct buf plain = buf_bounded(PLAIN_MAX);
    struct seal_place place = place_of(text->version, draft);
    buf_format(&plain, "%lld %lld", (long long)text->at, (long long)text->by);
    for (size_t kind = CONSENT_TEXT_OWN; kind < CONSENT_TEXT_KINDS; kind++) {
        for (unsigned language = LANGUAGE_DANISH; language < LANGUAGE_COUNT; language++) {
            buf_char(&plain, SEPARATOR);
            buf_str(&plain, text->words[kind][language]);
        }
    }
    return plain.error ? plain.error : seal(keyring_directory(scene->keys), &place, str_bytes(buf_view(&plain)), scene->arena, ret_sealed);
}

static int open_text(const struct account_scene *scene, int64_t version, bool draft, struct bytes sealed, struct consent_text *ret_text)
{
    struct bytes plain;
    struct consent_text text = { .version = version };
    struct seal_place place = place_of(version, draft);
    int result = unseal(keyring_directory(scene->keys), &place, sealed, scene->arena, &plain);
    if (result < 0)
        return result;
    struct str rest = bytes_str(plain), numbers = str_cut(&rest, SEPARATOR);
    if (str_to_int(str_cut(&numbers, ' '), &text.at) < 0 || str_to_int(numbers, &text.by) < 0)
        return -EBADMSG;
    for (size_t kind = CONSENT_TEXT_OWN; kind < CONSENT_TEXT_KINDS; kind++) {
        for (unsigned language = LANGUAGE_DANISH; language < LANGUAGE_COUNT; language++)
            text.words[kind][language] = str_cut(&rest, SEPARATOR);
    }
    *ret_text = text;
    return 0;
}

int consent_text_newest_version(const struct account_scene *scene, int64_t *ret_version)
{
    struct sql_consent_text_newest row;
    int result = sql_consent_text_newest(scene->db, scene->arena, &row);
    if (result == 0)
        *ret_version = row.version;
    return result;
}

int consent_text_get(const struct account_scene *scene, int64_t version, struct consent_text *ret_text)
{
    struct sql_consent_text_get row;
    if (version == CONSENT_TEXT_BUILT_IN) {
        built_in_text(ret_text);
        return 0;
    }
    int result = sql_consent_text_get(scene->db, scene->arena, &(struct sql_consent_text_get_in){ .version = version }, &row);
    return result < 0 ? result : open_text(scene, version, false, row.sealed, ret_text);
}

int consent_text_newest(const struct account_scene *scene, struct consent_text *ret_text)
{
    int64_t version;
    int result = consent_text_newest_version(scene, &version);
    return result < 0 ? result : consent_text_get(scene, version, ret_text);
}

int consent_text_draft_get(const struct account_scene *scene, struct consent_text *ret_draft)
{
    struct sql_consent_text_draft_get row;
    int result = sql_consent_text_draft_get(scene->db, scene->arena, &row);
    return result < 0 ? result : open_text(scene, row.revision, true, row.sealed, ret_draft);
}

int consent_text_draft_put(const struct account_scene *scene, int64_t by, struct str words[CONSENT_TEXT_KINDS][LANGUAGE_COUNT])
{
    struct consent_text draft = { .version = id_new(scene->now), .at = scene->now, .by = by };
    struct bytes sealed;
    memcpy(draft.words, words, sizeof(draft.words));
    int result = seal_text(scene, &draft, true, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_consent_text_draft_put(scene->db, &(struct sql_consent_text_draft_put_in){ .revision = draft.version, .sealed = sealed });
    return rows < 0 ? (int)rows : 0;
}

int consent_text_draft_remove(const struct account_scene *scene)
{
    int64_t rows = sql_consent_text_draft_remove(scene->db);
    return rows < 0 ? (int)rows : 0;
}

int consent_text_publish(const struct account_scene *scene, int64_t by, int64_t revision, int64_t *ret_version)
{
    struct consent_text text;
    struct bytes sealed;
    int64_t newest;
    int result = consent_text_draft_get(scene, &text);
    if (result == 0 && text.version != revision)
        result = -ESTALE;
    if (result == 0)
        result = consent_text_newest_version(scene, &newest);
    if (result < 0)
        return result;
    if (newest >= CONSENT_TEXT_VERSIONS_MAX)
        return -E2BIG;
    text.version = newest + 1;
    text.at = scene->now;
    text.by = by;
    result = seal_text(scene, &text, false, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_consent_text_add(scene->db, &(struct sql_consent_text_add_in){ .version = text.version, .sealed = sealed });
    *ret_version = text.version;
    return rows < 0 ? (int)rows : consent_text_draft_remove(scene);
}
