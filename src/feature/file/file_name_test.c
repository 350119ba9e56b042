// SPDX-License-Identifier: MPL-2.0
#include "feature/file/file_name.h"

#include "base/utf8.h"
#include "feature/file/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static struct arena *arena;

static void assert_cleaned(const char *name, const char *expected)
{
    assert_string_equal(file_name_clean(arena, str_from(name)).ptr, expected);
}

static void names_that_people_use_stay_as_they_are(void **state)
{
    assert_cleaned("Æblekage på søndag (2).jpg", "Æblekage på søndag (2).jpg");
    assert_cleaned("referat 12.3.pdf", "referat 12.3.pdf");
    assert_cleaned("IMG_0001.HEIC", "IMG_0001.HEIC");
    assert_cleaned("صورة.png", "صورة.png");
}

static void a_name_can_not_lead_out_of_its_folder_or_into_a_header(void **state)
{
    assert_cleaned("../../etc/passwd", "passwd");
    assert_cleaned("C:\\fotos\\emil.jpg", "emil.jpg");
    assert_cleaned("..", "fil");
    assert_cleaned("/", "fil");
    assert_cleaned(".bashrc", "bashrc");
    assert_cleaned("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie x=1.pdf");
    assert_cleaned("a\";filename=\"b.exe", "afilename=b.exe");
    assert_cleaned("faktura.pdf. . .", "faktura.pdf");
    assert_cleaned("", "fil");
    assert_cleaned("\t\n", "fil");
}

static void a_name_reads_as_it_is(void **state)
{
    assert_cleaned("billede\u202egpj.exe", "billedegpj.exe");
    assert_cleaned("a\u200b\u2066b\u2069.pdf", "ab.pdf");
}

static void a_long_name_keeps_its_kind(void **state)
{
    char name[1000];
    memset(name, 'x', sizeof(name));
    memcpy(name + sizeof(name) - 6, ".docx", 6);
    struct str cleaned = file_name_clean(arena, str_from(name));
    assert_true(utf8_count(cleaned) <= FILE_NAME_MAX);
    assert_true(str_equal(file_name_extension(cleaned), STR("docx")));
    for (size_t i = 0; i + 2 < sizeof(name); i += 2)
        memcpy(name + i, "æ", 2);
    name[sizeof(name) - 2] = '\0';
    assert_true(utf8_valid(file_name_clean(arena, str_from(name))));
}

static void what_a_name_says_of_the_kind(void **state)
{
    assert_true(file_name_is_picture(STR("emil.JPG")));
    assert_true(file_name_is_picture(STR("a.b.heic")));
    assert_false(file_name_is_picture(STR("jpg")));
    assert_false(file_name_is_picture(STR(".jpg")));
    assert_false(file_name_is_picture(STR("emil.jpg.pdf")));
    assert_true(str_equal(file_name_extension(STR("uden")), STR("")));
    assert_true(str_equal(file_name_extension(STR("a.verylong")), STR("")));
}

static int begin(void **state)
{
    return arena_new(1 << 20, &arena);
}

static int end(void **state)
{
    arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_people_use_stay_as_they_are),
        cmocka_unit_test(a_name_can_not_lead_out_of_its_folder_or_into_a_header),
        cmocka_unit_test(a_name_reads_as_it_is),
        cmocka_unit_test(a_long_name_keeps_its_kind),
        cmocka_unit_test(what_a_name_says_of_the_kind),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
