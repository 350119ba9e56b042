// SPDX-License-Identifier: MPL-2.0
#include "web/html.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void holds(struct buf *buf, const char *expected)
{
    struct str got = buf_view(buf);
    if (!str_equal(got, str_from(expected)))
        fail_msg("expected \"%s\", got \"%.*s\"", expected, (int)got.len, got.ptr);
    buf_free(buf);
}

static void text(const char *s, const char *expected)
{
    struct buf buf = buf_bounded(4096);
    html_text(&buf, str_from(s));
    holds(&buf, expected);
}

static void five_characters_are_escaped(void **state)
{
    text("", "");
    text("Åse", "Åse");
    text("<a href=\"x\" b='y'>&amp;", "&lt;a href=&#34;x&#34; b=&#39;y&#39;&gt;&amp;amp;");
}

// Each special character at each place of a text longer than what is looked at in one step.
static void escaping_does_not_depend_on_the_place(void **state)
{
    static const char special[] = "&<>\"'";
    static const char *const escaped[] = { "&amp;", "&lt;", "&gt;", "&#34;", "&#39;" };
    for (size_t len = 1; len <= 40; len++) {
        for (size_t at = 0; at < len; at++) {
            for (size_t i = 0; i < 5; i++) {
                char in[48] = { 0 }, out[64] = { 0 };
                memset(in, 'x', len);
                in[at] = special[i];
                snprintf(out, sizeof(out), "%.*s%s%s", (int)at, in, escaped[i], in + at + 1);
                text(in, out);
            }
        }
    }
}

static void bytes_behind_the_end_are_not_looked_at(void **state)
{
    struct buf buf = buf_bounded(64);
    html_text(&buf, (struct str){ "abc<def", 3 });
    holds(&buf, "abc");
}

static void a_url_part_stays_one_part(void **state)
{
    struct buf buf = buf_bounded(4096);
    html_url_part(&buf, STR("aZ09-._~ /?#&=%+\"<>'æ\n"));
    holds(&buf, "aZ09-._~%20%2F%3F%23%26%3D%25%2B%22%3C%3E%27%C3%A6%0A");
    html_url_part(&buf, STR(""));
    holds(&buf, "");
}

static void values_of_a_text_are_escaped(void **state)
{
    struct buf buf = buf_bounded(4096);
    const struct text_value values[] = { { "name", STR("<Åse> {n}") }, { "n", STR("2") } };
    html_text_format(&buf, STR("{name} & {n}{n} {other} {"), values, 2);
    holds(&buf, "&lt;Åse&gt; {n} &amp; 22 {other} {");
}

static void a_full_buffer_says_so(void **state)
{
    struct buf buf = buf_bounded(4);
    html_text(&buf, STR("<<"));
    assert_true(buf.error < 0);
    buf_free(&buf);
    buf = buf_bounded(4);
    html_url_part(&buf, STR("ææ"));
    assert_true(buf.error < 0);
    buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_characters_are_escaped),
        cmocka_unit_test(escaping_does_not_depend_on_the_place),
        cmocka_unit_test(bytes_behind_the_end_are_not_looked_at),
        cmocka_unit_test(a_url_part_stays_one_part),
        cmocka_unit_test(values_of_a_text_are_escaped),
        cmocka_unit_test(a_full_buffer_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
