// SPDX-License-Identifier: MPL-2.0
#include "assets.h"
#include "tools_test.h"

#include <unistd.h>

// Assets that are written into a folder of their own.
struct shelf {
    char folder[64];
    struct fault fault;
    struct asset_files assets;
};

static int set_up(void **state)
{
    struct shelf *shelf = calloc(1, sizeof(*shelf));
    if (!shelf)
        return -1;
    memcpy(shelf->folder, "/tmp/samtraad-assets-XXXXXX", sizeof("/tmp/samtraad-assets-XXXXXX"));
    *state = shelf;
    return mkdtemp(shelf->folder) ? arena_new(SOURCE_MAX, &shelf->assets.arena) : -1;
}

static int tear_down(void **state)
{
    struct shelf *shelf = *state;
    arena_free(shelf->assets.arena);
    int r = rmdir(shelf->folder);
    free(shelf);
    return r;
}

// Puts a file there, adds it, takes it away again.
static int put(struct shelf *shelf, const char *name, const char *text)
{
    struct str path = arena_format(shelf->assets.arena, "%s/%s", shelf->folder, name);
    FILE *file = fopen(path.ptr, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    fclose(file);
    int r = assets_add(&shelf->assets, path.ptr, &shelf->fault);
    unlink(path.ptr);
    return r;
}

static const struct asset_file *get(struct shelf *shelf, const char *name)
{
    for (size_t i = 0; i < shelf->assets.count; i++) {
        if (str_equal(shelf->assets.list[i].name, str_from(name)))
            return &shelf->assets.list[i];
    }
    fail_msg("no asset %s", name);
    return NULL;
}

static void names_hold_the_hash_of_the_content(void **state)
{
    struct shelf *shelf = *state;
    assert_int_equal(put(shelf, "a.txt", "abc"), 0);
    assert_int_equal(assets_finish(&shelf->assets), 0);
    // SHA-256 of "abc": FIPS 180-4, the example.
    assert_str(get(shelf, "a.txt")->path, "/asset/a.ba7816bf.txt");
    assert_string_equal(get(shelf, "a.txt")->integrity, "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    // Nothing is gained with three bytes.
    assert_null(get(shelf, "a.txt")->gzip.ptr);
    assert_null(get(shelf, "a.txt")->brotli.ptr);
}

static void style_sheets_refer_to_hashed_names(void **state)
{
    struct shelf *shelf = *state;
    assert_int_equal(put(shelf, "s.css",
                         "/* url(no) */ a { b: url( \"../f/a.woff2?x#y\" ) url(a.woff2) url(data:x) url(#z); }"
                         "a { color: red } a { color: red } a { color: red } a { color: red } a { color: red }"), 0);
    assert_int_equal(put(shelf, "a.woff2", "abc"), 0);
    assert_int_equal(assets_finish(&shelf->assets), 0);
    const struct asset_file *style = get(shelf, "s.css");
    assert_true(str_starts(style->bytes, STR("/* url(no) */ a { b: url(\"/asset/a.ba7816bf.woff2\") url(\"/asset/a.ba7816bf.woff2\") url(data:x) url(#z); }")));
    assert_true(style->gzip.ptr && style->gzip.len < style->bytes.len);
    assert_true(style->brotli.ptr && style->brotli.len < style->gzip.len);
    assert_string_equal(style->type, "text/css; charset=utf-8");
    assert_null(get(shelf, "a.woff2")->gzip.ptr);
}

static void table_is_sorted_and_each_path_has_a_macro(void **state)
{
    struct shelf *shelf = *state;
    struct buf header = buf_bounded(SOURCE_MAX), code = buf_bounded(SOURCE_MAX);
    assert_int_equal(put(shelf, "b-1.svg", "b\"\\\n?1"), 0);
    assert_int_equal(put(shelf, "a.txt", "abc"), 0);
    assert_int_equal(assets_finish(&shelf->assets), 0);
    assets_emit(&shelf->assets, &header, &code);
    assert_holds(&header, "#define ASSET_a_txt \"/asset/a.ba7816bf.txt\"\n#define ASSET_b_1_svg \"/asset/b-1.");
    assert_holds(&code, "\"b\\042\\134\\012\\0771\"");
    assert_holds(&code, ".plain = { (const uint8_t *)plain_0, 3 },");
    assert_holds(&code, "const unsigned assets_count = 2;");
    buf_free(&header);
    buf_free(&code);
}

static void mistakes_are_told_with_file_and_line(void **state)
{
    struct shelf *shelf = *state;
    assert_int_equal(assets_add(&shelf->assets, "x.css=nowhere/y.css", &shelf->fault), -EINVAL);
    assert_string_equal(shelf->fault.text, "nowhere/y.css: No such file or directory");
    shelf->fault.text[0] = 0;
    assert_int_equal(assets_add(&shelf->assets, "x.exe", &shelf->fault), -EINVAL);
    assert_string_equal(shelf->fault.text, "x.exe: expected an ending that tools/assets.c knows, found \".exe\"");
    shelf->fault.text[0] = 0;
    assert_int_equal(put(shelf, "s.css", "a {\n  b: url(none.svg) }"), 0);
    assert_int_equal(assets_finish(&shelf->assets), -EINVAL);
    assert_non_null(strstr(shelf->fault.text, "s.css:2: expected an asset in url(), found \"none.svg\""));
    shelf->fault.text[0] = 0;
    assert_int_equal(put(shelf, "s_css", "x"), -EINVAL);
    shelf->fault.text[0] = 0;
    assert_int_equal(put(shelf, "s.css", "x"), -EINVAL);
    assert_non_null(strstr(shelf->fault.text, "s.css: expected a name of its own, found s.css again"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_hold_the_hash_of_the_content, set_up, tear_down),
        cmocka_unit_test_setup_teardown(style_sheets_refer_to_hashed_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(table_is_sorted_and_each_path_has_a_macro, set_up, tear_down),
        cmocka_unit_test_setup_teardown(mistakes_are_told_with_file_and_line, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
