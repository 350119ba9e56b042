// SPDX-License-Identifier: MPL-2.0
#include "web/markdown.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "web/markdown_check.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define A(address) "<a href=\"" address "\" rel=\"noopener noreferrer nofollow\">"

static struct arena *arena;

static int set_up(void **unused)
{
    return arena_new(64 << 20, &arena);
}

static int tear_down(void **unused)
{
    arena_free(arena);
    return 0;
}

static struct str render(struct str source)
{
    struct html html;
    assert_int_equal(markdown_render(arena, source, &html), 0);
    const char *problem = markdown_check(source, html.markup);
    if (problem)
        fail_msg("%s: %.200s gave %.400s", problem, source.ptr, html.markup.ptr);
    _cleanup_(buf_free) struct buf plain = buf_bounded(source.len * MARKDOWN_GROWTH + 64);
    markdown_plain(&plain, source);
    assert_null(markdown_check(source, buf_view(&plain)));
    if (markdown_is_plain(source))
        assert_true(str_equal(buf_view(&plain), html.markup));
    return html.markup;
}

static void assert_gives(const char *source, const char *expected)
{
    struct str markup = arena_str(arena, render(str_from(source)));
    assert_string_equal(markup.ptr, expected);
}

static void paragraphs_and_line_ends_stay(void **unused)
{
    assert_gives("", "");
    assert_gives("\n \n\t\n", "");
    assert_gives("Kære Anne", "<p>Kære Anne</p>");
    assert_gives("Kære Anne\n\nVi ses.\nHilsen <b>Per</b> & \"Bo\"\n\n\n\nPS", "<p>Kære Anne</p><p>Vi ses.<br>Hilsen &lt;b&gt;Per"
                 "&lt;/b&gt; &amp; &#34;Bo&#34;</p><p>PS</p>");
    assert_gives("    indrykket\n\tmere", "<p>indrykket<br>mere</p>");
}

static void lists_are_lists(void **unused)
{
    assert_gives("Husk:\n- mad\n- drikke\nVi ses", "<p>Husk:</p><ul><li>mad</li><li>drikke</li></ul><p>Vi ses</p>");
    assert_gives("* a\n\n* b\n\n\nc", "<ul><li>a</li><li>b</li></ul><p>c</p>");
    assert_gives("• a\n  mere\n• b", "<ul><li>a<br>mere</li><li>b</li></ul>");
    assert_gives("1. a\n2) b\n3. c", "<ol><li value=\"1\">a</li><li value=\"2\">b</li><li value=\"3\">c</li></ol>");
    assert_gives("- a\n  - b\n    1. c\n- d", "<ul><li>a<ul><li>b<ol><li value=\"1\">c</li></ol></li></ul></li><li>d</li></ul>");
    assert_gives("- a\n1. b", "<ul><li>a</li></ul><ol><li value=\"1\">b</li></ol>");
    assert_gives("  - a\n- b", "<ul><li>a</li><li>b</li></ul>");
    assert_gives("-", "<p>-</p>");
    assert_gives("-a\n*b", "<p>-a<br>*b</p>");
}

static void numbers_and_dates_are_never_changed(void **unused)
{
    assert_gives("22. november kommer vi\n24. november ikke", "<p>22. november kommer vi<br>24. november ikke</p>");
    assert_gives("1. december: møde\n24. december: fri", "<ol><li value=\"1\">december: møde</li><li value=\"24\">december: fri</li></ol>");
    assert_gives("1. a\n1. b", "<ol><li value=\"1\">a</li><li value=\"1\">b</li></ol>");
    assert_gives("1986. Et godt år", "<p>1986. Et godt år</p>");
    assert_gives("3. klasse\n- a\n2. b", "<p>3. klasse</p><ul><li>a</li></ul><p>2. b</p>");
    assert_gives("01. a", "<p>01. a</p>");
    assert_gives("2*3*4 = 24 og snake_case_navn", "<p>2*3*4 = 24 og snake_case_navn</p>");
}

static void bold_and_italic_work_within_a_line(void **unused)
{
    assert_gives("**fed** og *kursiv*", "<p><strong>fed</strong> og <em>kursiv</em></p>");
    assert_gives("__fed__ og _kursiv_.", "<p><strong>fed</strong> og <em>kursiv</em>.</p>");
    assert_gives("***begge***", "<p><strong><em>begge</em></strong></p>");
    assert_gives("**a *b* c** *d **e***", "<p><strong>a <em>b</em> c</strong> <em>d <strong>e</strong></em></p>");
    assert_gives("* a*", "<ul><li>a*</li></ul>");
    assert_gives("50 kr.*  *) pr. uge", "<p>50 kr.*  *) pr. uge</p>");
    assert_gives("**a\nb**", "<p>**a<br>b**</p>");
    assert_gives("** a **", "<p>** a **</p>");
    assert_gives("****", "<p>****</p>");
    assert_gives("*(æ)*", "<p><em>(æ)</em></p>");
}

static void a_heading_is_a_bold_line(void **unused)
{
    assert_gives("# Dagens *plan*\nVi ses", "<p><strong>Dagens <em>plan</em></strong></p><p>Vi ses</p>");
    assert_gives("#1 i klassen", "<p>#1 i klassen</p>");
    assert_gives("####### a", "<p>####### a</p>");
    assert_gives("Titel\n=====\nTitel\n---", "<p>Titel<br>=====<br>Titel<br>---</p>");
}

static void a_link_shows_where_it_leads(void **unused)
{
    assert_gives("[Skolen](https://skole.dk/a?b=1&c=2)", "<p>" A("https://skole.dk/a?b=1&amp;c=2") "Skolen (https://skole.dk/a?b=1&amp;c=2)"
                 "</a></p>");
    assert_gives("[**Log ind** på https://mitid.dk](https://ond.example)", "<p>" A("https://ond.example")
                 "<strong>Log ind</strong> på https://mitid.dk (https://ond.example)</a></p>");
    assert_gives("[By](https://da.wikipedia.org/wiki/By_(sted))!", "<p>" A("https://da.wikipedia.org/wiki/By_(sted)")
                 "By (https://da.wikipedia.org/wiki/By_(sted))</a>!</p>");
    assert_gives("[a]: https://b.dk", "<p>[a]: " A("https://b.dk") "https://b.dk</a></p>");
    assert_gives("![billede](https://b.dk/x.png)", "<p>!" A("https://b.dk/x.png") "billede (https://b.dk/x.png)</a></p>");
    assert_gives("[ ](https://b.dk) [](https://b.dk)", "<p>[ ](" A("https://b.dk") "https://b.dk</a>) [](" A("https://b.dk")
                 "https://b.dk</a>)</p>");
}

static void bare_addresses_are_links(void **unused)
{
    assert_gives("Se https://skole.dk/plan.", "<p>Se " A("https://skole.dk/plan") "https://skole.dk/plan</a>.</p>");
    assert_gives("(Se http://a.dk/b_(c)).", "<p>(Se " A("http://a.dk/b_(c)") "http://a.dk/b_(c)</a>).</p>");
    assert_gives("Www.skole.dk, tak", "<p>" A("https://Www.skole.dk") "Www.skole.dk</a>, tak</p>");
    assert_gives("Skriv til anne.b@skole.dk.", "<p>Skriv til " A("mailto:anne.b@skole.dk") "anne.b@skole.dk</a>.</p>");
    assert_gives("*https://a.dk*", "<p><em>" A("https://a.dk") "https://a.dk</a></em></p>");
    assert_gives("ahttps://a.dk a@b @c", "<p>ahttps://a.dk a@b @c</p>");
    assert_gives("https:// http://) www. www..", "<p>https:// http://) www. www..</p>");
    assert_gives("<https://a.dk>", "<p>&lt;" A("https://a.dk") "https://a.dk</a>&gt;</p>");
}

static void hostile_text_stays_text(void **unused)
{
    static const char *const texts[] = {
        "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](data:text/html,<script>)", "[x](vbscript:x)", "[x](//ond.example)",
        "[x](/etc)", "[x](java\tscript:x)", "[x](javascript&#58;alert(1))", "[x](&#106;avascript:x)", "<javascript:alert(1)>",
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](https://a.dk\\@b.dk)", "[x](https://a@b.dk)",
        "[x](https://a.dk\" onclick=\"x)", "[x]: javascript:x", "[x][y]\n\n[y]: javascript:x", "`<b>`", "~~~\n<b>\n~~~", "```\n<b>\n```",
        "> <b>", "&lt;script&gt;", "&#60;script&#62;", "\\<b>", "<!-- -->", "<![CDATA[x]]>", "<?php ?>", "|a|b|\n|-|-|\n|<b>|c|",
        "[x](https://a.dk 'onclick=x')", "[x](file:///etc/passwd)", "x://y", "[x](https://)", "[x](mailto:)", "[x](mailto:@)",
        "[a](https://b.dk/\xe2\x80\xae)", "[a](https:b.dk)", "[a](http:////)",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct str markup = render(str_from(texts[i]));
        if (memmem(markup.ptr, markup.len, "<a", 2) && !strstr(texts[i], "://"))
            fail_msg("a link came out of %s: %s", texts[i], markup.ptr);
    }
    assert_gives("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>");
    assert_gives("&amp; &#106;", "<p>&amp;amp; &amp;#106;</p>");
    assert_gives("C:\\mappe \\*a\\* ¯\\_(ツ)_/¯", "<p>C:\\mappe \\*a\\* ¯\\_(ツ)_/¯</p>");
}

static void nothing_takes_long_or_grows_without_bound(void **unused)
{
    static const char *const pieces[] = { "[", "]", "*", "**", "_", "***a", "*a ", "_a*b", "[a](", "[a](http://b", "](", "![", "http://",
        "www.", "www.a", "a@", "a@b.c", "a.", "- ", "- a\n", "1. a\n", "1. a\n- a\n", "  - a\n", "# a\n", "a\n\n", "\"", "\n\"", "<", "&", "((((",
        "a@b.c ", "www.a.b ", "> ", "`", "~", "|", "- - - ", "**a *b ", "[*a](", "*[a](https://b.c)", "a-", "a_", "h", "&#", "1", "1)", "\t", "•" };
    static char text[MARKDOWN_SOURCE_MAX];
    int64_t begun = clock_monotonic();
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        size_t len = strlen(pieces[i]), used = 0;
        for (; used + len <= sizeof(text); used += len)
            memcpy(text + used, pieces[i], len);
        struct html html;
        assert_int_equal(markdown_render(arena, (struct str){ text, used }, &html), 0);
        assert_null(markdown_check((struct str){ text, used }, html.markup));
        arena_reset(arena);
    }
    // Some 6 MB in all. Quadratic behaviour would take hours; a slow machine with sanitizers takes seconds.
    assert_true(clock_monotonic() - begun < 60000);
    for (size_t depth = 0, used = 0; depth < 300; depth++) {
        memset(text + used, ' ', 2 * depth);
        memcpy(text + used + 2 * depth, "- a\n", 4);
        used += 2 * depth + 4;
        if (depth == 299)
            render((struct str){ text, used });
    }
    struct html html;
    assert_int_equal(markdown_render(arena, (struct str){ text, MARKDOWN_SOURCE_MAX + 1 }, &html), -E2BIG);
}

static void any_mixture_of_signs_keeps_its_letters(void **unused)
{
    static const char *const pieces[] = { "a", "æ", "B7", " ", " ", "\n", "\n\n", "*", "**", "_", "__", "[", "](", ")", "]", "(", "- ", "1. ",
        "2) ", "# ", "https://x.dk", "www.y.dk/(", "a@b.dk", "<", "&", "\"", "'", "\\", "`", "  ", "\t", "!", ".", "mailto:", "•" };
    uint64_t seed = 7;
    for (int round = 0; round < 20000; round++) {
        char text[256];
        size_t used = 0;
        for (int i = 0; i < 20; i++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
            const char *piece = pieces[(seed >> 33) % (sizeof(pieces) / sizeof(pieces[0]))];
            memcpy(text + used, piece, strlen(piece));
            used += strlen(piece);
        }
        text[used] = '\0';
        render((struct str){ text, used });
        arena_reset(arena);
    }
}

static void an_exhausted_arena_is_reported(void **unused)
{
    for (size_t limit = 0; limit < 8192; limit += 128) {
        struct arena *small;
        if (arena_new(limit, &small) < 0)
            continue;
        struct html html = { STR("untouched") };
        int r = markdown_render(small, STR("*a* [b](https://c.dk) www.d.dk"), &html);
        assert_true(r == -ENOMEM || r == 0);
        if (r < 0)
            assert_string_equal(html.markup.ptr, "untouched");
        arena_free(small);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(paragraphs_and_line_ends_stay),
        TEST(lists_are_lists),
        TEST(numbers_and_dates_are_never_changed),
        TEST(bold_and_italic_work_within_a_line),
        TEST(a_heading_is_a_bold_line),
        TEST(a_link_shows_where_it_leads),
        TEST(bare_addresses_are_links),
        TEST(hostile_text_stays_text),
        TEST(nothing_takes_long_or_grows_without_bound),
        TEST(any_mixture_of_signs_keeps_its_letters),
        TEST(an_exhausted_arena_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
