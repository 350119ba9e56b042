// SPDX-License-Identifier: MPL-2.0
#include "text_form.h"
#include "texts.h"
#include "tools_test.h"

enum kind { KIND_UNSET, TEMPLATE, CODE, PO };

static int add(struct texts *texts, struct sheet *sheet, enum kind kind, const char *path, const char *text)
{
    // The views live in the sheet's arena.
    struct source source = { path, str_from(text), &sheet->fault };
    texts->arena = sheet->arena;
    return kind == TEMPLATE ? texts_from_template(texts, &source) : kind == CODE ? texts_from_c(texts, &source)
                                                                                : texts_from_po(texts, &source, "da");
}

static void refuses(enum kind kind, const char *text, const char *message)
{
    struct sheet sheet;
    struct texts texts = { 0 };
    sheet_begin(&sheet, "", "");
    assert_int_equal(add(&texts, &sheet, kind, "x", text), -EINVAL);
    assert_string_equal(sheet.fault.text, message);
    sheet_end(&sheet);
}

static void texts_of_pages_and_code_are_found(void **state)
{
    struct sheet sheet;
    struct texts texts = { 0 };
    sheet_begin(&sheet, "", "");
    assert_int_equal(add(&texts, &sheet, TEMPLATE, "a.html", "<p>{_ Write a\n  message _}</p>{_ {n} post || {n} posts | n = v->n _}"), 0);
    assert_int_equal(add(&texts, &sheet, CODE, "a.c",
                         "#define TEXT(x) (x)\n// TEXT(\"no\")\nf(TEXT(\"Write \"\n  \"a message\"), \"TEXT(\\\"no\\\")\", '\"', MY_TEXT(1), TEXT(\"æ\\n\"));"), 0);
    assert_int_equal(texts_sort(&texts, &sheet.fault), 0);
    assert_int_equal(texts.count, 4);
    assert_str(texts.list[0].msgid, "Write a message");
    assert_str(texts.list[1].msgid, "{n} post");
    assert_str(texts.list[2].msgid, "{n} posts");
    assert_str(texts.list[3].msgid, "æ\n");
    sheet_end(&sheet);
}

static void translations_are_read(void **state)
{
    struct sheet sheet;
    struct texts texts = { 0 };
    sheet_begin(&sheet, "", "");
    assert_int_equal(add(&texts, &sheet, PO, "x.po",
                         "# comment\nmsgid \"\"\nmsgstr \"Language: da\\n\"\n\n#: a.html:3\nmsgid \"Hi \"\n\"{name}\"\nmsgstr \"Hej {name}\"\n"
                         "msgid \"{n} post\"\nmsgid_plural \"{n} posts\"\nmsgstr[0] \"{n} besked\"\nmsgstr[1] \"{n} beskeder\"\n"
                         "msgid \"Later\"\nmsgstr \"\"\n"), 0);
    assert_int_equal(texts.translations_count, 3);
    assert_str(texts_find(&texts, "da", STR("Hi {name}"))->msgstr, "Hej {name}");
    assert_str(texts_find(&texts, "da", STR("{n} posts"))->msgstr, "{n} beskeder");
    assert_null(texts_find(&texts, "da", STR("Later")));
    sheet_end(&sheet);
}

static void missing_and_unused_translations_are_counted(void **state)
{
    struct sheet sheet;
    struct texts texts = { 0 };
    sheet_begin(&sheet, "", "");
    assert_int_equal(add(&texts, &sheet, TEMPLATE, "a.html", "{_ One _}\n{_ Two \"2\" _}"), 0);
    assert_int_equal(add(&texts, &sheet, PO, "x.po", "msgid \"One\"\nmsgstr \"En\"\n\nmsgid \"Three\"\nmsgstr \"Tre\"\n"), 0);
    assert_int_equal(texts_sort(&texts, &sheet.fault), 0);
    char *printed = NULL;
    size_t len = 0;
    FILE *file = open_memstream(&printed, &len);
    assert_int_equal(texts_print_missing(&texts, file), 1);
    assert_int_equal(texts_print_unused(&texts, file), 1);
    fclose(file);
    assert_string_equal(printed, "#: a.html:2 (da)\nmsgid \"Two \\\"2\\\"\"\nmsgstr \"\"\n\n"
                                 "x.po:4: no template and no C file has this text\n");
    free(printed);
    sheet_end(&sheet);
}

static void a_text_without_translation_stays_english(void **state)
{
    struct sheet sheet;
    struct texts texts = { 0 };
    struct buf header = buf_bounded(SOURCE_MAX), code = buf_bounded(SOURCE_MAX);
    sheet_begin(&sheet, "", "");
    assert_int_equal(add(&texts, &sheet, TEMPLATE, "a.html", "{_ One _}{_ Two _}"), 0);
    assert_int_equal(add(&texts, &sheet, PO, "x.po", "msgid \"One\"\nmsgstr \"Én\"\n"), 0);
    assert_int_equal(texts_sort(&texts, &sheet.fault), 0);
    texts_emit(&texts, &header, &code);
    assert_holds(&header, "#define TEXTS_COUNT 2\n");
    assert_holds(&code, "[LANGUAGE_ENGLISH] = {\n        { \"One\", 3 },\n        { \"Two\", 3 },\n    },");
    assert_holds(&code, "[LANGUAGE_DANISH] = {\n        { \"Én\", 3 },\n        { \"Two\", 3 },\n    },");
    buf_free(&header);
    buf_free(&code);
    sheet_end(&sheet);
}

static void numbers_are_fnv_1a(void **state)
{
    // The published test vectors of FNV-1a, 64 bits.
    assert_true(text_hash(STR("")) == UINT64_C(0xcbf29ce484222325));
    assert_true(text_hash(STR("a")) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(text_hash(STR("foobar")) == UINT64_C(0x85944171f73967e8));
}

static void mistakes_are_told_with_file_and_line(void **state)
{
    refuses(CODE, "\nTEXT(name)", "x:2: expected a string literal in TEXT(…), found \"name\"");
    refuses(CODE, "TEXT(\"\")", "x:1: expected a string literal in TEXT(…), found \")\"");
    refuses(CODE, "TEXT(\"a {b\")", "x:1: expected {name} in the text, found a brace alone");
    refuses(CODE, "TEXT(\"a\\x41\")", "x:1: expected \\n, \\t, \\\" or \\\\ in a text, found \"\\\"");
    refuses(PO, "\nmsgidx", "x:2: expected msgid, found \"msgidx\"");
    refuses(PO, "msgid \"a\"\nmsgst \"b\"", "x:2: expected msgstr, found \"msgst\"");
    refuses(PO, "msgid \"a\"\nmsgid_plural \"b\"\nmsgstr \"c\"", "x:3: expected msgstr[0], found \"msgstr\"");
    refuses(PO, "msgid \"a\nmsgstr \"b\"", "x:1: expected the closing quote of the text that begins here");
    refuses(PO, "\nmsgid \"Hi {name}\"\nmsgstr \"Hej\"", "x:2: expected {name} in the translation as in the text, found it nowhere");
    refuses(PO, "msgid \"Hi\"\nmsgstr \"Hej {navn}\"", "x:1: expected only names of the text in the translation, found {navn}");
    refuses(PO, "msgid \"a\"\nmsgstr \"b\"\n\nmsgid \"a\"\nmsgstr \"c\"", "x:4: expected the translation of x:1, found another for \"a\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_of_pages_and_code_are_found),
        cmocka_unit_test(translations_are_read),
        cmocka_unit_test(missing_and_unused_translations_are_counted),
        cmocka_unit_test(a_text_without_translation_stays_english),
        cmocka_unit_test(numbers_are_fnv_1a),
        cmocka_unit_test(mistakes_are_told_with_file_and_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
