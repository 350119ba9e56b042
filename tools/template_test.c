// SPDX-License-Identifier: MPL-2.0
#include "template.h"
#include "tools_test.h"

#define BEGIN "{% x(const struct view *v) %}"
#define END "{% end %}"

// Translates a body and gives the code of its function without #line lines.
static void translate(struct sheet *sheet, const char *text, struct buf *code)
{
    struct template_parser parser;
    sheet_begin(sheet, "x.html", text);
    template_begin(&parser, sheet->arena, &sheet->source);
    if (template_parse(&parser) < 0)
        fail_msg("%s", sheet->fault.text);
    struct str rest = buf_view(&parser.code);
    while (rest.len > 0) {
        struct str line = str_cut(&rest, '\n');
        if (line.len > 0 && line.ptr[0] != '#') {
            buf_str(code, line);
            buf_char(code, '\n');
        }
    }
    template_end(&parser);
}

static void writes(const char *body, const char *expected)
{
    struct sheet sheet;
    struct buf text = buf_bounded(SOURCE_MAX), code = buf_bounded(SOURCE_MAX), wanted = buf_bounded(SOURCE_MAX);
    buf_format(&text, "%s%s%s%c", BEGIN, body, END, 0);
    translate(&sheet, text.data, &code);
    buf_format(&wanted, "void x_html(struct html_out *out, const struct view *v)\n{\n%s}\nvoid x_any(", expected);
    assert_holds(&code, (buf_char(&wanted, 0), wanted.data));
    buf_free(&text);
    buf_free(&code);
    buf_free(&wanted);
    sheet_end(&sheet);
}

static void refuses_file(const char *text, const char *message)
{
    struct sheet sheet;
    struct template_parser parser;
    sheet_begin(&sheet, "x.html", text);
    template_begin(&parser, sheet.arena, &sheet.source);
    assert_int_equal(template_parse(&parser), -EINVAL);
    assert_string_equal(sheet.fault.text, message);
    template_end(&parser);
    sheet_end(&sheet);
}

static void refuses(const char *body, const char *message)
{
    struct buf text = buf_bounded(SOURCE_MAX);
    buf_format(&text, "%s%s%s%c", BEGIN, body, END, 0);
    refuses_file(text.data, message);
    buf_free(&text);
}

static void html_is_one_literal(void **state)
{
    writes("\n<p\n  class='a'   id=\"b\" >Hi  \n  you</p>\n  <!-- gone -->\n  <br>\n",
        "    buf_lit(out->buf, \"<p class='a' id=\\\"b\\\">Hi you</p>\\n<br>\");\n");
    writes("<pre>a\n  b</pre>", "    buf_lit(out->buf, \"<pre>a\\n  b</pre>\");\n");
}

static void outputs_are_written_by_position(void **state)
{
    writes("<p id=\"a-{{ v->id }}\">{{ v->text }}</p>",
        "    buf_lit(out->buf, \"<p id=\\\"a-\");\n    template_attribute(out->buf, (v->id));\n    buf_lit(out->buf, \"\\\">\");\n"
        "    template_text(out->buf, (v->text));\n    buf_lit(out->buf, \"</p>\");\n");
    writes("<a href=\"{{ v->url }}?a={{ v->text }}\">x</a>",
        "    buf_lit(out->buf, \"<a href=\\\"\");\n    template_url(out->buf, (v->url));\n    buf_lit(out->buf, \"?a=\");\n"
        "    template_url_part(out->buf, (v->text));\n    buf_lit(out->buf, \"\\\">x</a>\");\n");
    writes("<img src=\"{{ asset(\"logo.svg\") }}\" alt=\"\">",
        "    buf_lit(out->buf, \"<img src=\\\"\");\n    buf_lit(out->buf, ASSET_logo_svg);\n    buf_lit(out->buf, \"\\\" alt=\\\"\\\">\");\n");
    writes("<p>{{ f(\"}}\", '}') }}</p>",
        "    buf_lit(out->buf, \"<p>\");\n    template_text(out->buf, (f(\"}}\", '}')));\n    buf_lit(out->buf, \"</p>\");\n");
}

static void if_for_call_and_csrf(void **state)
{
    writes("{% if v->a %}a{% else if v->b %}b{% else %}c{% end %}",
        "    if (v->a) {\n    buf_lit(out->buf, \"a\");\n    } else \n    if (v->b) {\n    buf_lit(out->buf, \"b\");\n    } else {\n"
        "    buf_lit(out->buf, \"c\");\n    }\n");
    writes("<ul>{% for post in v->posts %}<li>{{ post->n }}</li>{% end %}</ul>",
        "    buf_lit(out->buf, \"<ul>\");\n    for (size_t post_index = 0; post_index < (size_t)(v->posts_count); post_index++) {\n"
        "    __typeof__(&(v->posts)[0]) post = &(v->posts)[post_index];\n    (void)post;\n    buf_lit(out->buf, \"<li>\");\n"
        "    template_text(out->buf, (post->n));\n    buf_lit(out->buf, \"</li>\");\n    }\n    buf_lit(out->buf, \"</ul>\");\n");
    writes("{% call avatar(&v->avatar) %}", "    avatar_html(out, (&v->avatar));\n");
    writes("<form method=\"post\" action=\"/x\">{% csrf %}</form>",
        "    buf_lit(out->buf, \"<form method=\\\"post\\\" action=\\\"/x\\\">\");\n    template_csrf(out);\n    buf_lit(out->buf, \"</form>\");\n");
    writes("<input {% if v->a %}checked{% end %}>",
        "    buf_lit(out->buf, \"<input \");\n    if (v->a) {\n    buf_lit(out->buf, \"checked\");\n    }\n    buf_lit(out->buf, \">\");\n");
    writes("<a href=\"{% if v->a %}/a{% else %}/b{% end %}/{{ v->n }}\">x</a>",
        "    buf_lit(out->buf, \"<a href=\\\"\");\n    if (v->a) {\n    buf_lit(out->buf, \"/a\");\n    } else {\n    buf_lit(out->buf, \"/b\");\n    }\n"
        "    buf_lit(out->buf, \"/\");\n    template_url_part(out->buf, (v->n));\n    buf_lit(out->buf, \"\\\">x</a>\");\n");
}

static void script_and_style_are_refused(void **state)
{
    refuses("<script>alert(1)</script>", "x.html:1: expected no script in the page: put it into a file of its own, found text inside <script>");
    refuses("<script>{{ v->x }}</script>", "x.html:1: expected an output elsewhere than inside <script>");
    refuses("\n<style>", "x.html:2: expected no style in the page: put it into a style sheet, found <style>");
    refuses("<p OnClick=\"x\">", "x.html:1: expected no script in the page, found the attribute OnClick");
    refuses("<p hx-on:click=\"x\">", "x.html:1: expected no script in the page, found the attribute hx-on:click");
    refuses("<p style=\"x\">", "x.html:1: expected a class instead of the attribute style");
    refuses("<a href=\" JavaScript:x\">", "x.html:1: expected no script in the page, found it in the attribute href");
    refuses("<p hx-vals=\"js:x\">", "x.html:1: expected no script in the page, found it in the attribute hx-vals");
}

static void outputs_where_they_could_break_out_are_refused(void **state)
{
    refuses("<p {{ v->x }}>", "x.html:1: expected an output in a text or in a quoted value, found it inside a tag");
    refuses("<{{ v->x }}>", "x.html:1: expected an element's name behind \"<\" (a lone \"<\" is written &lt;), found \"{\"");
    refuses("<p data-{{ v->x }}=\"\">", "x.html:1: expected an output in a text or in a quoted value, found it inside a tag");
    refuses("<p id={{ v->x }}>", "x.html:1: expected a quote around the attribute's value, found \"{\"");
    refuses("<p id=x>", "x.html:1: expected a quote around the attribute's value, found \"x\"");
    refuses("<!-- {{ v->x }} -->", "x.html:1: expected no construct in a comment");
    refuses("<p hx-vals=\"{{ v->x }}\">", "x.html:1: expected an output elsewhere than in the attribute hx-vals");
    refuses("<a href=\"https://a.dk/{{ v->x }}\">", "x.html:1: expected no output in an absolute URL");
    refuses("<a href=\"//a.dk\">", "x.html:1: expected a URL that begins with /, # or ?, or with https:, http:, mailto: or tel:, found \"/\"");
    refuses("<a href=\"data:x\">", "x.html:1: expected a URL that begins with /, # or ?, or with https:, http:, mailto: or tel:, found \"data\"");
    refuses("<a href=\"{_ x _}\">", "x.html:1: expected no text for people in a URL");
    refuses("<a href=\"/{{ asset(\"x.css\") }}\">", "x.html:1: expected an asset to be all of a URL attribute's value");
}

static void nesting_is_checked(void **state)
{
    refuses("\n<div>\n<p></div>", "x.html:3: expected </p> for line 3, found </div>");
    refuses("</div>", "x.html:1: expected no </div> here: nothing is open ");
    refuses("<div>", "x.html:1: expected </div> of the element that is opened here, found the end of the file");
    refuses("{% if v->a %}<div>{% end %}</div>", "x.html:1: expected </div> for line 1 before the end of the if");
    refuses("<div>{% if v->a %}</div>{% end %}", "x.html:1: expected no </div> here: nothing is open that this branch has opened");
    refuses("<p {% if v->a %}id=\"{% end %}\">",
        "x.html:1: expected the if to end where it began in the HTML: in a text, in a tag or in a value");
    refuses("<a href=\"{% if v->a %}/a{% end %}{{ v->x }}\">", "x.html:1: expected an else: without it the URL may begin with nothing");
    refuses("<a href=\"{% if v->a %}/a{% else %}{% end %}\">", "x.html:1: expected each branch of the if to begin the URL, or none");
    refuses("{% for a in v->list %}<li>{% end %}", "x.html:1: expected </li> for line 1 before the end of the for");
}

static void constructs_are_closed(void **state)
{
    refuses_file(BEGIN "\n{% if v->a %}", "x.html:2: expected \"{% end %}\" of the if that begins here, found the end of the file");
    refuses_file(BEGIN "\n{% for a in v->a %}", "x.html:2: expected \"{% end %}\" of the for that begins here, found the end of the file");
    refuses_file(BEGIN "<p>", "x.html:1: expected \"{% end %}\" of the template that begins here, found the end of the file");
    refuses_file(BEGIN "{% else %}" END, "x.html:1: expected \"{% end %}\" of the template that begins here, found an else");
    refuses("{% if a %}{% else %}{% else %}{% end %}", "x.html:1: expected one else, found another");
    refuses("{% while x %}", "x.html:1: expected if, else, for, call, csrf or end, found \"while\"");
    refuses("{{ v->x", "x.html:1: expected \"}}\" at the end of an expression");
}

static void templates_and_uses_are_declared(void **state)
{
    refuses_file("<p>", "x.html:1: expected \"{% name(const struct … *…) %}\" of a template, found \"<\"");
    refuses_file("{% use x %}", "x.html:1: expected a header's name in quotes behind use, found \"x\"");
    refuses_file("{% x(int n) %}" END, "x.html:1: expected a parameter like \"const struct dialogue_page *page\"");
    refuses_file("{% x(const struct view *v %}" END, "x.html:1: expected \")\" behind the parameter, found \" \"");
    refuses_file(BEGIN END "{% use \"a.h\" %}", "x.html:1: expected use before the first template");
    refuses_file("<!-- nothing -->", "x.html:1: expected a template, found none");
}

static void texts_have_all_their_values(void **state)
{
    writes("{_ Sign\n   out _}", "    html_text(out->buf, text_by_id(out->language, TEXT_ID_7cfe12cd14df9950));\n");
    refuses("{_ Hi {name} _}", "x.html:1: expected a value for {name}, found none");
    refuses("{_ Hi | name = v->name _}", "x.html:1: expected {name} in the text, found it nowhere");
    refuses("{_ Hi { _}", "x.html:1: expected {name} in the text, found a brace alone");
    refuses("{_ a || b _}", "x.html:1: expected a value \"n\" that chooses between the two forms, found none");
    refuses("{_  _}", "x.html:1: expected a text between \"{_\" and \"_}\", found none");
    refuses("{_ Hi {name} | name v->name _}", "x.html:1: expected \"=\" behind the value's name, found \"v\"");
    refuses_file(BEGIN "{_ Hi", "x.html:1: expected \"_}\" at the end of the text that begins here, found the end of the file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(html_is_one_literal),
        cmocka_unit_test(outputs_are_written_by_position),
        cmocka_unit_test(if_for_call_and_csrf),
        cmocka_unit_test(script_and_style_are_refused),
        cmocka_unit_test(outputs_where_they_could_break_out_are_refused),
        cmocka_unit_test(nesting_is_checked),
        cmocka_unit_test(constructs_are_closed),
        cmocka_unit_test(templates_and_uses_are_declared),
        cmocka_unit_test(texts_have_all_their_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
