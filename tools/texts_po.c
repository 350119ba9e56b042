// SPDX-License-Identifier: MPL-2.0
#include "texts.h"
#include "text_form.h"

#include <errno.h>

// The literals that follow a keyword, over several lines.
static int parse_string(struct texts *texts, struct scanner *at, struct str *ret_text)
{
    struct buf buf = buf_bounded(SOURCE_MAX);
    scanner_blanks(at);
    int r = scanner_at(at, "\"") ? 0 : scanner_expected(at, "a text in quotes");
    while (r == 0 && scanner_at(at, "\"")) {
        r = texts_literal(at, &buf);
        scanner_spaces(at);
    }
    *ret_text = texts_keep(texts, &buf);
    return r == 0 && !ret_text->ptr ? -ENOMEM : r;
}

// Whether each {name} of a stands in b too.
static bool names_in(struct str a, struct str b, struct str *ret_name)
{
    size_t at = 0;
    while (text_next_name(a, &at, ret_name) == 1) {
        struct str other;
        size_t other_at = 0;
        bool found = false;
        while (!found && text_next_name(b, &other_at, &other) == 1)
            found = str_equal(*ret_name, other);
        if (!found)
            return false;
    }
    return true;
}

static int check_names(const struct source *source, size_t at, struct str msgid, struct str msgstr)
{
    struct str name;
    if (!names_in(msgid, msgstr, &name))
        return source_fail(source, at, "expected {%.*s} in the translation as in the text, found it nowhere", (int)name.len, name.ptr);
    if (!names_in(msgstr, msgid, &name))
        return source_fail(source, at, "expected only names of the text in the translation, found {%.*s}", (int)name.len, name.ptr);
    size_t name_at = 0;
    int r;
    while ((r = text_next_name(msgstr, &name_at, &name)) == 1)
        ;
    return r < 0 ? source_fail(source, at, "expected {name} in the translation, found a brace alone") : 0;
}

static struct translation *lookup(struct texts *texts, const char *language, struct str msgid)
{
    for (size_t i = 0; i < texts->translations_count; i++) {
        struct translation *translation = &texts->translations[i];
        if (str_equal(translation->msgid, msgid) && strcmp(translation->language, language) == 0)
            return translation;
    }
    return NULL;
}

struct translation *texts_find(struct texts *texts, const char *language, struct str msgid)
{
    struct translation *translation = lookup(texts, language, msgid);
    if (translation)
        translation->used = true;
    return translation;
}

static int add(struct texts *texts, const struct translation *new)
{
    int r = check_names(&new->source, new->at, new->msgid, new->msgstr);
    if (r < 0)
        return r;
    struct translation *known = lookup(texts, new->language, new->msgid);
    if (known && !str_equal(known->msgstr, new->msgstr))
        return source_fail(&new->source, new->at, "expected the translation of %s:%u, found another for \"%.*s\"", known->source.path,
            source_line(&known->source, known->at), (int)(new->msgid.len < 60 ? new->msgid.len : 60), new->msgid.ptr);
    if (known)
        return 0;
    if (texts->translations_count == TEXTS_MAX)
        return source_fail(&new->source, new->at, "expected at most %d translations", TEXTS_MAX);
    texts->translations = arena_grow(texts->arena, texts->translations, texts->translations_count, sizeof(*new));
    if (!texts->translations)
        return -ENOMEM;
    texts->translations[texts->translations_count++] = *new;
    return 0;
}

// Behind msgid: the translation, or with msgid_plural the two forms, which are texts of their own.
static int parse_translation(struct texts *texts, struct scanner *at, struct translation *entry)
{
    struct translation plural = *entry;
    bool has_plural = scanner_take(at, "msgid_plural ");
    int r = has_plural ? parse_string(texts, at, &plural.msgid) : 0;
    if (r == 0 && !scanner_take(at, has_plural ? "msgstr[0] " : "msgstr "))
        r = scanner_expected(at, has_plural ? "msgstr[0]" : "msgstr");
    if (r == 0)
        r = parse_string(texts, at, &entry->msgstr);
    if (r == 0 && has_plural) {
        r = scanner_take(at, "msgstr[1] ") ? parse_string(texts, at, &plural.msgstr) : scanner_expected(at, "msgstr[1]");
        if (r == 0 && plural.msgstr.len > 0)
            r = add(texts, &plural);
    }
    return r;
}

int texts_from_po(struct texts *texts, const struct source *source, const char *language)
{
    struct scanner at = { source, 0 };
    for (scanner_spaces(&at); !scanner_done(&at); scanner_spaces(&at)) {
        if (scanner_at(&at, "#")) {
            scanner_line(&at);
            continue;
        }
        struct translation entry = { .language = language, .source = *source, .at = at.at };
        if (!scanner_take(&at, "msgid "))
            return scanner_expected(&at, "msgid");
        int r = parse_string(texts, &at, &entry.msgid);
        if (r == 0)
            r = parse_translation(texts, &at, &entry);
        // The entry without a msgid is the file's header; one without a msgstr is not translated yet.
        if (r == 0 && entry.msgid.len > 0 && entry.msgstr.len > 0)
            r = add(texts, &entry);
        if (r < 0)
            return r;
    }
    return 0;
}
