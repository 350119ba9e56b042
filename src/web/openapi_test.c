// SPDX-License-Identifier: MPL-2.0
// The document as another JSON parser reads it. With an argument, writes the document there, so that OpenAPI's own validators can read it.
#include "web/openapi.h"

#include "base/cleanup.h"
#include <errno.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

struct line {
    struct str text;
};
static const struct view_field line_fields[] = { VIEW_STR(struct line, text, "What was written") };
static const struct view line_view = VIEW("Line", struct line, line_fields);

struct talk {
    int64_t id, begun, count;
    struct str note;
    bool open;
    struct line first;
    const struct line *lines;
    size_t lines_count;
};
static const struct view_field talk_fields[] = {
    VIEW_ID(struct talk, id, "Id"),
    VIEW_TIME(struct talk, begun, "Begin"),
    VIEW_INT(struct talk, count, "Count"),
    VIEW_STR_OR_NULL(struct talk, note, "A \"note\""),
    VIEW_BOOL(struct talk, open, "Open"),
    VIEW_OBJECT(struct talk, first, &line_view, "First"),
    VIEW_LIST(struct talk, lines, &line_view, "Lines"),
};
static const struct view talk_view = VIEW("Talk", struct talk, talk_fields);
static const struct view impostor_view = VIEW("Line", struct talk, talk_fields);

static const struct view_field problem_fields[] = { VIEW_STR(struct line, text, "What happened") };
static const struct view problem_view = VIEW("Problem", struct line, problem_fields);

struct input {
    struct str text, lines, email;
    int64_t number, id, choice, date;
    bool agreed;
};
static const char *const choices[] = { "all", "none", NULL };
static const struct form_field input_fields[] = {
    { "text", FORM_TEXT, offsetof(struct input, text), true, 2, 100, NULL, "Text" },
    { "lines", FORM_LINES, offsetof(struct input, lines), false, 0, 5000, NULL, "Lines" },
    { "email", FORM_EMAIL, offsetof(struct input, email), true, 0, 254, NULL, "E-mail" },
    { "number", FORM_INT, offsetof(struct input, number), false, -3, 3, NULL, "Number" },
    { "id", FORM_ID, offsetof(struct input, id), true, 0, 0, NULL, "Id" },
    { "choice", FORM_CHOICE, offsetof(struct input, choice), true, 0, 0, choices, "Choice" },
    { "date", FORM_DATE, offsetof(struct input, date), true, 0, 0, NULL, "Date" },
    { "agreed", FORM_FLAG, offsetof(struct input, agreed), true, 0, 0, NULL, NULL },
};
static const struct form input_form = FORM("InputForm", struct input, input_fields);

static const struct form_field page_fields[] = { { "before", FORM_ID, 0, false, 0, 0, NULL, "Posts before this one" } };
static const struct form page_query = { "PageQuery", sizeof(int64_t), page_fields, 1 };

static const struct route talk_routes[] = {
    { .method = METHOD_GET, .path = "/", .permission = PERMISSION_ANYONE, .summary = "Front page" },
    { .method = METHOD_GET, .path = "/talk/{talk#}", .permission = PERMISSION_DIALOGUE_READ, .query = &page_query,
      .answer = &talk_view, .summary = "A talk" },
    { .method = METHOD_POST, .path = "/talk/{talk#}/line/{name}", .permission = PERMISSION_DIALOGUE_WRITE, .form = &input_form,
      .summary = "Write a line" },
    { .method = METHOD_GET, .path = "/talk/{talk#}/live", .permission = PERMISSION_DIALOGUE_READ, .flags = ROUTE_STREAM,
      .summary = "New lines as they come" },
};
static const struct route more_routes[] = {
    { .method = METHOD_POST, .path = "/talk/{talk#}", .permission = PERMISSION_DIALOGUE_WRITE, .form = &input_form,
      .answer = &line_view, .summary = "Change a talk" },
    { .method = METHOD_POST, .path = "/sign-in", .permission = PERMISSION_ANYONE, .form = &input_form, .flags = ROUTE_NO_CSRF,
      .summary = "Sign in" },
};
static const struct feature talk_feature = { "talk", talk_routes, 4 }, more_feature = { "more", more_routes, 2 };

static const struct openapi_route routes[] = {
    { &talk_feature, &talk_routes[0] }, { &talk_feature, &talk_routes[1] }, { &talk_feature, &talk_routes[2] },
    { &talk_feature, &talk_routes[3] }, { &more_feature, &more_routes[0] }, { &more_feature, &more_routes[1] },
};

static json_t *load(void)
{
    _cleanup_(buf_free) struct buf buf = buf_bounded(1 << 20);
    assert_int_equal(openapi_write(&buf, routes, 6, &problem_view), 0);
    assert_int_equal(buf.error, 0);
    json_error_t error;
    json_t *root = json_loadb(buf.data, buf.len, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        fail_msg("%s at %d", error.text, error.position);
    return root;
}

// Follows member names; the last argument is NULL.
static json_t *at(json_t *value, ...)
{
    va_list names;
    va_start(names, value);
    for (const char *name; (name = va_arg(names, const char *));) {
        json_t *member = json_object_get(value, name);
        if (!member) {
            va_end(names);
            fail_msg("no member %s", name);
        }
        value = member;
    }
    va_end(names);
    return value;
}

static void assert_json(json_t *value, const char *expected)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
    assert_string_equal(text, expected);
    free(text);
}

static void both_methods_of_a_path_stand_together(void **unused)
{
    json_t *root = load();
    json_t *paths = at(root, "paths", NULL);
    assert_int_equal(json_object_size(paths), 5);
    assert_non_null(at(paths, "/talk/{talk}", "get", NULL));
    assert_non_null(at(paths, "/talk/{talk}", "post", NULL));
    assert_json(at(paths, "/talk/{talk}/line/{name}", "post", "operationId", NULL), "\"postTalkByTalkLineByName\"");
    json_t *parameters = at(paths, "/talk/{talk}/line/{name}", "post", "parameters", NULL);
    assert_int_equal(json_array_size(parameters), 2);
    assert_json(json_array_get(parameters, 0), "{\"in\":\"path\",\"name\":\"talk\",\"required\":true,\"schema\":"
                                               "{\"pattern\":\"^[1-9][0-9]{0,18}$\",\"type\":\"string\"}}");
    assert_json(json_array_get(parameters, 1), "{\"in\":\"path\",\"name\":\"name\",\"required\":true,\"schema\":{\"type\":\"string\"}}");
    assert_int_equal(json_array_size(at(paths, "/talk/{talk}", "get", "parameters", NULL)), 2);
    json_decref(root);
}

static void what_a_form_demands_stands_in_its_schema(void **unused)
{
    json_t *root = load();
    json_t *form = at(root, "components", "schemas", "InputForm", NULL);
    assert_json(at(form, "required", NULL), "[\"text\",\"email\",\"id\",\"choice\",\"date\",\"agreed\"]");
    assert_json(at(form, "additionalProperties", NULL), "false");
    json_t *properties = at(form, "properties", NULL);
    assert_json(at(properties, "text", NULL), "{\"description\":\"Text\",\"maxLength\":100,\"minLength\":2,\"type\":\"string\"}");
    assert_json(at(properties, "lines", NULL), "{\"description\":\"Lines\",\"maxLength\":5000,\"type\":\"string\"}");
    assert_json(at(properties, "number", NULL), "{\"description\":\"Number\",\"maximum\":3,\"minimum\":-3,\"type\":\"integer\"}");
    assert_json(at(properties, "choice", NULL), "{\"description\":\"Choice\",\"enum\":[\"all\",\"none\"],\"type\":\"string\"}");
    assert_json(at(properties, "date", NULL), "{\"description\":\"Date\",\"format\":\"date\",\"type\":\"string\"}");
    assert_json(at(properties, "agreed", NULL), "{\"const\":true,\"type\":\"boolean\"}");
    assert_non_null(at(properties, "csrf", NULL));
    assert_null(json_object_get(at(root, "components", "schemas", NULL), "PageQuery"));
    json_decref(root);
}

static void an_answer_may_hold_what_its_view_says_and_nothing_else(void **unused)
{
    json_t *root = load();
    json_t *talk = at(root, "components", "schemas", "Talk", NULL);
    assert_json(at(talk, "required", NULL), "[\"id\",\"begun\",\"count\",\"note\",\"open\",\"first\",\"lines\"]");
    assert_json(at(talk, "additionalProperties", NULL), "false");
    assert_json(at(talk, "properties", "note", NULL), "{\"description\":\"A \\\"note\\\"\",\"type\":[\"string\",\"null\"]}");
    assert_json(at(talk, "properties", "lines", NULL),
                "{\"description\":\"Lines\",\"items\":{\"$ref\":\"#/components/schemas/Line\"},\"type\":\"array\"}");
    assert_json(at(root, "paths", "/talk/{talk}", "get", "responses", "200", "content", "application/json", "schema", NULL),
                "{\"$ref\":\"#/components/schemas/Talk\"}");
    assert_json(at(root, "paths", "/sign-in", "post", "responses", "200", "content", "application/json", "schema", NULL),
                "{\"$ref\":\"#/components/schemas/Redirect\"}");
    assert_json(at(root, "paths", "/sign-in", "post", "responses", "422", "content", "application/problem+json", "schema", NULL),
                "{\"$ref\":\"#/components/schemas/Problem\"}");
    json_decref(root);
}

static void who_must_be_signed_in_is_said(void **unused)
{
    json_t *root = load();
    json_t *paths = at(root, "paths", NULL);
    assert_json(at(paths, "/", "get", "security", NULL), "[]");
    assert_json(at(paths, "/talk/{talk}", "get", "security", NULL), "[{\"session\":[]}]");
    assert_json(at(paths, "/talk/{talk}", "post", "security", NULL), "[{\"csrf\":[],\"session\":[]}]");
    assert_json(at(paths, "/sign-in", "post", "security", NULL), "[]");
    assert_null(json_object_get(at(paths, "/", "get", "responses", NULL), "401"));
    assert_non_null(at(paths, "/talk/{talk}", "get", "responses", "401", NULL));
    json_decref(root);
}

static void two_tables_with_one_name_are_refused(void **unused)
{
    struct route route = talk_routes[1];
    route.answer = &impostor_view;
    const struct openapi_route both[] = { { &talk_feature, &talk_routes[1] }, { &talk_feature, &route } };
    _cleanup_(buf_free) struct buf buf = buf_bounded(1 << 20);
    assert_int_equal(openapi_write(&buf, both, 2, &problem_view), -EINVAL);
    assert_int_equal(buf.len, 0);
}

static void no_routes_make_a_document_too(void **unused)
{
    _cleanup_(buf_free) struct buf buf = buf_bounded(1 << 20);
    assert_int_equal(openapi_write(&buf, NULL, 0, &problem_view), 0);
    json_t *root = json_loadb(buf.data, buf.len, 0, NULL);
    assert_int_equal(json_object_size(at(root, "paths", NULL)), 0);
    json_decref(root);
}

static int write_document(const char *path)
{
    _cleanup_(buf_free) struct buf buf = buf_bounded(1 << 20);
    FILE *file = openapi_write(&buf, routes, 6, &problem_view) == 0 ? fopen(path, "w") : NULL;
    if (!file)
        return 1;
    size_t written = fwrite(buf.data, 1, buf.len, file);
    return fclose(file) != 0 || written != buf.len;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_methods_of_a_path_stand_together),
        cmocka_unit_test(what_a_form_demands_stands_in_its_schema),
        cmocka_unit_test(an_answer_may_hold_what_its_view_says_and_nothing_else),
        cmocka_unit_test(who_must_be_signed_in_is_said),
        cmocka_unit_test(two_tables_with_one_name_are_refused),
        cmocka_unit_test(no_routes_make_a_document_too),
    };
    return argc > 1 ? write_document(argv[1]) : cmocka_run_group_tests(tests, NULL, NULL);
}
