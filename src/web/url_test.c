// SPDX-License-Identifier: MPL-2.0
#include "web/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static int set_up(void **state)
{
    return arena_new(1 << 16, (struct arena **)state);
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

static void accepted(struct url (*check)(struct arena *, struct str), struct arena *arena, const char *text)
{
    struct url url = check(arena, str_from(text));
    if (!str_equal(url.text, str_from(text)))
        fail_msg("refused: %s", text);
}

static void refused(struct url (*check)(struct arena *, struct str), struct arena *arena, struct str text)
{
    if (check(arena, text).text.ptr)
        fail_msg("accepted: %.*s", (int)text.len, text.ptr);
}

static void paths_on_this_server(void **state)
{
    accepted(url_local, *state, "/");
    accepted(url_local, *state, "/dialogue/12?before=3#post-4");
    accepted(url_local, *state, "/a//b:c@d");
}

static void paths_that_lead_elsewhere_are_refused(void **state)
{
    static const char *const bad[] = { "", "x", "//evil.dk", "/\\evil.dk", "\\/evil.dk", "/\t/evil.dk", "/a\nb", "/a b", "https://evil.dk", "javascript:x",
        " /", "/\x7f", "/\xff", "/a\xe2\x80\xae/" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        refused(url_local, *state, str_from(bad[i]));
    refused(url_local, *state, STR("/a\0b"));
}

static void addresses_that_people_write(void **state)
{
    accepted(url_external, *state, "https://example.dk");
    accepted(url_external, *state, "HTTP://example.dk:8080/a?b=c@d#e");
    accepted(url_external, *state, "https://æbler.dk/å");
    accepted(url_external, *state, "mailto:anne@example.dk");
}

static void other_addresses_are_refused(void **state)
{
    static const char *const bad[] = { "", "/a", "example.dk", "javascript:alert(1)", "JavaScript:x", "data:text/html,x", "https:/example.dk", "https://",
        "https:///a", "https://:80", "https://a@b.dk", "https://a:b@c.dk", "http://a\\@b.dk", "https://a b.dk", "https://a\tb.dk", "mailto:", "mailto:x",
        "mailto:@x", "mailto:x@", "ftp://a.dk", " https://a.dk", "https://a\xe2\x80\xae.dk", "https://\xff" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        refused(url_external, *state, str_from(bad[i]));
}

static void long_addresses_are_refused(void **state)
{
    char text[2002];
    memset(text, 'a', sizeof(text));
    memcpy(text, "https://", 8);
    assert_non_null(url_external(*state, (struct str){ text, 2000 }).text.ptr);
    refused(url_external, *state, (struct str){ text, 2001 });
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_on_this_server),
        cmocka_unit_test(paths_that_lead_elsewhere_are_refused),
        cmocka_unit_test(addresses_that_people_write),
        cmocka_unit_test(other_addresses_are_refused),
        cmocka_unit_test(long_addresses_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
