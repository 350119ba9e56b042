// SPDX-License-Identifier: MPL-2.0
#include "web/form.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

struct meeting {
    struct str topic;
    struct str text;
    struct str email;
    int64_t number;
    int64_t person;
    int64_t kind;
    int64_t day;
    bool agreed;
};

static const char *const kinds[] = { "visit", "call", NULL };

static const struct form_field meeting_fields[] = {
    { "topic", FORM_TEXT, offsetof(struct meeting, topic), true, 2, 10, NULL, "Topic" },
    { "text", FORM_LINES, offsetof(struct meeting, text), false, 0, 40, NULL, "Text" },
    { "email", FORM_EMAIL, offsetof(struct meeting, email), false, 0, 60, NULL, "E-mail" },
    { "number", FORM_INT, offsetof(struct meeting, number), false, -5, 20, NULL, "Number" },
    { "person", FORM_ID, offsetof(struct meeting, person), false, 0, 0, NULL, "Person" },
    { "kind", FORM_CHOICE, offsetof(struct meeting, kind), false, 0, 0, kinds, "Kind" },
    { "day", FORM_DATE, offsetof(struct meeting, day), false, 0, 0, NULL, "Day" },
    { "agreed", FORM_FLAG, offsetof(struct meeting, agreed), false, 0, 0, NULL, "Agreed" },
};

static const struct form meeting_form = FORM("MeetingForm", struct meeting, meeting_fields);

static const struct form_field strict_fields[] = {
    { "number", FORM_INT, offsetof(struct meeting, number), true, 0, 20, NULL, "Number" },
    { "person", FORM_ID, offsetof(struct meeting, person), true, 0, 0, NULL, "Person" },
    { "kind", FORM_CHOICE, offsetof(struct meeting, kind), true, 0, 0, kinds, "Kind" },
    { "day", FORM_DATE, offsetof(struct meeting, day), true, 0, 0, NULL, "Day" },
    { "agreed", FORM_FLAG, offsetof(struct meeting, agreed), true, 0, 0, NULL, "Agreed" },
    { "email", FORM_EMAIL, offsetof(struct meeting, email), true, 0, 60, NULL, "E-mail" },
    { "text", FORM_LINES, offsetof(struct meeting, text), true, 0, 40, NULL, "Text", "Write a message." },
};

static const struct form strict_form = FORM("StrictForm", struct meeting, strict_fields);

struct fixture {
    struct arena *arena;
    struct form_errors errors;
    struct meeting *data;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){ 0 };
    *state = &fixture;
    return arena_new(4 << 20, &fixture.arena);
}

static int tear_down(void **state)
{
    arena_free(((struct fixture *)*state)->arena);
    return 0;
}

// Copies the body to exact heap memory, so that a read behind its end is found.
static int parse(struct fixture *f, const struct form *form, enum form_source source, struct str body, const char *boundary)
{
    char *copy = malloc(body.len ? body.len : 1);
    assert_non_null(copy);
    memcpy(copy, body.ptr, body.len);
    struct str kept = arena_str(f->arena, (struct str){ copy, body.len });
    free(copy);
    void *data = NULL;
    f->errors = (struct form_errors){ 0 };
    int r = form_parse(form, source, kept, str_from(boundary), LANGUAGE_ENGLISH, f->arena, &data, &f->errors);
    f->data = data;
    assert_int_equal(r == 0 || r == -EINVAL, data != NULL);
    assert_int_equal(r == -EINVAL, f->errors.count > 0);
    return r;
}

static int urlencoded(struct fixture *f, const char *body)
{
    return parse(f, &meeting_form, FORM_URLENCODED, str_from(body), NULL);
}

static int json(struct fixture *f, const char *body)
{
    return parse(f, &meeting_form, FORM_JSON, str_from(body), NULL);
}

static int multipart(struct fixture *f, const char *body)
{
    return parse(f, &meeting_form, FORM_MULTIPART, str_from(body), "----b");
}

#define assert_text(value, expected) \
    do { \
        struct str got_ = (value); \
        assert_int_equal(got_.len, strlen(expected)); \
        assert_memory_equal(got_.ptr, expected, got_.len); \
    } while (0)

static void assert_says(struct fixture *f, const char *field, const char *words)
{
    struct str message = form_error_of(&f->errors, field);
    if (!message.len || !memmem(message.ptr, message.len, words, strlen(words)))
        fail_msg("%s: expected \"%s\", got \"%.*s\"", field, words, (int)message.len, message.ptr);
}

static void what_is_sent_by_a_page_arrives_whole(void **state)
{
    struct fixture *f = *state;
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
    struct fixture *f = *state;
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
    struct fixture *f = *state;
    assert_int_equal(multipart(f, "------b\r\nContent-Disposition: form-data; name=\"topic\"\r\n\r\nMøde\r\n"
                                  "------b\r\ncontent-disposition: form-data; name=\"text\"\r\n"
                                  "Content-Type: text/plain; charset=UTF-8\r\n\r\nEn\r\nTo\r\n\r\n--x\r\n"
                                  "------b\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\n\r\n------b--\r\n"), 0);
    assert_text(f->data->topic, "Møde");
    assert_text(f->data->text, "En\nTo\n\n--x");
    assert_int_equal(f->data->email.len, 0);
    assert_int_equal(f->data->day, FORM_NO_DATE);
}

static void a_multipart_body_is_strict(void **state)
{
    struct fixture *f = *state;
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
    assert_int_equal(parse(f, &meeting_form, FORM_MULTIPART, STR(good), "b"), 0);
    static const char *const boundaries[] = { "", "b\r\n", "b ", "b\"", "æ",
        "12345678901234567890123456789012345678901234567890123456789012345678901" };
    for (size_t i = 0; i < sizeof(boundaries) / sizeof(boundaries[0]); i++)
        assert_int_equal(parse(f, &meeting_form, FORM_MULTIPART, STR(good), boundaries[i]), -EBADMSG);
}

static void a_file_is_refused_with_words(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(multipart(f, "------b\r\nContent-Disposition: form-data; name=\"topic\"; filename=\"a.png\"\r\n"
                                  "Content-Type: image/png\r\n\r\npng\xff\r\n------b--\r\n"), -EINVAL);
    assert_says(f, "topic", "Files can't be sent");
}

static void bytes_that_are_no_form_are_malformed(void **state)
{
    struct fixture *f = *state;
    static const char *const bodies[] = { "topic=%", "topic=%4", "topic=%zz", "topic=%ff", "topic=%00", "top%C3ic=x",
                                          "topic=%ED%A0%80", "topic=%C0%AF", "topic=\xf8" };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++)
        assert_int_equal(urlencoded(f, bodies[i]), -EBADMSG);
    assert_int_equal(parse(f, &meeting_form, FORM_URLENCODED, STR("topic=a\0b"), NULL), -EBADMSG);
    assert_int_equal(parse(f, &meeting_form, FORM_SOURCE_UNSET, STR("topic=ab"), NULL), -EBADMSG);
}

static void json_that_is_not_ours_is_malformed(void **state)
{
    struct fixture *f = *state;
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
    assert_int_equal(parse(f, &meeting_form, FORM_JSON, STR("{\"topic\": \"a\0b\"}"), NULL), -EBADMSG);
}

static void deep_json_and_wide_json_are_refused_before_they_are_built(void **state)
{
    struct fixture *f = *state;
    static char deep[200000];
    memset(deep, '[', sizeof(deep));
    assert_int_equal(parse(f, &meeting_form, FORM_JSON, (struct str){ deep, sizeof(deep) }, NULL), -EBADMSG);
    for (size_t i = 0; i < sizeof(deep); i++)
        deep[i] = i == 0 ? '[' : i % 2 ? '1' : ',';
    assert_int_equal(parse(f, &meeting_form, FORM_JSON, (struct str){ deep, sizeof(deep) }, NULL), -E2BIG);
    // Brackets and commas in a text are text.
    assert_int_equal(json(f, "{\"topic\": \"[[[[[[[[[\"}"), 0);
}

static void json_values_of_the_wrong_type_are_refused(void **state)
{
    struct fixture *f = *state;
    static const char *const values[] = { "\"topic\": 1", "\"topic\": null", "\"topic\": [\"ab\"]", "\"topic\": {}",
        "\"topic\": true", "\"number\": \"3\"", "\"number\": 3.0", "\"number\": 1e1", "\"number\": null", "\"number\": true",
        "\"person\": 77", "\"kind\": 1", "\"day\": 20101224", "\"agreed\": 1", "\"agreed\": \"on\"" };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct str body = arena_format(f->arena, "{%s}", values[i]);
        assert_int_equal(parse(f, &meeting_form, FORM_JSON, body, NULL), -EINVAL);
        char *name = strdup(values[i] + 1);
        *strchr(name, '"') = '\0';
        assert_says(f, name, "wrong type");
        free(name);
    }
}

static void an_unknown_field_is_named(void **state)
{
    struct fixture *f = *state;
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
    struct fixture *f = *state;
    assert_int_equal(urlencoded(f, "topic=ab&topic=cd"), -EINVAL);
    assert_says(f, "topic", "more than once");
}

static void too_many_fields_are_refused(void **state)
{
    struct fixture *f = *state;
    static char body[64 * 1024];
    for (size_t i = 0; i < sizeof(body); i++)
        body[i] = i % 2 ? '&' : 'a';
    assert_int_equal(parse(f, &meeting_form, FORM_URLENCODED, (struct str){ body, 2 * 65 }, NULL), -E2BIG);
    assert_int_equal(parse(f, &meeting_form, FORM_URLENCODED, (struct str){ body, sizeof(body) }, NULL), -E2BIG);
    assert_int_equal(parse(f, &meeting_form, FORM_URLENCODED, (struct str){ body, 2 * 64 }, NULL), -EINVAL);
    assert_int_equal(f->errors.count, FORM_ERRORS_MAX);
}

static void lengths_are_counted_in_characters(void **state)
{
    struct fixture *f = *state;
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
    struct fixture *f = *state;
    static const char *const bodies[] = { "", "topic=", "topic=+++", "topic=%0A", "topic=%C2%A0%E2%80%8B", "topic", "text=a" };
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        assert_int_equal(urlencoded(f, bodies[i]), -EINVAL);
        assert_says(f, "topic", "Fill in “Topic”.");
    }
    assert_int_equal(parse(f, &strict_form, FORM_URLENCODED, STR("number=&person=&kind=&day=&email=&text=+&agreed=0"), NULL),
                     -EINVAL);
    assert_int_equal(f->errors.count, 7);
    assert_says(f, "number", "Fill in “Number”.");
    assert_says(f, "person", "Choose one under “Person”.");
    assert_says(f, "kind", "Choose one under “Kind”.");
    assert_says(f, "day", "day, month and year");
    assert_says(f, "email", "name@example.com");
    assert_says(f, "text", "Write a message.");
    assert_says(f, "agreed", "Tick “Agreed”");
    assert_int_equal(parse(f, &strict_form, FORM_JSON, STR("{}"), NULL), -EINVAL);
    assert_int_equal(f->errors.count, 7);
    assert_int_equal(parse(f, &strict_form, FORM_JSON,
                           STR("{\"number\": 0, \"person\": \"1\", \"kind\": \"visit\", \"day\": \"1970-01-01\", \"agreed\": true,"
                               "\"email\": \"a@b.dk\", \"text\": \"x\"}"), NULL), 0);
    assert_int_equal(f->data->day, 0);
}

static void hidden_signs_are_refused(void **state)
{
    struct fixture *f = *state;
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
    struct fixture *f = *state;
    static const char *const good[] = { "a@b.dk", "anne.b+skole@post.skole.dk", "x_y@bl%C3%A5b%C3%A6r.dk", "a'b@c-d.dk" };
    static const char *const bad[] = { "a", "a@", "@b.dk", "a@b", "a@b.", "a@.dk", "a@b..dk", "a@b.dk.", "a@@b.dk", "a@b@c.dk",
        "a+b@c.dk", "a%20b@c.dk", ".a@b.dk", "a.@b.dk", "a..b@c.dk", "a@-b.dk", "a@b-.dk", "a@b_c.dk", "%3Ca@b.dk%3E",
        "a@b.dk,c@d.dk", "a,b@c.dk", "\"a b\"@c.dk", "a@[127.0.0.1]", "a%C3%A6@b.dk", "a@b%E2%80%8B.dk", "a@b.dk%0D%0AX: y",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@b.dk" };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct str body = arena_format(f->arena, "topic=ab&email=%s", i == 1 ? "anne.b%2Bskole@post.skole.dk" : good[i]);
        assert_int_equal(parse(f, &meeting_form, FORM_URLENCODED, body, NULL), 0);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct str body = arena_format(f->arena, "topic=ab&email=%s", bad[i]);
        if (parse(f, &meeting_form, FORM_URLENCODED, body, NULL) != -EINVAL)
            fail_msg("was taken: %s", bad[i]);
        assert_true(form_error_of(&f->errors, "email").len > 0);
    }
}

static void dates_are_read_as_people_write_them(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *text;
        int64_t day;
    } good[] = {
        { "2010-12-24", 14967 }, { "24-12-2010", 14967 }, { "24.12.2010", 14967 }, { "24/12/2010", 14967 }, { "+1-1-1970+", 0 },
        { "2000-02-29", 11016 }, { "01-01-1900", -25567 },
    };
    static const char *const bad[] = { "x", "29-02-1900", "29-02-2023", "31-04-2020", "32-01-2020", "0-1-2020", "1-13-2020",
        "1-1-20", "2010-12", "2010-12-24-1", "24 12 2010", "24-12.2010", "1-1-9999", "1-1-0001", "--", "24122010", "-1-1-2000" };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct str body = arena_format(f->arena, "topic=ab&day=%s", good[i].text);
        assert_int_equal(parse(f, &meeting_form, FORM_URLENCODED, body, NULL), 0);
        assert_int_equal(f->data->day, good[i].day);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct str body = arena_format(f->arena, "topic=ab&day=%s", bad[i]);
        assert_int_equal(parse(f, &meeting_form, FORM_URLENCODED, body, NULL), -EINVAL);
        assert_says(f, "day", "24-12-2010");
    }
}

static void numbers_choices_and_ticks_are_checked(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = { "number=21", "number=-6", "number=x", "number=1.5", "number=--1", "number=-",
        "number=99999999999999999999", "number=%2B1", "number=0x1", "person=0", "person=-1", "person=x", "person=01",
        "person=9223372036854775808", "kind=party", "kind=Visit", "agreed=yes", "agreed=2" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct str body = arena_format(f->arena, "topic=ab&%s", bad[i]);
        if (parse(f, &meeting_form, FORM_URLENCODED, body, NULL) != -EINVAL)
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

static void an_exhausted_arena_is_reported_as_such(void **state)
{
    struct fixture *f = *state;
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_sent_by_a_page_arrives_whole),
        TEST(the_same_as_json_gives_the_same),
        TEST(a_multipart_form_gives_the_same),
        TEST(a_multipart_body_is_strict),
        TEST(a_file_is_refused_with_words),
        TEST(bytes_that_are_no_form_are_malformed),
        TEST(json_that_is_not_ours_is_malformed),
        TEST(deep_json_and_wide_json_are_refused_before_they_are_built),
        TEST(json_values_of_the_wrong_type_are_refused),
        TEST(an_unknown_field_is_named),
        TEST(a_repeated_field_is_refused),
        TEST(too_many_fields_are_refused),
        TEST(lengths_are_counted_in_characters),
        TEST(what_is_required_must_hold_something_to_see),
        TEST(hidden_signs_are_refused),
        TEST(addresses_are_addresses),
        TEST(dates_are_read_as_people_write_them),
        TEST(numbers_choices_and_ticks_are_checked),
        TEST(an_exhausted_arena_is_reported_as_such),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
