// SPDX-License-Identifier: MPL-2.0
// What the code writes that tools/templates and tools/texts have made of example.html.
#include "example_html.h"
#include "../tools_test.h"

static const struct example_post posts[] = {
    { 1, { "Tak & <hej>", 11 }, { { "<b>x</b>", 8 } } },
    { -2, { "a/b?æ", 6 }, { { "", 0 } } },
};

static void shows(enum language language, const struct example *page, const char *expected)
{
    struct buf buf = buf_bounded(1 << 16);
    struct html_out out = { &buf, language, NULL, STR("0a\"b") };
    example_any(&out, page);
    assert_str(buf_view(&buf), expected);
    buf_free(&buf);
}

static void page_with_posts_in_danish(void **state)
{
    const struct example page = { STR("Åse's \"dag\""), { STR("/a?b=1&c") }, 2, posts, 2 };
    shows(LANGUAGE_DANISH, &page,
        "<section class=\"new\">\n<h1 title=\"Åse&#39;s &#34;dag&#34;\">Åse&#39;s &#34;dag&#34;</h1>\n<p>Mange</p>\n<ul>\n\n"
        "<li id=\"post-1\"><a href=\"/post/1?find=Tak%20%26%20%3Chej%3E#1\">Tak &amp; &lt;hej&gt;</a><b>x</b></li>\n\n"
        "<li id=\"post--2\"><a href=\"/post/-2?find=a%2Fb%3F%C3%A6#-2\">a/b?æ</a></li>\n"
        "</ul>\n<p>2 nye beskeder fra &lt;Åse&#39;s &#34;dag&#34;&gt;</p>\n"
        "<form method=\"post\" action=\"/a?b=1&amp;c\"><input type=\"hidden\" name=\"csrf\" value=\"0a&#34;b\">"
        "<input name=\"find\" value=\"Åse&#39;s &#34;dag&#34;\" autofocus></form>\n</section>");
}

static void empty_page_in_english(void **state)
{
    const struct example page = { STR("Day"), { STR("/") }, 0, NULL, 0 };
    shows(LANGUAGE_ENGLISH, &page,
        "<section class=\"quiet\">\n<h1 title=\"Day\">Day</h1>\n<p>Nothing yet</p>\n<ul>\n</ul>\n<p>0 new posts by Day</p>\n"
        "<form method=\"post\" action=\"/\"><input type=\"hidden\" name=\"csrf\" value=\"0a&#34;b\"><input name=\"find\" value=\"Day\" ></form>\n</section>");
}

static void one_is_not_many(void **state)
{
    const struct example page = { STR("Day"), { STR("/") }, 1, posts + 1, 1 };
    struct buf buf = buf_bounded(1 << 16);
    struct html_out out = { &buf, LANGUAGE_DANISH, NULL, STR("") };
    example_html(&out, &page);
    assert_holds(&buf, "<p>1 ny besked fra &lt;Day&gt;</p>");
    // Without a translation it stays English.
    assert_holds(&buf, "<p>One “only”</p>");
    buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_with_posts_in_danish),
        cmocka_unit_test(empty_page_in_english),
        cmocka_unit_test(one_is_not_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
