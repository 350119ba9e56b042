// SPDX-License-Identifier: MPL-2.0
// What people fill in.
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

static void what_is_sent_by_a_page_arrives_whole(void **state)
{
    struct form_fixture *f = *state;
    assert_int_equal(urlencoded(f, "csrf=abc&topic=+M%C3%B8de+&text=En%0D%0ATo%0DTre&email=anne%40skole.dk&number=-3&person=77"
                                   "&kind=call&day=24-12-2010&agreed=on"), 0);
    assert_text(f->data->topic, "Møde");
    assert_text(f->data->text, "En\nTo\nTre");
    assert_text(f->data->email, "anne@skole.dk");
    assert_int_equal(f->data->number, -3);
    assert_int_equal(f->data->person, 77);
    assert_int_equal(f->data->kind, 2);
    assert_int_equal(f->data->day, 14967);
    assert_true(f->data->agreed);
}

static void the_same_as_json_gives_the_same(void **state)
{
    struct form_fixture *f = *state;
    assert_int_equal(json(f, "{\"topic\": \"M\\u00f8de\", \"text\": \"En\\r\\nTo\", \"email\": \"anne@skole.dk\", \"number\": -3,"
                             "\"person\": \"77\", \"kind\": \"call\", \"day\": \"2010-12-24\", \"agreed\": true}"), 0);
    assert_text(f->data->topic, "Møde");
    assert_text(f->data->text, "En\nTo");
    assert_int_equal(f->data->number, -3);
    assert_int_equal(f->data->person, 77);
    assert_int_equal(f->data->kind, 2);
    assert_int_equal(f->data->day, 14967);
    assert_true(f->data->agreed);
}

static void a_multipart_form_gives_the_same(void **state)
{
    struct form_fixture *f = *state;
    assert_int_equal(multipart(f, "------b\r\nContent-Disposition: form-data; name=\"topic\"\r\n\r\nMøde\r\n"
                                  "------b\r\ncontent-disposition: form-data; name=\"text\"\r\n"
                                  "Content-Type: text/plain; charset=UTF-8\r\n\r\nEn\r\nTo\r\n\r\n--x\r\n"
                                  "------b\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\n\r\n------b--\r\n"), 0);
    assert_text(f->data->topic, "Møde");
    assert_text(f->data->text, "En\nTo\n\n--x");
    assert_int_equal(f->data->email.len, 0);
    assert_int_equal(f->data->day, FORM_NO_DATE);
}

static void an_unknown_field_is_named(void **state)
{
    struct form_fixture *f = *state;
    assert_int_equal(urlencoded(f, "topic=ab&is_admin=1"), -EINVAL);
    assert_says(f, "", "“is_admin”");
    assert_text(f->data->topic, "ab");
    assert_int_equal(json(f, "{\"topic\": \"ab\", \"__proto__\": {}}"), -EINVAL);
    assert_says(f, "", "“__proto__”");
    assert_int_equal(urlencoded(f, "topic=ab&=1"), -EINVAL);
    assert_int_equal(urlencoded(f, "topic=ab&Topic=1"), -EINVAL);
    assert_int_equal(urlencoded(f, "topic=ab&a%0Ab=1"), -EINVAL);
    assert_says(f, "", "“?”");
    assert_int_equal(urlencoded(f, "topic=ab&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa%C3%A6%C3%A6=1"), -EINVAL);
    assert_says(f, "", "aaa”");
}

static void a_repeated_field_is_refused(void **state)
{
    struct form_fixture *f = *state;
    assert_int_equal(urlencoded(f, "topic=ab&topic=cd"), -EINVAL);
    assert_says(f, "topic", "more than once");
}

static void lengths_are_counted_in_characters(void **state)
{
    struct form_fixture *f = *state;
    assert_int_equal(urlencoded(f, "topic=æøåæøåæøåæ"), 0);
    assert_int_equal(urlencoded(f, "topic=æøåæøåæøåæø"), -EINVAL);
    assert_says(f, "topic", "has 11 characters, and there is room for 10");
    assert_text(f->data->topic, "æøåæøåæøåæø");
    assert_int_equal(urlencoded(f, "topic=æ"), -EINVAL);
    assert_says(f, "topic", "at least 2");
    // CR LF is one character, and white space around does not count.
    assert_int_equal(urlencoded(f, "topic=ab&text=+++++++++++++++++++++++++a%0D%0Ab++++++++++++++++++"), 0);
    assert_text(f->data->text, "a\nb");
}

static void what_is_required_must_hold_something_to_see(void **state)
{
    struct form_fixture *f = *state;
    static const char *const bodies[] = { "", "topic=", "topic=+++", "topic=%0A", "topic=%C2%A0%E2%80%8B", "topic", "text=a" };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        assert_int_equal(urlencoded(f, bodies[i]), -EINVAL);
        assert_says(f, "topic", "Fill in “Topic”.");
    }
    assert_int_equal(form_fixture_parse(f, &strict_form, FORM_URLENCODED, STR("number=&person=&kind=&day=&email=&text=+&agreed=0"), NULL),
                     -EINVAL);
    assert_int_equal(f->errors.count, 7);
    assert_says(f, "number", "Fill in “Number”.");
    assert_says(f, "person", "Choose one under “Person”.");
    assert_says(f, "kind", "Choose one under “Kind”.");
    assert_says(f, "day", "day, month and year");
    assert_says(f, "email", "name@example.com");
    assert_says(f, "text", "Write a message.");
    assert_says(f, "agreed", "Tick “Agreed”");
    assert_int_equal(form_fixture_parse(f, &strict_form, FORM_JSON, STR("{}"), NULL), -EINVAL);
    assert_int_equal(f->errors.count, 7);
    assert_int_equal(form_fixture_parse(f, &strict_form, FORM_JSON,
                           STR("{\"number\": 0, \"person\": \"1\", \"kind\": \"visit\", \"day\": \"1970-01-01\", \"agreed\": true,"
                               "\"email\": \"a@b.dk\", \"text\": \"x\"}"), NULL), 0);
    assert_int_equal(f->data->day, 0);
}

static void hidden_signs_are_refused(void **state)
{
    struct form_fixture *f = *state;
    static const char *const bodies[] = { "topic=a%07b", "topic=a%0Ab", "topic=a%09b", "topic=a%E2%80%AEb", "topic=a%C2%85b",
                                          "topic=a%E2%81%A6b", "topic=a%7Fb" };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        assert_int_equal(urlencoded(f, bodies[i]), -EINVAL);
        assert_says(f, "topic", "hidden sign");
    }
    assert_int_equal(urlencoded(f, "topic=ab&text=a%0B"  "b"), -EINVAL);
    assert_says(f, "text", "hidden sign");
    // A telephone number that was copied on a Mac has direction marks around it.
    assert_int_equal(urlencoded(f, "topic=ab&text=%E2%80%AD12345678%E2%80%AC%09x%0A"), 0);
}

static void addresses_are_addresses(void **state)
{
    struct form_fixture *f = *state;
    static const char *const good[] = { "a@b.dk", "anne.b+skole@post.skole.dk", "x_y@bl%C3%A5b%C3%A6r.dk", "a'b@c-d.dk" };
    static const char *const bad[] = { "a", "a@", "@b.dk", "a@b", "a@b.", "a@.dk", "a@b..dk", "a@b.dk.", "a@@b.dk", "a@b@c.dk",
        "a+b@c.dk", "a%20b@c.dk", ".a@b.dk", "a.@b.dk", "a..b@c.dk", "a@-b.dk", "a@b-.dk", "a@b_c.dk", "%3Ca@b.dk%3E",
        "a@b.dk,c@d.dk", "a,b@c.dk", "\"a b\"@c.dk", "a@[127.0.0.1]", "a%C3%A6@b.dk", "a@b%E2%80%8B.dk", "a@b.dk%0D%0AX: y",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@b.dk" };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct str body = arena_format(f->arena, "topic=ab&email=%s", i == 1 ? "anne.b%2Bskole@post.skole.dk" : good[i]);
        assert_int_equal(form_fixture_parse(f, &meeting_form, FORM_URLENCODED, body, NULL), 0);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct str body = arena_format(f->arena, "topic=ab&email=%s", bad[i]);
        if (form_fixture_parse(f, &meeting_form, FORM_URLENCODED, body, NULL) != -EINVAL)
            fail_msg("was taken: %s", bad[i]);
        assert_true(form_error_of(&f->errors, "email").len > 0);
    }
}

static void dates_are_read_as_people_write_them(void **state)
{
    struct form_fixture *f = *state;
    static const struct {
        const char *text;
        int64_t day;
    } good[] = {
        { "2010-12-24", 14967 }, { "24-12-2010", 14967 }, { "24.12.2010", 14967 }, { "24/12/2010", 14967 }, { "+1-1-1970+", 0 },
        { "2000-02-29", 11016 }, { "01-01-1900", -25567 },
        { "24122010", 14967 }, { "24 12 2010", 14967 }, { "24. 12. 2010", 14967 }, { "24/12-2010", 14967 }, { "1/1-1970", 0 }, { "01011970", 0 },
    };
    static const char *const bad[] = { "x", "29-02-1900", "29-02-2023", "31-04-2020", "32-01-2020", "0-1-2020", "1-13-2020",
        "1-1-20", "2010-12", "2010-12-24-1", "24---12-2010", "24-12-2010x", "1-1-9999", "1-1-0001", "--", "20101224", "32012010",
        "241210", "2412201", "241220100", "2a122010",
        "-1-1-2000" };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct str body = arena_format(f->arena, "topic=ab&day=%s", good[i].text);
        assert_int_equal(form_fixture_parse(f, &meeting_form, FORM_URLENCODED, body, NULL), 0);
        assert_int_equal(f->data->day, good[i].day);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct str body = arena_format(f->arena, "topic=ab&day=%s", bad[i]);
        assert_int_equal(form_fixture_parse(f, &meeting_form, FORM_URLENCODED, body, NULL), -EINVAL);
        assert_says(f, "day", "24-12-2010");
    }
}

static void numbers_choices_and_ticks_are_checked(void **state)
{
    struct form_fixture *f = *state;
    static const char *const bad[] = { "number=21", "number=-6", "number=x", "number=1.5", "number=--1", "number=-",
        "number=99999999999999999999", "number=%2B1", "number=0x1", "person=0", "person=-1", "person=x", "person=01",
        "person=9223372036854775808", "kind=party", "kind=Visit", "agreed=yes", "agreed=2" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct str body = arena_format(f->arena, "topic=ab&%s", bad[i]);
        if (form_fixture_parse(f, &meeting_form, FORM_URLENCODED, body, NULL) != -EINVAL)
            fail_msg("was taken: %s", bad[i]);
    }
    assert_int_equal(urlencoded(f, "topic=ab&number=20&person=9223372036854775807&kind=visit&agreed=0"), 0);
    assert_int_equal(f->data->number, 20);
    assert_int_equal(f->data->person, INT64_MAX);
    assert_int_equal(f->data->kind, 1);
    assert_false(f->data->agreed);
    assert_int_equal(json(f, "{\"topic\": \"ab\", \"number\": -9223372036854775808}"), -EINVAL);
    assert_says(f, "number", "from -5 to 20");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FORM_TEST(what_is_sent_by_a_page_arrives_whole),
        FORM_TEST(the_same_as_json_gives_the_same),
        FORM_TEST(a_multipart_form_gives_the_same),
        FORM_TEST(an_unknown_field_is_named),
        FORM_TEST(a_repeated_field_is_refused),
        FORM_TEST(lengths_are_counted_in_characters),
        FORM_TEST(what_is_required_must_hold_something_to_see),
        FORM_TEST(hidden_signs_are_refused),
        FORM_TEST(addresses_are_addresses),
        FORM_TEST(dates_are_read_as_people_write_them),
        FORM_TEST(numbers_choices_and_ticks_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
