// SPDX-License-Identifier: MPL-2.0
// What is served, over real sockets.
#include "ask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static int start(void **state)
{
    struct server_options options = peer_options();
    options.reads_forwarded_for = true;
    return peer_start(&options, (struct peer **)state);
}

static int stop(void **state)
{
    peer_stop(*state, 2);
    return 0;
}

static void expect_body(void **state, struct str bytes, const char *body)
{
    struct peer_answer answer = ask(state, bytes);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.body, body);
    peer_answer_free(&answer);
}

#define HOST "Host: x\r\n"
#define POST(fields, body) STR("POST /echo HTTP/1.1\r\n" HOST fields "\r\n" body)

static void a_page_is_answered_and_the_connection_stays(void **state)
{
    int fd = peer_connect(peer_port(*state));
    for (int i = 0; i < 3; i++) {
        assert_true(peer_send(fd, STR("GET /echo%20%41?a=%41&b=+ HTTP/1.1\r\n" HOST "\r\n")));
        struct peer_answer answer = peer_read(fd, true);
        assert_int_equal(answer.status, 200);
        assert_string_equal(answer.body, "GET /echo%20%41?a=%41&b=+");
        assert_non_null(strstr(answer.head, "\r\nDate: "));
        assert_false(answer.closed);
        peer_answer_free(&answer);
    }
    close(fd);
}

static void a_head_request_gets_the_head_of_the_page_only(void **state)
{
    int fd = peer_connect(peer_port(*state));
    assert_true(peer_send(
        fd, STR("HEAD /page HTTP/1.1\r\n" HOST "\r\nGET /echo HTTP/1.1\r\n" HOST "\r\n")));
    struct peer_answer head = peer_read(fd, false), next = peer_read(fd, true);
    assert_int_equal(head.status, 200);
    assert_non_null(strcasestr(head.head, "content-length: 6000"));
    assert_string_equal(next.body, "GET /echo?");
    peer_answer_free(&head);
    peer_answer_free(&next);
    close(fd);
}

static void an_old_client_is_answered_and_the_connection_closed(void **state)
{
    struct peer_answer answer = ask(state, STR("GET /echo HTTP/1.0\r\n\r\n"));
    assert_int_equal(answer.status, 200);
    assert_true(answer.closed);
    peer_answer_free(&answer);
    answer = ask(state, STR("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
    assert_int_equal(answer.status, 200);
    assert_false(answer.closed);
    peer_answer_free(&answer);
}

static void a_body_arrives_whole(void **state)
{
    expect_body(state, POST("Content-Length: 5\r\n", "hello"), "hello");
    expect_body(state, POST("Content-Length: 0\r\n", ""), "POST /echo?");
    expect_body(state, POST("content-length:5\r\n", "hello"), "hello");
}

static void a_body_that_comes_in_pieces_arrives_whole(void **state)
{
    int fd = peer_connect(peer_port(*state));
    struct buf body = buf_bounded(PEER_BODY_MAX);
    for (int i = 0; i < PEER_BODY_MAX; i++)
        buf_char(&body, (char)('a' + i % 26));
    assert_true(peer_send(fd, STR("POST /echo HTTP/1.1\r\nHos")));
    usleep(2000);
    assert_true(
        peer_send(fd, STR("t: x\r\nContent-Length: 100000\r\nExpect: 100-continue\r\n\r\n")));
    struct peer_answer go = peer_read(fd, false);
    assert_int_equal(go.status, 100);
    for (size_t at = 0; at < body.len; at += 20000) {
        assert_true(peer_send(fd, (struct str){ body.data + at, 20000 }));
        usleep(1000);
    }
    struct peer_answer answer = peer_read(fd, true);
    assert_int_equal(answer.status, 200);
    assert_int_equal(answer.body_len, body.len);
    assert_memory_equal(answer.body, body.data, body.len);
    peer_answer_free(&go);
    peer_answer_free(&answer);
    buf_free(&body);
    close(fd);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    int fd = peer_connect(peer_port(*state));
    assert_true(
        peer_send(fd, STR("GET /wait?20 HTTP/1.1\r\n" HOST "\r\nGET /b HTTP/1.1\r\n" HOST "\r\n"
                          "POST /c HTTP/1.1\r\n" HOST
                          "Content-Length: 3\r\n\r\nxyzGET /d HTTP/1.1\r\n" HOST "\r\n")));
    const char *expected[] = { "GET /wait?20", "GET /b?", "xyz", "GET /d?" };
    for (size_t i = 0; i < 4; i++) {
        struct peer_answer answer = peer_read(fd, true);
        assert_int_equal(answer.status, 200);
        assert_string_equal(answer.body, expected[i]);
        peer_answer_free(&answer);
    }
    close(fd);
}

static void a_client_that_closes_its_half_still_gets_the_answer(void **state)
{
    const char *requests[] = { "GET /echo HTTP/1.1\r\n" HOST "\r\n",
                               "GET /wait?30 HTTP/1.1\r\n" HOST "\r\n",
                               "GET /big HTTP/1.1\r\n" HOST "\r\n" };
    int others[16];   // the library treats its oldest connection differently
    for (size_t i = 0; i < 16; i++)
        others[i] = peer_connect(peer_port(*state));
    for (size_t i = 0; i < 12; i++) {
        int fd = peer_connect(peer_port(*state));
        assert_true(peer_send(fd, str_from(requests[i % 3])));
        shutdown(fd, SHUT_WR);
        struct peer_answer answer = peer_read(fd, true);
        assert_int_equal(answer.status, 200);
        if (i % 3 == 2)
            assert_int_equal(answer.body_len, PEER_BIG);
        peer_answer_free(&answer);
        close(fd);
    }
    for (size_t i = 0; i < 16; i++)
        close(others[i]);
}

static void the_address_is_the_one_that_our_front_saw(void **state)
{
    expect_body(state, STR("GET /address HTTP/1.1\r\n" HOST "\r\n"), "127.0.0.1 http");
    expect_body(state,
                STR("GET /address HTTP/1.1\r\n" HOST "X-Forwarded-For: 6.6.6.6, 192.0.2.7\r\n"
                    "X-Forwarded-Proto: https\r\n\r\n"),
                "192.0.2.7 https");
    expect_body(state,
                STR("GET /address HTTP/1.1\r\n" HOST
                    "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 2001:db8::1\r\n\r\n"),
                "2001:db8::1 http");
    expect_body(state, STR("GET /address HTTP/1.1\r\n" HOST "X-Forwarded-For: <script>\r\n\r\n"),
                "127.0.0.1 http");
}

static void a_cookie_is_found_by_its_whole_name(void **state)
{
    expect_body(state,
                STR("GET /cookie HTTP/1.1\r\n" HOST "Cookie: xsid=1; sid=a-b_c; sid=other\r\n\r\n"),
                "a-b_c");
    expect_body(state, STR("GET /cookie HTTP/1.1\r\n" HOST "Cookie: sidx=1; a=sid=2\r\n\r\n"), "");
    expect_body(state, STR("GET /cookie HTTP/1.1\r\n" HOST "Cookie: sid=\"quoted\"\r\n\r\n"),
                "quoted");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_answered_and_the_connection_stays),
        cmocka_unit_test(a_head_request_gets_the_head_of_the_page_only),
        cmocka_unit_test(an_old_client_is_answered_and_the_connection_closed),
        cmocka_unit_test(a_body_arrives_whole),
        cmocka_unit_test(a_body_that_comes_in_pieces_arrives_whole),
        cmocka_unit_test(pipelined_requests_are_answered_in_order),
        cmocka_unit_test(a_client_that_closes_its_half_still_gets_the_answer),
        cmocka_unit_test(the_address_is_the_one_that_our_front_saw),
        cmocka_unit_test(a_cookie_is_found_by_its_whole_name),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
