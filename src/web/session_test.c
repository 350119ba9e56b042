// SPDX-License-Identifier: MPL-2.0
#include "web/router_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <unistd.h>

#include "../../test/load/peer.h"

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

static void who_is_not_signed_in_is_led_to_signing_in(void **state)
{
    struct browser b = browser_new(*state);
    assert_int_equal(browser_get(&b, "/test/mine"), 303);
    assert_string_equal(browser_header(&b, "Location"), "/login?next=%2Ftest%2Fmine");
    assert_int_equal(browser_ask(&b, "GET", "/test/mine", "Accept: application/json\r\n", NULL),
                     401);
    assert_string_equal(browser_header(&b, "Content-Type"), "application/problem+json");
    assert_true(shows(&b, "\"status\":401"));
    assert_int_equal(browser_ask(&b, "GET", "/test/mine", "HX-Request: true\r\n", NULL), 401);
    browser_close(&b);
}

static void a_form_from_elsewhere_is_refused(void **state)
{
    struct browser b = browser_new(*state), other = browser_new(*state);
    char body[400], headers[400];
    browser_sign_in(&b, METTE);
    browser_sign_in(&other, KARIM);
    browser_get(&b, "/test/mine");
    browser_get(&other, "/test/mine");
    assert_int_equal(browser_ask(&b, "POST", "/test/logout", FORM_TYPE, ""), 403);
    assert_int_equal(browser_ask(&b, "POST", "/test/logout", FORM_TYPE, "csrf=1234"), 403);
    snprintf(body, sizeof(body), "csrf=%s", other.token);
    assert_int_equal(browser_ask(&b, "POST", "/test/logout", FORM_TYPE, body), 403);
    snprintf(body, sizeof(body), "csrf=%s", b.token);
    assert_int_equal(
        browser_ask(&b, "POST", "/test/logout", FORM_TYPE "Origin: https://evil.example\r\n", body),
        403);
    assert_int_equal(browser_ask(&b, "POST", "/test/logout", FORM_TYPE "Origin: null\r\n", body),
                     403);
    assert_int_equal(
        browser_ask(&b, "POST", "/test/logout", FORM_TYPE "Sec-Fetch-Site: cross-site\r\n", body),
        403);
    assert_int_equal(
        browser_ask(&b, "POST", "/test/logout", FORM_TYPE "Sec-Fetch-Site: same-site\r\n", body),
        403);
    assert_int_equal(browser_ask(&b, "POST", "/test/logout", JSON_TYPE, "{}"), 403);
    assert_int_equal(browser_get(&b, "/test/mine"), 200);
    snprintf(headers, sizeof(headers),
             JSON_TYPE "Origin: https://samtraad.example.dk\r\nX-CSRF-Token: %s\r\n", b.token);
    assert_int_equal(browser_ask(&b, "POST", "/test/logout", headers, "{}"), 200);
    browser_close(&b);
    browser_close(&other);
}

static void a_token_is_masked_anew_on_each_page(void **state)
{
    struct browser b = browser_new(*state);
    char first[200];
    browser_sign_in(&b, METTE);
    browser_get(&b, "/test/mine");
    memcpy(first, b.token, sizeof(first));
    browser_get(&b, "/test/mine");
    assert_int_equal(strlen(first), 128);
    assert_string_not_equal(first, b.token);
    memcpy(b.token, first, sizeof(first));
    assert_int_equal(browser_post(&b, "/test/logout", ""), 303);
    browser_close(&b);
}

static void a_session_ends_when_it_was_not_used_and_after_a_working_day(void **state)
{
    struct installation *installation = *state;
    struct browser b = browser_new(installation);
    browser_sign_in(&b, METTE);
    installation_later(installation, 29 * MINUTE_MS);
    assert_int_equal(browser_get(&b, "/test/mine"), 200);
    usleep(100000);   // the note of use goes through the writer on its own
    installation_later(installation, 29 * MINUTE_MS);
    assert_int_equal(browser_get(&b, "/session"), 200);   // does not count as use
    assert_true(shows(&b, "data-seconds=\"5"));
    assert_int_equal(
        browser_ask(&b, "GET", "/test/mine", "HX-Request: true\r\nX-Idle: true\r\n", NULL), 200);
    usleep(100000);
    installation_later(installation, 2 * MINUTE_MS);
    assert_int_equal(browser_get(&b, "/test/mine"), 303);

    browser_sign_in(&b, METTE);
    for (unsigned i = 0; i < 23; i++) {
        installation_later(installation, 20 * MINUTE_MS);
        assert_int_equal(browser_get(&b, "/session"), 200);
        assert_int_equal(browser_post(&b, "/session/stay", "next=/test/page"), 303);
        assert_string_equal(browser_header(&b, "Location"), "/test/page");
    }
    installation_later(installation, 20 * MINUTE_MS);
    assert_int_equal(browser_get(&b, "/test/mine"), 303);
    browser_close(&b);
}

static void signing_in_makes_a_new_session_and_ends_the_old(void **state)
{
    struct browser b = browser_new(*state), thief = browser_new(*state);
    browser_get(&b, "/test/page");
    memcpy(thief.cookie, b.cookie, sizeof(b.cookie));   // planted before
    browser_sign_in(&b, METTE);
    assert_string_not_equal(b.cookie, thief.cookie);
    assert_int_equal(browser_get(&thief, "/test/mine"), 303);
    memcpy(thief.cookie, b.cookie, sizeof(b.cookie));
    assert_int_equal(browser_get(&thief, "/test/mine"), 200);
    browser_sign_in(&b, KARIM);
    assert_int_equal(browser_get(&b, "/test/mine"), 200);
    assert_true(shows(&b, "word: Karim"));
    assert_int_equal(browser_get(&thief, "/test/mine"), 303);
    browser_close(&b);
    browser_close(&thief);
}

static void signing_out_cuts_the_open_streams(void **state)
{
    struct browser b = browser_new(*state), other = browser_new(*state);
    browser_sign_in(&b, METTE);
    browser_sign_in(&other, METTE);
    int stream = browser_listen(&b, "/test/live"), kept = browser_listen(&other, "/test/live");
    assert_true(stream >= 0 && kept >= 0);
    browser_get(&b, "/test/mine");
    assert_int_equal(browser_post(&b, "/test/logout", ""), 303);
    assert_true(peer_closes(stream, 2000));
    assert_int_equal(browser_listen(&b, "/test/live"), -1);
    assert_int_equal(b.status, 303);
    browser_get(&other, "/test/mine");
    assert_int_equal(browser_post(&other, "/test/room/1001", "word=ord"), 303);
    char text[200] = "";
    for (size_t len = 0; len < sizeof(text) - 1 && !strstr(text, "data: ord\n\n");) {
        ssize_t got = read(kept, text + len, sizeof(text) - 1 - len);
        assert_true(got > 0);
        len += (size_t)got;
    }
    assert_non_null(strstr(text, "event: wrote\n"));
    close(stream);
    close(kept);
    browser_close(&b);
    browser_close(&other);
}

static void the_language_is_what_was_chosen(void **state)
{
    struct browser b = browser_new(*state), other = browser_new(*state);
    browser_get(&b, "/nowhere");
    assert_true(shows(&b, "lang=\"da\""));
    browser_ask(&b, "GET", "/nowhere", "Accept-Language: de-DE, en-GB;q=0.8, da;q=0.5\r\n", NULL);
    assert_true(shows(&b, "lang=\"en\""));
    browser_sign_in(&b, METTE);
    browser_get(&b, "/test/mine");
    assert_int_equal(browser_post(&b, "/language", "language=en&next=//evil.example/"), 303);
    assert_string_equal(browser_header(&b, "Location"), "/");
    assert_non_null(strstr(browser_header(&b, "Set-Cookie"), "samtraad-language=en;"));
    browser_sign_in(&other, METTE);
    browser_get(&other, "/test/mine");
    assert_true(shows(&other, "lang=\"en\""));
    assert_int_equal(browser_post(&other, "/language", "language=xx"), 422);
    browser_close(&b);
    browser_close(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_not_signed_in_is_led_to_signing_in),
        cmocka_unit_test(a_form_from_elsewhere_is_refused),
        cmocka_unit_test(a_token_is_masked_anew_on_each_page),
        cmocka_unit_test(a_session_ends_when_it_was_not_used_and_after_a_working_day),
        cmocka_unit_test(signing_in_makes_a_new_session_and_ends_the_old),
        cmocka_unit_test(signing_out_cuts_the_open_streams),
        cmocka_unit_test(the_language_is_what_was_chosen),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
