// SPDX-License-Identifier: MPL-2.0
#include "web/view.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "web/json_out.h"
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

struct line {
    struct str text;
    bool own;
};

static const struct view_field line_fields[] = {
    VIEW_STR(struct line, text, "What was written"),
    VIEW_BOOL(struct line, own, "By the reader"),
};
static const struct view line_view = VIEW("Line", struct line, line_fields);

struct talk {
    int64_t id;
    int64_t other;
    struct str title;
    struct str note;
    int64_t count;
    int64_t begun;
    int64_t ended;
    struct line first;
    const struct line *lines;
    size_t lines_count;
};

static const struct view_field talk_fields[] = {
    VIEW_ID(struct talk, id, "Id"),
    VIEW_ID(struct talk, other, "Another"),
    VIEW_STR(struct talk, title, "Title"),
    VIEW_STR_OR_NULL(struct talk, note, "Note"),
    VIEW_INT(struct talk, count, "Count"),
    VIEW_TIME(struct talk, begun, "Begin"),
    VIEW_TIME(struct talk, ended, "End"),
    VIEW_OBJECT(struct talk, first, &line_view, "First"),
    VIEW_LIST(struct talk, lines, &line_view, "Lines"),
};
static const struct view talk_view = VIEW("Talk", struct talk, talk_fields);

static void a_view_reads_as_its_tables_say(void **unused)
{
    static const struct line lines[] = { { STR("en"), true }, { STR("to"), false } };
    struct talk talk = { .id = INT64_MAX, .title = STR("Møde \"i\" skolen"), .count = -7, .begun = 1795329683004,
                         .first = { STR(""), true }, .lines = lines, .lines_count = 2 };
    _cleanup_(buf_free) struct buf buf = buf_bounded(4096);
    view_json(&buf, &talk_view, &talk);
    buf_char(&buf, '\0');
    assert_int_equal(buf.error, 0);
    assert_string_equal(buf.data,
        "{\"id\":\"9223372036854775807\",\"other\":null,\"title\":\"Møde \\\"i\\\" skolen\",\"note\":null,\"count\":-7,"
        "\"begun\":\"2026-11-22T06:41:23.004Z\",\"ended\":null,\"first\":{\"text\":\"\",\"own\":true},"
        "\"lines\":[{\"text\":\"en\",\"own\":true},{\"text\":\"to\",\"own\":false}]}");
}

static void an_empty_list_and_an_empty_note_differ_from_none(void **unused)
{
    struct talk talk = { .note = STR("") };
    _cleanup_(buf_free) struct buf buf = buf_bounded(4096);
    view_json(&buf, &talk_view, &talk);
    json_t *root = json_loadb(buf.data, buf.len, 0, NULL);
    assert_non_null(root);
    assert_true(json_is_array(json_object_get(root, "lines")));
    assert_int_equal(json_array_size(json_object_get(root, "lines")), 0);
    assert_true(json_is_string(json_object_get(root, "note")));
    assert_true(json_is_string(json_object_get(root, "title")));
    json_decref(root);
}

static void every_character_comes_back_from_another_parser(void **unused)
{
    static const char odd[] = "\x01\x1f\x7f\"\\/\b\f\n\r\t</script>\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xa7\xe2\x80\xaa\xe2\x82\xac"
                              "æøå\xf0\x9f\x98\x80\xe2\x80\xa8";
    struct line line = { STR(odd), false };
    _cleanup_(buf_free) struct buf buf = buf_bounded(4096);
    view_json(&buf, &line_view, &line);
    json_t *root = json_loadb(buf.data, buf.len, 0, NULL);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(root, "text")), odd);
    json_decref(root);
    for (size_t i = 0; i < buf.len; i++)
        assert_true((unsigned char)buf.data[i] >= ' ' && buf.data[i] != 0x7f);
    assert_null(memmem(buf.data, buf.len, "\xe2\x80\xa8", 3));
    assert_null(memmem(buf.data, buf.len, "\xe2\x80\xa9", 3));
    assert_non_null(memmem(buf.data, buf.len, "\\u2029", 6));
}

static void times_are_the_same_as_the_operating_system_says(void **unused)
{
    uint64_t seed = 1;
    for (int i = 0; i < 20000; i++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
        int64_t ms = (int64_t)(seed >> 16) % (clock_days(9999, 12, 31) * DAY_MS) * (i % 5 ? 1 : -1) / (i % 5 ? 1 : 10);
        time_t seconds = (time_t)((ms - ((ms % 1000) + 1000) % 1000) / 1000);
        struct tm tm;
        gmtime_r(&seconds, &tm);
        char expected[64];
        strftime(expected, sizeof(expected), "\"%Y-%m-%dT%H:%M:%S.", &tm);
        _cleanup_(buf_free) struct buf buf = buf_bounded(64);
        json_out_instant(&buf, ms);
        assert_int_equal(buf.len, 26);
        assert_memory_equal(buf.data, expected, 21);
    }
    static const struct {
        int64_t ms;
        const char *text;
    } known[] = {
        { 0, "\"1970-01-01T00:00:00.000Z\"" }, { -1, "\"1969-12-31T23:59:59.999Z\"" },
        { 951782400000, "\"2000-02-29T00:00:00.000Z\"" }, { INT64_MAX, "\"9999-12-31T23:59:59.999Z\"" },
        { INT64_MIN, "\"0000-01-01T00:00:00.000Z\"" },
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        _cleanup_(buf_free) struct buf buf = buf_bounded(64);
        json_out_instant(&buf, known[i].ms);
        assert_memory_equal(buf.data, known[i].text, 26);
    }
}

static void a_full_buffer_is_reported_and_nothing_breaks(void **unused)
{
    struct talk talk = { .title = STR("Titel") };
    for (size_t max = 0; max < 100; max++) {
        _cleanup_(buf_free) struct buf buf = buf_bounded(max);
        view_json(&buf, &talk_view, &talk);
        assert_int_not_equal(buf.error, 0);
        assert_true(buf.len <= max);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_view_reads_as_its_tables_say),
        cmocka_unit_test(an_empty_list_and_an_empty_note_differ_from_none),
        cmocka_unit_test(every_character_comes_back_from_another_parser),
        cmocka_unit_test(times_are_the_same_as_the_operating_system_says),
        cmocka_unit_test(a_full_buffer_is_reported_and_nothing_breaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
