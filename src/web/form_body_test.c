// SPDX-License-Identifier: MPL-2.0
// Bytes that no page sends.
#include "web/form_fixture.h"

static int urlencoded(struct form_fixture *f, const char *body)
{
    return form_fixture_parse(f, &meeting_form, FORM_URLENCODED, str_from(body), NULL);
}

static int json(struct form_fixture *f, const char *body)
{
    return form_fixture_parse(f, &meeting_form, FORM_JSON, str_from(body), NULL);
}

static int multipart(struct form_fixture *f, const char *body)
{
    return form_fixture_parse(f, &meeting_form, FORM_MULTIPART, str_from(body), "----b");
}

static void a_multipart_body_is_strict(void **state)
{
    struct form_fixture *f = *state;
    static const char *const bodies[] = {
        "", "x", "------b", "------b\r\n", "------b-", "\r\n------b--\r\n", "preamble\r\n------b--\r\n",
        "------b--\r\nepilogue", "------b--\n", "------bb--\r\n",
        "------b\nContent-Disposition: form-data; name=\"topic\"\n\nMøde\n------b--\n",
        "------b\r\n\r\nMøde\r\n------b--\r\n",
        "------b\r\nContent-Disposition: form-data\r\n\r\nMøde\r\n------b--\r\n",
        "------b\r\nContent-Disposition: attachment; name=\"topic\"\r\n\r\nMøde\r\n------b--\r\n",
        "------b\r\nContent-Disposition: form-data; name=topic\r\n\r\nMøde\r\n------b--\r\n",
        "------b\r\nContent-Disposition: form-data; name=\"topic\r\n\r\nMøde\r\n------b--\r\n",
        "------b\r\nContent-Disposition: form-data; name=\"to\\\"pic\"\r\n\r\nMøde\r\n------b--\r\n",
        "------b\r\nContent-Disposition: form-data; name=\"topic\" name=\"x\"\r\n\r\nMøde\r\n------b--\r\n",
        "------b\r\nContent-Disposition: form-data; name=\"topic\"; name=\"text\"\r\n\r\nMøde\r\n------b--\r\n",
        "------b\r\nContent-Disposition: form-data; name=\"topic\"; filename*=utf-8''x\r\n\r\nMøde\r\n------b--\r\n",
        "------b\r\nContent-Disposition: form-data; name=\"topic\"\r\nContent-Transfer-Encoding: base64\r\n\r\nTQ==\r\n------b--\r\n",
        "------b\r\nContent-Disposition: form-data; name=\"topic\"\r\nContent-Type: text/html\r\n\r\nMøde\r\n------b--\r\n",
        "------b\r\nContent-Disposition: form-data; name=\"topic\"\r\nContent-Type: text/plain; charset=utf-16\r\n\r\nM\r\n------b--\r\n",
        "------b\r\nContent-Disposition: form-data;\r\n name=\"topic\"\r\n\r\nMøde\r\n------b--\r\n",
        "------b\r\nContent-Disposition : form-data; name=\"topic\"\r\n\r\nMøde\r\n------b--\r\n",
        "------b\r\nContent-Disposition: form-data; name=\"topic\"\r\n\r\nMøde\r\n------b \r\n",
        "------b\r\nContent-Disposition: form-data; name=\"topic\"\r\n\r\nMøde\r\n------bx\r\n\r\n------b--\r\n",
        "------b\r\nContent-Disposition: form-data; name=\"topic\"\r\n\r\nMøde",
        "------b\r\nContent-Disposition: form-data; name=\"topic\"\r\n\r\nM\xff\r\n------b--\r\n",
    };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        if (multipart(f, bodies[i]) != -EBADMSG)
            fail_msg("was taken: %s", bodies[i]);
    }
    static const char good[] = "--b\r\nContent-Disposition: form-data; name=\"topic\"\r\n\r\nMøde\r\n--b--\r\n";
    assert_int_equal(form_fixture_parse(f, &meeting_form, FORM_MULTIPART, STR(good), "b"), 0);
    static const char *const boundaries[] = { "", "b\r\n", "b ", "b\"", "æ",
        "12345678901234567890123456789012345678901234567890123456789012345678901" };
    for (size_t i = 0; i < sizeof(boundaries) / sizeof(boundaries[0]); i++)
        assert_int_equal(form_fixture_parse(f, &meeting_form, FORM_MULTIPART, STR(good), boundaries[i]), -EBADMSG);
}

static void bytes_that_are_no_form_are_malformed(void **state)
{
    struct form_fixture *f = *state;
    static const char *const bodies[] = { "topic=%", "topic=%4", "topic=%zz", "topic=%ff", "topic=%00", "top%C3ic=x",
                                          "topic=%ED%A0%80", "topic=%C0%AF", "topic=\xf8" };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        assert_int_equal(urlencoded(f, bodies[i]), -EBADMSG);
    assert_int_equal(form_fixture_parse(f, &meeting_form, FORM_URLENCODED, STR("topic=a\0b"), NULL), -EBADMSG);
    assert_int_equal(form_fixture_parse(f, &meeting_form, FORM_SOURCE_UNSET, STR("topic=ab"), NULL), -EBADMSG);
}

static void json_that_is_not_ours_is_malformed(void **state)
{
    struct form_fixture *f = *state;
    static const char *const bodies[] = {
        "", "null", "[]", "1", "\"topic\"", "{", "{\"topic\":}", "{\"topic\": \"Møde\"} x", "{\"topic\": \"Møde\"}{}",
        "{\"topic\": \"ab\", \"topic\": \"cd\"}", "{\"topic\": \"a\\u0000b\"}", "{\"topic\": \"\\ud800\"}",
        "{\"topic\": \"\xff\"}", "{'topic': 1}", "{\"number\": 9223372036854775808}", "{\"number\": 01}",
        "[[[[[[[[[[]]]]]]]]]]", "{\"topic\": [[[[[[[[[]]]]]]]]]}", "]", "{\"number\": NaN}", "{\"a\": 1,}",
    };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        if (json(f, bodies[i]) != -EBADMSG)
            fail_msg("was taken: %s", bodies[i]);
    }
    assert_int_equal(form_fixture_parse(f, &meeting_form, FORM_JSON, STR("{\"topic\": \"a\0b\"}"), NULL), -EBADMSG);
}

static void deep_json_and_wide_json_are_refused_before_they_are_built(void **state)
{
    struct form_fixture *f = *state;
    static char deep[200000];
    memset(deep, '[', sizeof(deep));
    assert_int_equal(form_fixture_parse(f, &meeting_form, FORM_JSON, (struct str){ deep, sizeof(deep) }, NULL), -EBADMSG);
    for (size_t i = 0; i < sizeof(deep); i++)
        deep[i] = i == 0 ? '[' : i % 2 ? '1' : ',';
    assert_int_equal(form_fixture_parse(f, &meeting_form, FORM_JSON, (struct str){ deep, sizeof(deep) }, NULL), -E2BIG);
    // Brackets and commas in a text are text.
    assert_int_equal(json(f, "{\"topic\": \"[[[[[[[[[\"}"), 0);
}

static void json_values_of_the_wrong_type_are_refused(void **state)
{
    struct form_fixture *f = *state;
    static const char *const values[] = { "\"topic\": 1", "\"topic\": null", "\"topic\": [\"ab\"]", "\"topic\": {}",
        "\"topic\": true", "\"number\": \"3\"", "\"number\": 3.0", "\"number\": 1e1", "\"number\": null", "\"number\": true",
        "\"person\": 77", "\"kind\": 1", "\"day\": 20101224", "\"agreed\": 1", "\"agreed\": \"on\"" };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct str body = arena_format(f->arena, "{%s}", values[i]);
        assert_int_equal(form_fixture_parse(f, &meeting_form, FORM_JSON, body, NULL), -EINVAL);
        char *name = strdup(values[i] + 1);
        *strchr(name, '"') = '\0';
        assert_says(f, name, "wrong type");
        free(name);
    }
}

static void too_many_fields_are_refused(void **state)
{
    struct form_fixture *f = *state;
    static char body[64 * 1024];
    for (size_t i = 0; i < sizeof(body); i++)
        body[i] = i % 2 ? '&' : 'a';
    assert_int_equal(form_fixture_parse(f, &meeting_form, FORM_URLENCODED, (struct str){ body, 2 * 65 }, NULL), -E2BIG);
    assert_int_equal(form_fixture_parse(f, &meeting_form, FORM_URLENCODED, (struct str){ body, sizeof(body) }, NULL), -E2BIG);
    assert_int_equal(form_fixture_parse(f, &meeting_form, FORM_URLENCODED, (struct str){ body, 2 * 64 }, NULL), -EINVAL);
    assert_int_equal(f->errors.count, FORM_ERRORS_MAX);
}

static void an_exhausted_arena_is_reported_as_such(void **state)
{
    struct form_fixture *f = *state;
    static const struct str bodies[] = { { "topic=%41%42%43", 15 }, { "{\"topic\": \"abc\"}", 16 } };
    for (size_t limit = 256; limit < 16384; limit += 64) {
        for (size_t i = 0; i < 2; i++) {
            struct arena *small;
            if (arena_new(limit, &small) < 0)
                continue;
            void *data = NULL;
            int r = form_parse(&strict_form, i ? FORM_JSON : FORM_URLENCODED, bodies[i], STR(""), LANGUAGE_ENGLISH, small, &data,
                               &f->errors);
            assert_true(r == -ENOMEM || r == -EINVAL);
            assert_int_equal(r == -ENOMEM, data == NULL);
            arena_free(small);
        }
    }
}

static void a_file_is_refused_with_words(void **state)
{
    struct form_fixture *f = *state;
    assert_int_equal(multipart(f, "------b\r\nContent-Disposition: form-data; name=\"topic\"; filename=\"a.png\"\r\n"
                                  "Content-Type: image/png\r\n\r\npng\xff\r\n------b--\r\n"), -EINVAL);
    assert_says(f, "topic", "Files can't be sent");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FORM_TEST(a_multipart_body_is_strict),
        FORM_TEST(bytes_that_are_no_form_are_malformed),
        FORM_TEST(json_that_is_not_ours_is_malformed),
        FORM_TEST(deep_json_and_wide_json_are_refused_before_they_are_built),
        FORM_TEST(json_values_of_the_wrong_type_are_refused),
        FORM_TEST(too_many_fields_are_refused),
        FORM_TEST(an_exhausted_arena_is_reported_as_such),
        FORM_TEST(a_file_is_refused_with_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
