// SPDX-License-Identifier: MPL-2.0
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/encode.h"
#include "base/random.h"
#include "base/utf8.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define assert_text(actual, expected) assert_true(str_equal((actual), str_from(expected)))

static void numbers_are_read_strictly(void **state)
{
    static const char *const bad[] = { "", "-1", "+1", "01", "1x", " 1", "9223372036854775808", "99999999999999999999" };
    int64_t n = 7;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(str_to_int(str_from(bad[i]), &n), -EINVAL);
        assert_int_equal(n, 7);
    }
    assert_int_equal(str_to_int(STR("0"), &n), 0);
    assert_int_equal(n, 0);
    assert_int_equal(str_to_int(STR("9223372036854775807"), &n), 0);
    assert_true(n == INT64_MAX);
}

static void an_arena_keeps_its_limit(void **state)
{
    struct arena *arena;
    assert_int_equal(arena_new(100000, &arena), 0);
    assert_null(arena_alloc(arena, 100001));
    volatile size_t huge = SIZE_MAX / 2;   // volatile: the compiler would warn of what is tested here
    assert_null(arena_array(arena, huge, 3));
    size_t got = 0;
    for (char *p; (p = arena_alloc(arena, 1000)) != NULL; got += 1000) {
        assert_int_equal(p[0], 0);
        memset(p, 0xff, 1000);
    }
    assert_true(got > 80000 && got <= 100000);
    arena_reset(arena);
    char *again = arena_alloc(arena, 1000);
    assert_non_null(again);
    assert_int_equal(again[999], 0);
    assert_text(arena_format(arena, "%d-%s", 5, "x"), "5-x");
    const struct str parts[] = { STR("a"), STR(""), STR("bc") };
    assert_text(arena_join(arena, parts, 3), "abc");
    assert_text(arena_join(arena, parts, 0), "");
    const struct str huge_parts[] = { STR("a"), { "", SIZE_MAX } };
    assert_null(arena_join(arena, huge_parts, 2).ptr);
    arena_free(arena);
}

static void a_buffer_stops_at_its_bound_and_says_so(void **state)
{
    struct buf buf = buf_bounded(1000);
    for (int i = 0; i < 99; i++)
        buf_lit(&buf, "0123456789");
    assert_int_equal(buf.error, 0);
    buf_lit(&buf, "0123456789");
    assert_int_equal(buf.error, 0);
    buf_char(&buf, 'x');
    assert_int_equal(buf.error, -EMSGSIZE);
    assert_int_equal(buf.len, 1000);
    buf_free(&buf);
    buf_int(&buf, INT64_MIN);
    buf_char(&buf, ' ');
    buf_hex(&buf, bytes_from("\x00\xff", 2));
    buf_format(&buf, " %s", "ok");
    assert_text(buf_view(&buf), "-9223372036854775808 00ff ok");
    buf_free(&buf);
}

static void broken_utf8_is_refused(void **state)
{
    static const char *const bad[] = { "\x80", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3", "\xff", "a\xe2\x82" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(utf8_valid(str_from(bad[i])));
    assert_false(utf8_valid((struct str){ "a\0b", 3 }));
    assert_true(utf8_valid(STR("blåbærgrød 🧵")));
    assert_int_equal(utf8_count(STR("blåbærgrød 🧵")), 12);
    assert_true(utf8_has_control(STR("a\xe2\x80\xae" "b")));
    assert_true(utf8_has_control(STR("a\xe2\x80\xa8" "b")));
    assert_false(utf8_has_control(STR("a\nb\tæ")));
    struct buf buf = buf_bounded(100);
    utf8_fold(&buf, STR("  Åse \t ØSTERGAARD\n"));
    assert_text(buf_view(&buf), "åse østergaard");
    buf_free(&buf);
}

static void encodings_come_back_and_have_one_form(void **state)
{
    struct arena *arena;
    assert_int_equal(arena_new(100000, &arena), 0);
    for (size_t len = 0; len < 40; len++) {
        uint8_t data[40];
        struct bytes back;
        random_bytes(data, sizeof(data));
        assert_int_equal(decode_base64url(arena, encode_base64url(arena, bytes_from(data, len)), &back), 0);
        assert_int_equal(back.len, len);
        assert_memory_equal(back.ptr, data, len);
        assert_int_equal(decode_hex(arena, encode_hex(arena, bytes_from(data, len)), &back), 0);
        assert_int_equal(back.len, len);
        assert_memory_equal(back.ptr, data, len);
    }
    struct bytes none;
    assert_text(encode_base64url(arena, bytes_from("\xfb\xff", 2)), "-_8");
    assert_int_equal(decode_base64url(arena, STR("-_9"), &none), -EINVAL);
    assert_int_equal(decode_base64url(arena, STR("A"), &none), -EINVAL);
    assert_int_equal(decode_base64url(arena, STR("A+=="), &none), -EINVAL);
    assert_int_equal(decode_hex(arena, STR("0g"), &none), -EINVAL);
    arena_free(arena);
}

static void days_are_counted_over_leap_years(void **state)
{
    assert_int_equal(clock_days(1970, 1, 1), 0);
    assert_int_equal(clock_days(2000, 2, 29), 11016);
    assert_int_equal(clock_days(2000, 3, 1), 11017);
    assert_int_equal(clock_days(1969, 12, 31), -1);
    assert_int_equal(clock_days(2026, 11, 22), 20779);
    for (int64_t days = -200000; days < 200000; days++) {
        struct civil date = clock_date(days);
        assert_int_equal(clock_days(date.year, date.month, date.day), days);
    }
}

// Both sides of each change to and from summer time are among them, and times before 1970.
static void local_times_are_those_of_the_zone(void **state)
{
    for (int64_t seconds = -INT64_C(1500000000); seconds < INT64_C(2500000000); seconds += 1789) {
        time_t time = (time_t)seconds;
        struct tm tm;
        struct civil civil = clock_civil(seconds * 1000 + 999);
        localtime_r(&time, &tm);
        bool same = civil.year == tm.tm_year + 1900 && civil.month == tm.tm_mon + 1 && civil.day == tm.tm_mday && civil.hour == tm.tm_hour
            && civil.minute == tm.tm_min && civil.second == tm.tm_sec && civil.weekday == tm.tm_wday;
        if (!same)
            fail_msg("%lld", (long long)seconds);
    }
}

static void identifiers_follow_time(void **state)
{
    int64_t earlier = id_new(INT64_C(1800000000000)), later = id_new(INT64_C(1800000000001));
    assert_true(earlier > 0 && later > earlier);
    assert_true(id_new(0) > 0);
}

static int read_config_text(const char *text, struct config **ret_config)
{
    char path[] = "/tmp/samtraad-config-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    int result = config_read(path, ret_config);
    unlink(path);
    return result;
}

static void note_name(void *context, const char *name, const char *value)
{
    char *names = context;
    size_t len = strlen(names);
    snprintf(names + len, 100 - len, "%s=%s;", name, value);
}

static void a_configuration_is_read_and_every_misspelt_name_found(void **state)
{
    struct config *config;
    assert_int_equal(read_config_text("# note\nport = 8080\n[citizen]\nissuer = https://a.example\nisuer = x\nclinet = y\n", &config), 0);
    char names[100] = "";
    int64_t port;
    assert_int_equal(config_int(config, "port", 1, 65535, 1, &port), 0);
    assert_int_equal(port, 8080);
    assert_int_equal(config_int(config, "port", 1, 80, 1, &port), -EINVAL);
    assert_string_equal(config_get(config, "citizen.issuer", ""), "https://a.example");
    config_each_unused(config, note_name, names);
    assert_string_equal(names, "citizen.isuer=x;citizen.clinet=y;");
    assert_int_equal(config_line(config, "citizen.clinet"), 6);
    config_free(config);
    assert_int_equal(read_config_text("port 8080\n", &config), -EINVAL);
    assert_int_equal(read_config_text("a = 1\na = 2\n", &config), -EINVAL);
}

int main(void)
{
    (void)setenv("TZ", "Europe/Copenhagen", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_strictly),
        cmocka_unit_test(an_arena_keeps_its_limit),
        cmocka_unit_test(a_buffer_stops_at_its_bound_and_says_so),
        cmocka_unit_test(broken_utf8_is_refused),
        cmocka_unit_test(encodings_come_back_and_have_one_form),
        cmocka_unit_test(days_are_counted_over_leap_years),
        cmocka_unit_test(local_times_are_those_of_the_zone),
        cmocka_unit_test(identifiers_follow_time),
        cmocka_unit_test(a_configuration_is_read_and_every_misspelt_name_found),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
