// SPDX-License-Identifier: MPL-2.0
#include "web/router_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define FORM_TYPE "Content-Type: application/x-www-form-urlencoded\r\n"
#define JSON_TYPE "Content-Type: application/json\r\nAccept: application/json\r\n"

static int setup(void **state)
{
    struct installation *installation = NULL;
    int r = installation_start(&installation);
    *state = installation;
    return r;
}

static int teardown(void **state)
{
    installation_stop(*state);
    return 0;
}

static bool shows(const struct browser *browser, const char *text)
{
    return browser->body && strstr(browser->body, text);
}

static void an_address_that_is_not_there_says_so(void **state)
{
    struct browser b = browser_new(*state);
    assert_int_equal(browser_get(&b, "/nowhere"), 404);
    assert_true(shows(&b, "<!doctype html>"));
    assert_true(shows(&b, "href=\"/\""));
    assert_int_equal(browser_get(&b, "/test/mine/"), 404);
    assert_int_equal(browser_get(&b, "/test/../test/page"), 404);
    assert_int_equal(browser_get(&b, "/test/room/0"), 404);
    assert_int_equal(browser_get(&b, "/test/room/007"), 404);
    assert_int_equal(browser_get(&b, "/test/raw/%ff"), 400);
    assert_int_equal(browser_get(&b, "/test/raw/a%00b"), 400);
    assert_int_equal(browser_get(&b, "/test/raw/a%0ab"), 400);
    assert_int_equal(browser_get(&b, "/test/raw/%2"), 400);
    assert_int_equal(browser_get(&b, "/test/raw/%2e%2e"), 404);
    assert_int_equal(browser_get(&b, "/asset/nothing.css"), 404);
    browser_close(&b);
}

static void a_part_of_a_path_is_decoded_once(void **state)
{
    struct browser b = browser_new(*state);
    assert_int_equal(browser_get(&b, "/test/raw/bl%C3%A5b%C3%A6r%2525%2Fx"), 200);
    assert_true(shows(&b, "word: blåbær%25/x;"));
    browser_close(&b);
}

static void a_method_that_is_not_there_names_those_that_are(void **state)
{
    struct browser b = browser_new(*state);
    assert_int_equal(browser_ask(&b, "POST", "/test/page", FORM_TYPE, ""), 405);
    assert_string_equal(browser_header(&b, "Allow"), "GET, HEAD");
    assert_int_equal(browser_ask(&b, "DELETE", "/test/room/5", "", NULL), 405);
    assert_string_equal(browser_header(&b, "Allow"), "GET, HEAD, POST");
    assert_int_equal(browser_get(&b, "/test/logout"), 405);
    assert_string_equal(browser_header(&b, "Allow"), "POST");
    assert_int_equal(browser_ask(&b, "HEAD", "/test/page", "", NULL), 200);
    browser_close(&b);
}

static void a_query_is_held_to_its_form(void **state)
{
    struct browser b = browser_new(*state);
    assert_int_equal(browser_get(&b, "/test/page?word=hej"), 200);
    assert_true(shows(&b, "word: hej;"));
    assert_int_equal(browser_get(&b, "/test/page?word=alt%20for%20mange%20bogstaver"), 422);
    assert_int_equal(browser_get(&b, "/test/page?other=1"), 422);
    assert_int_equal(browser_get(&b, "/test/page?word=%ff"), 400);
    assert_int_equal(browser_get(&b, "/test/raw/a?x=1"), 400);
    browser_close(&b);
}

static void the_same_page_comes_whole_as_a_part_and_as_json(void **state)
{
    struct browser b = browser_new(*state);
    browser_sign_in(&b, METTE);
    assert_int_equal(browser_get(&b, "/test/mine"), 200);
    assert_true(shows(&b, "<!doctype html>"));
    assert_true(shows(&b, "word: Mette &lt;Lind&gt;;"));
    assert_int_equal(browser_ask(&b, "GET", "/test/mine", "HX-Request: true\r\n", NULL), 200);
    assert_false(shows(&b, "<!doctype html>"));
    assert_true(shows(&b, "word: Mette"));
    assert_int_equal(
        browser_ask(&b, "GET", "/test/mine", "HX-Request: true\r\nHX-Boosted: true\r\n", NULL),
        200);
    assert_true(shows(&b, "<!doctype html>"));
    assert_int_equal(browser_ask(&b, "GET", "/test/mine", "Accept: application/json\r\n", NULL),
                     200);
    assert_string_equal(browser_header(&b, "Content-Type"), "application/json");
    assert_string_equal(b.body, "{\"word\":\"Mette <Lind>\",\"number\":1001}");
    browser_close(&b);
}

static void every_answer_is_kept_from_caches_frames_and_scripts(void **state)
{
    struct browser b = browser_new(*state);
    const char *const paths[] = { "/test/page", "/nowhere", "/test/mine", "/healthz" };
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        browser_get(&b, paths[i]);
        assert_string_equal(browser_header(&b, "Cache-Control"), "no-store");
        assert_string_equal(browser_header(&b, "X-Content-Type-Options"), "nosniff");
        assert_string_equal(browser_header(&b, "Referrer-Policy"), "same-origin");
        assert_non_null(
            strstr(browser_header(&b, "Content-Security-Policy"), "default-src 'none'"));
        assert_non_null(
            strstr(browser_header(&b, "Content-Security-Policy"), "frame-ancestors 'none'"));
    }
    browser_close(&b);
}

static void a_body_in_an_unknown_language_is_refused(void **state)
{
    struct browser b = browser_new(*state);
    browser_sign_in(&b, METTE);
    assert_int_equal(
        browser_ask(&b, "POST", "/test/room/1001", "Content-Type: text/plain\r\n", "word=x"), 415);
    assert_int_equal(browser_ask(&b, "POST", "/test/room/1001",
                                 "Content-Type: multipart/form-data\r\n", "word=x"),
                     415);
    assert_int_equal(browser_ask(&b, "POST", "/test/room/1001", "", "word=x"), 415);
    assert_int_equal(
        browser_ask(&b, "POST", "/test/room/1001",
                    "Content-Type: application/x-www-form-urlencoded; charset=utf-16\r\n",
                    "word=x"),
        415);
    assert_true(shows(&b, "Mette &lt;Lind&gt;"));   // still signed in, and the page knows it
    assert_int_equal(browser_get(&b, "/test/mine"), 200);
    browser_close(&b);
}

static void a_refused_form_comes_back_with_what_was_typed(void **state)
{
    struct installation *installation = *state;
    struct browser b = browser_new(installation);
    char headers[400];
    browser_sign_in(&b, METTE);
    browser_get(&b, "/test/mine");
    uint64_t before = installation_records(installation);
    assert_int_equal(browser_post(&b, "/test/room/1001", "word=bad"), 422);
    assert_true(shows(&b, "word: Log ind;"));
    assert_true(shows(&b, "number: 1001"));
    assert_int_equal(installation_records(installation),
                     before + 1);   // what was shown, not what was refused
    assert_int_equal(browser_post(&b, "/test/room/1001", "word="), 422);
    assert_int_equal(browser_post(&b, "/test/room/1001", "word=%ff"), 400);
    snprintf(headers, sizeof(headers), JSON_TYPE "X-CSRF-Token: %s\r\n", b.token);
    assert_int_equal(browser_ask(&b, "POST", "/test/room/1001", headers, "{\"word\":\"bad\"}"),
                     422);
    assert_string_equal(browser_header(&b, "Content-Type"), "application/problem+json");
    assert_true(shows(&b, "\"errors\":[{\"field\":\"word\",\"message\":\"Log ind\"}]"));
    browser_close(&b);
}

static void nobody_learns_of_a_room_that_is_not_theirs(void **state)
{
    struct browser b = browser_new(*state);
    browser_sign_in(&b, METTE);
    browser_get(&b, "/test/mine");
    assert_int_equal(browser_get(&b, "/test/room/1001"), 200);
    assert_int_equal(browser_get(&b, "/test/room/1002"), 404);
    assert_int_equal(browser_get(&b, "/test/room/1011"), 404);   // was excluded
    assert_int_equal(browser_get(&b, "/test/room/5000"), 404);   // is not there
    assert_int_equal(browser_post(&b, "/test/room/1002", "word=x"), 404);
    assert_int_equal(browser_post(&b, "/test/room/1002", "nonsense=x"), 404);
    assert_int_equal(browser_post(&b, "/test/room/1002", "word=bad"), 404);
    assert_int_equal(browser_post(&b, "/test/room/1001", "word=x"), 303);
    browser_close(&b);
}

static void a_read_is_logged_before_it_is_answered_and_a_write_with_it(void **state)
{
    struct installation *installation = *state;
    struct browser b = browser_new(installation);
    browser_sign_in(&b, METTE);
    uint64_t before = installation_records(installation);
    assert_int_equal(browser_get(&b, "/test/mine"), 200);
    assert_int_equal(installation_records(installation), before + 1);
    assert_int_equal(browser_get(&b, "/test/page"), 200);
    assert_int_equal(installation_records(installation), before + 1);
    assert_int_equal(browser_get(&b, "/test/room/1002"), 404);
    assert_int_equal(installation_records(installation), before + 1);
    assert_int_equal(browser_post(&b, "/test/room/1001", "word=x"), 303);
    assert_int_equal(installation_records(installation),
                     before + 3);   // its own and one of request_audit
    uint64_t room = installation_records_of(installation, 1001);
    assert_int_equal(browser_get(&b, "/test/room/1001"), 200);
    assert_int_equal(installation_records_of(installation, 1001), room + 1);
    assert_int_equal(browser_post(&b, "/test/room/1001", "word=x"), 303);
    assert_int_equal(installation_records_of(installation, 1001), room + 3);
    browser_close(&b);
}

static void an_answer_is_made_anew_when_access_was_withdrawn_meanwhile(void **state)
{
    struct browser b = browser_new(*state);
    browser_sign_in(&b, METTE);
    assert_int_equal(browser_get(&b, "/test/again"), 200);
    assert_true(shows(&b, "number: 2<"));
    assert_int_equal(browser_get(&b, "/test/always"), 503);
    browser_close(&b);
}

static void what_reaches_out_runs_apart_and_leads_out_safely(void **state)
{
    struct browser b = browser_new(*state);
    assert_int_equal(browser_get(&b, "/test/prepared"), 200);
    assert_true(shows(&b, "word: prepared"));
    assert_int_equal(browser_get(&b, "/test/out"), 303);
    assert_string_equal(browser_header(&b, "Location"),
                        "https://elsewhere.example/authorize?x=1&y=2");
    browser_get(&b, "/test/page");
    assert_int_equal(browser_post(&b, "/test/out", ""), 303);
    char body[300];
    snprintf(body, sizeof(body), "csrf=%s", b.token);
    assert_int_equal(
        browser_ask(&b, "POST", "/test/out", FORM_TYPE "Sec-Fetch-Dest: document\r\n", body), 200);
    assert_string_equal(browser_header(&b, "Refresh"),
                        "0; url=https://elsewhere.example/authorize?x=1&y=2");
    browser_close(&b);
}

static void a_fault_of_ours_tells_nothing_but_that(void **state)
{
    struct browser b = browser_new(*state);
    assert_int_equal(browser_get(&b, "/test/broken"), 500);
    assert_true(shows(&b, "<!doctype html>"));
    assert_int_equal(browser_get(&b, "/healthz"), 200);
    assert_string_equal(b.body, "ok\n");
    browser_close(&b);
}

static void too_many_writes_from_an_address_are_slowed(void **state)
{
    struct browser b = browser_new(*state);
    unsigned refused = 0;
    for (unsigned i = 0; i < 260 && !refused; i++)
        refused = browser_ask(&b, "POST", "/test/out", FORM_TYPE, "") == 429;
    assert_true(refused);
    assert_true(strtoul(browser_header(&b, "Retry-After"), NULL, 10) >= 1);
    assert_int_equal(browser_get(&b, "/test/page"), 200);
    browser_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_that_is_not_there_says_so),
        cmocka_unit_test(a_part_of_a_path_is_decoded_once),
        cmocka_unit_test(a_method_that_is_not_there_names_those_that_are),
        cmocka_unit_test(a_query_is_held_to_its_form),
        cmocka_unit_test(the_same_page_comes_whole_as_a_part_and_as_json),
        cmocka_unit_test(every_answer_is_kept_from_caches_frames_and_scripts),
        cmocka_unit_test(a_body_in_an_unknown_language_is_refused),
        cmocka_unit_test(a_refused_form_comes_back_with_what_was_typed),
        cmocka_unit_test(nobody_learns_of_a_room_that_is_not_theirs),
        cmocka_unit_test(a_read_is_logged_before_it_is_answered_and_a_write_with_it),
        cmocka_unit_test(an_answer_is_made_anew_when_access_was_withdrawn_meanwhile),
        cmocka_unit_test(what_reaches_out_runs_apart_and_leads_out_safely),
        cmocka_unit_test(a_fault_of_ours_tells_nothing_but_that),
        cmocka_unit_test(too_many_writes_from_an_address_are_slowed),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
