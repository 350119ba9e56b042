// SPDX-License-Identifier: MPL-2.0
#include "texts.h"

#include <errno.h>
#include <inttypes.h>

const struct texts_language texts_languages[] = { { "da", "LANGUAGE_DANISH" } };
const size_t texts_languages_count = sizeof(texts_languages) / sizeof(texts_languages[0]);

static int compare(struct str a, struct str b)
{
    int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int by_msgid(const void *a, const void *b)
{
    return compare(((const struct text *)a)->msgid, ((const struct text *)b)->msgid);
}

int texts_sort(struct texts *texts, struct fault *fault)
{
    if (texts->count == 0)
        return 0;
    qsort(texts->list, texts->count, sizeof(*texts->list), by_msgid);
    size_t kept = 1;
    for (size_t i = 1; i < texts->count; i++) {
        if (!str_equal(texts->list[i].msgid, texts->list[kept - 1].msgid))
            texts->list[kept++] = texts->list[i];
    }
    texts->count = kept;
    for (size_t i = 0; i < kept; i++) {
        for (size_t j = i + 1; j < kept; j++) {
            const struct text *text = &texts->list[j];
            if (text->hash == texts->list[i].hash)
                return fault_set(fault, "%s:%u: expected another wording: this text has the number of \"%.*s\"", text->source.path,
                    source_line(&text->source, text->at), (int)texts->list[i].msgid.len, texts->list[i].msgid.ptr);
        }
    }
    return 0;
}

static void emit_text(struct buf *code, struct str text)
{
    buf_lit(code, "        { ");
    emit_literal(code, text);
    buf_format(code, ", %zu },\n", text.len);
}

static void emit_language(struct texts *texts, struct buf *code, const char *tag, const char *enumerator)
{
    buf_format(code, "    [%s] = {\n", enumerator);
    for (size_t i = 0; i < texts->count; i++) {
        struct str msgid = texts->list[i].msgid;
        const struct translation *translation = tag ? texts_find(texts, tag, msgid) : NULL;
        emit_text(code, translation ? translation->msgstr : msgid);
    }
    if (texts->count == 0)
        emit_text(code, STR(""));
    buf_lit(code, "    },\n");
}

void texts_emit(struct texts *texts, struct buf *header, struct buf *code)
{
    buf_format(header,
        "// SPDX-License-Identifier: MPL-2.0\n"
        "// Made by tools/texts. Texts are sorted by their English form; the number is the place in that order.\n"
        "#pragma once\n\n#include \"web/text.h\"\n\n#define TEXTS_COUNT %zu\n\n"
        "extern const struct str texts_table[LANGUAGE_COUNT][TEXTS_COUNT];\n\n",
        texts->count ? texts->count : 1);
    for (size_t i = 0; i < texts->count; i++)
        buf_format(header, "#define TEXT_ID_%016" PRIx64 " %zu\n", texts->list[i].hash, i);
    buf_lit(code, "// SPDX-License-Identifier: MPL-2.0\n// Made by tools/texts.\n#include \"texts_table.h\"\n\n"
                  "const struct str texts_table[LANGUAGE_COUNT][TEXTS_COUNT] = {\n");
    emit_language(texts, code, NULL, "LANGUAGE_ENGLISH");
    for (size_t i = 0; i < texts_languages_count; i++)
        emit_language(texts, code, texts_languages[i].tag, texts_languages[i].enumerator);
    buf_lit(code, "};\n");
}

size_t texts_print_missing(struct texts *texts, FILE *file)
{
    size_t missing = 0;
    for (size_t l = 0; l < texts_languages_count; l++) {
        for (size_t i = 0; i < texts->count; i++) {
            const struct text *text = &texts->list[i];
            if (texts_find(texts, texts_languages[l].tag, text->msgid))
                continue;
            struct buf literal = buf_bounded(SOURCE_MAX);
            emit_literal(&literal, text->msgid);
            fprintf(file, "#: %s:%u (%s)\nmsgid %.*s\nmsgstr \"\"\n\n", text->source.path, source_line(&text->source, text->at),
                texts_languages[l].tag, (int)literal.len, literal.data ? literal.data : "");
            buf_free(&literal);
            missing++;
        }
    }
    return missing;
}

size_t texts_print_unused(struct texts *texts, FILE *file)
{
    for (size_t l = 0; l < texts_languages_count; l++) {
        for (size_t i = 0; i < texts->count; i++)
            (void)texts_find(texts, texts_languages[l].tag, texts->list[i].msgid);
    }
    size_t unused = 0;
    for (size_t i = 0; i < texts->translations_count; i++) {
        const struct translation *translation = &texts->translations[i];
        if (translation->used)
            continue;
        fprintf(file, "%s:%u: no template and no C file has this text\n", translation->source.path,
            source_line(&translation->source, translation->at));
        unused++;
    }
    return unused;
}
