// SPDX-License-Identifier: MPL-2.0
// What is refused before anybody looks at it, over real sockets.
#include "ask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static int start(void **state)
{
    struct server_options options = peer_options();
    return peer_start(&options, (struct peer **)state);
}

static int stop(void **state)
{
    peer_stop(*state, 2);
    return 0;
}

#define HOST "Host: x\r\n"
#define GET(fields) STR("GET /echo HTTP/1.1\r\n" HOST fields "\r\n")
#define POST(fields, body) STR("POST /echo HTTP/1.1\r\n" HOST fields "\r\n" body)

static void what_two_servers_could_read_differently_is_refused(void **state)
{
    expect(state, POST("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 400);
    expect(state, POST("Content-Length: 5\r\nContent-Length: 6\r\n", "hello!"), 400);
    expect(state, POST("Content-Length: 5, 5\r\n", "hello"), 400);
    expect(state, POST("Content-Length: +5\r\n", "hello"), 400);
    expect(state, POST("Content-Length: -5\r\n", "hello"), 400);
    expect(state, POST("Content-Length: 0x5\r\n", "hello"), 400);
    expect(state, POST("Content-Length: 5 5\r\n", "hello"), 400);
    expect(state, POST("Content-Length:\r\n", "hello"), 400);
    expect(state, POST("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400);
    expect(state, POST("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), 400);
    expect(state, POST("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
           400);
    expect(state, POST("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400);
    expect(state, POST("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 400);
    expect(state, POST("Transfer-Encoding: chunked\x0b\r\n", "0\r\n\r\n"), 400);
    expect(state, POST("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400);
    expect(state, POST("Content-Length : 5\r\n", "hello"), 400);
    expect(state, POST(" Content-Length: 5\r\n", "hello"), 400);
    expect(state, POST("X: y\r\n Content-Length: 5\r\n", "hello"), 400);
    expect(state, POST("Content-Length\r\n", "hello"), 400);
    expect(state, STR("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
    // Chunks are asked to be sent with a length instead, whatever they look like.
    expect(state, POST("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"), 411);
    expect(state, POST("Transfer-Encoding: chunked\r\n", "3\nabc\n0\n\n"), 411);
    expect(state, GET("Transfer-Encoding: chunked\r\n"), 411);
}

static void malformed_header_lines_are_refused(void **state)
{
    expect(state, GET("Name : value\r\n"), 400);
    expect(state, GET("Name\t: value\r\n"), 400);
    expect(state, GET("X: a\r\n b\r\n"), 400);
    expect(state, GET("X: a\r\n\tb\r\nY: c\r\n"), 400);
    expect(state, GET("X: a\0b\r\n"), 400);
    expect(state, GET("X\0: ab\r\n"), 400);
    expect(state, GET("X: a\0\0Y: b\r\n"), 400);
    expect(state, GET("\0X: a\r\n"), 400);
    expect(state, GET("X: a\rb\r\n"), 400);
    expect(state, GET("X: a\nY: b\r\n"), 400);
    expect(state,
           GET("X: a\x01"
               "b\r\n"),
           400);
    expect(state, GET("X: a\x7f\r\n"), 400);
    expect(state, GET(": a\r\n"), 400);
    expect(state, GET("no colon\r\n"), 400);
    expect(state, GET("X\xc3\xa6: a\r\n"), 400);
    expect(state, STR("GET /echo HTTP/1.1\nHost: x\n\n"), 400);
    expect(state, STR("GET /echo HTTP/1.1\r\nHost: x\n\r\n"), 400);
}

static void there_must_be_one_host(void **state)
{
    expect(state, STR("GET /echo HTTP/1.1\r\n\r\n"), 400);
    expect(state, STR("GET /echo HTTP/1.1\r\nX: y\r\n\r\n"), 400);
    expect(state, GET("Host: y\r\n"), 400);
    expect(state, GET("host: x\r\n"), 400);
    expect(state, STR("GET /echo HTTP/1.1\r\nHost:\r\n\r\n"), 400);
    expect(state, STR("GET /echo HTTP/1.1\r\nHost: a b\r\n\r\n"), 400);
    expect(state, STR("GET /echo HTTP/1.1\r\nHost: a@b\r\n\r\n"), 400);
    expect(state, STR("GET /echo HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400);
    expect(state, STR("GET /echo HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"), 200);
}

static void odd_request_lines_are_refused(void **state)
{
    expect(state, STR("GET http://x/echo HTTP/1.1\r\n" HOST "\r\n"), 400);
    expect(state, STR("GET * HTTP/1.1\r\n" HOST "\r\n"), 400);
    expect(state, STR("GET x:80 HTTP/1.1\r\n" HOST "\r\n"), 400);
    expect(state, STR("GET echo HTTP/1.1\r\n" HOST "\r\n"), 400);
    expect(state, STR("GET /a b HTTP/1.1\r\n" HOST "\r\n"), 400);
    expect(state, STR("GET  /echo HTTP/1.1\r\n" HOST "\r\n"), 400);
    expect(state, STR("GET /echo  HTTP/1.1\r\n" HOST "\r\n"), 400);
    expect(state, STR("GET /echo HTTP/1.1 \r\n" HOST "\r\n"), 400);
    expect(state, STR("GET /a\0b HTTP/1.1\r\n" HOST "\r\n"), 400);
    expect(state, STR("GET /a\tb HTTP/1.1\r\n" HOST "\r\n"), 400);
    expect(state, STR("GET /\xc3\xa6 HTTP/1.1\r\n" HOST "\r\n"), 400);
    expect(state, STR("GET /a#b HTTP/1.1\r\n" HOST "\r\n"), 400);
    expect(state, STR("GET /a\\b HTTP/1.1\r\n" HOST "\r\n"), 400);
    expect(state, STR("GET /echo\r\n" HOST "\r\n"), 400);
    expect(state, STR("GET /echo HTTP/2.0\r\n" HOST "\r\n"), 505);
    expect(state, STR("GET /echo HTTP/1.2\r\n" HOST "\r\n"), 505);
    expect(state, STR("GET /echo http/1.1\r\n" HOST "\r\n"), 400);
    expect(state, STR("\x16\x03\x01\x02\r\n\r\n"), 0);   // TLS: closed without a word
}

static void other_methods_are_told_which_there_are(void **state)
{
    const char *methods[] = {
        "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH", "get", "PRI"
    };
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        struct buf request = buf_bounded(1000);
        buf_format(&request, "%s /echo HTTP/1.1\r\n" HOST "\r\n", methods[i]);
        struct peer_answer answer = ask(state, buf_view(&request));
        assert_int_equal(answer.status, 405);
        assert_non_null(strstr(answer.head, "\r\nAllow: GET, HEAD, POST\r\n"));
        peer_answer_free(&answer);
        buf_free(&request);
    }
    expect(state, STR("G(T /echo HTTP/1.1\r\n" HOST "\r\n"), 400);
}

static void a_body_must_have_a_length_within_the_limit(void **state)
{
    expect(state, POST("", ""), 411);
    expect(state, POST("Content-Length: 100001\r\n", ""), 413);
    expect(state, POST("Content-Length: 67108864\r\n", ""), 413);
    expect(state, POST("Content-Length: 9223372036854775807\r\n", ""), 413);
    expect(state, POST("Content-Length: 18446744073709551615\r\n", ""), 400);
    expect(state, POST("Content-Length: 99999999999999999999999\r\n", ""), 413);
    expect(state, GET("Content-Length: 1\r\n"), 413);
}

// What a browser does with a file that is too large: it sends on, and reads when it is done or
// stopped.
static void sixty_four_mebibytes_are_refused_at_once_and_the_reason_arrives(void **state)
{
    char *part = calloc(1, 65536);
    int fd = peer_connect(peer_port(*state));
    assert_true(peer_send(fd, STR("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 67108864\r\n\r\n")));
    size_t sent = 0;
    while (sent < 512 * 1024 && peer_send(fd, (struct str){ part, 65536 }))
        sent += 65536;
    struct peer_answer answer = peer_read(fd, true);
    assert_int_equal(answer.status, 413);
    assert_true(answer.closed);
    peer_answer_free(&answer);
    close(fd);
    free(part);
}

static void expect_generated(void **state, const char *line, size_t count, unsigned status)
{
    struct buf request = buf_bounded(1 << 20);
    buf_lit(&request, "GET /echo HTTP/1.1\r\n" HOST);
    for (size_t i = 0; i < count; i++)
        buf_str(&request, str_from(line));
    buf_lit(&request, "\r\n");
    expect(state, buf_view(&request), status);
    buf_free(&request);
}

static void expect_long(void **state, const char *before, size_t count, const char *after,
                        unsigned status)
{
    struct buf request = buf_bounded(1 << 20);
    buf_str(&request, str_from(before));
    for (size_t i = 0; i < count; i++)
        buf_char(&request, 'a');
    buf_str(&request, str_from(after));
    expect(state, buf_view(&request), status);
    buf_free(&request);
}

static void the_header_has_limits(void **state)
{
    expect_generated(state, "X: y\r\n", 63, 200);
    expect_generated(state, "X: y\r\n", 64, 431);
    expect_generated(state, "X: y\r\n", 10000, 431);
    expect_long(state, "GET /echo HTTP/1.1\r\n" HOST "X: ", 8000, "\r\n\r\n", 200);
    expect_long(state, "GET /echo HTTP/1.1\r\n" HOST "X: ", 8200, "\r\n\r\n", 431);
    expect_long(state, "GET /echo HTTP/1.1\r\n" HOST "X: ", 500000, "\r\n\r\n", 431);
    expect_long(state, "GET /echo HTTP/1.1\r\n" HOST, 500000, "", 431);
    expect_long(state, "GET /echo HTTP/1.1\r\n" HOST "X: ", 17000, "\r\n\r\n", 431);
    expect_long(state, "GET /echo HTTP/1.1\r\n" HOST "Cookie: a=", 6000, "\r\n\r\n", 200);
    expect_long(state, "GET /", 4095, " HTTP/1.1\r\n" HOST "\r\n", 200);
    expect_long(state, "GET /", 4096, " HTTP/1.1\r\n" HOST "\r\n", 414);
    expect_long(state, "GET /?", 100000, " HTTP/1.1\r\n" HOST "\r\n", 414);
    expect_long(state, "", 100000, "", 414);
}

// Each round changes a good request in a few places; whatever comes of it, the connection ends in
// time and the next client is served.
static void bytes_that_make_no_sense_do_no_harm(void **state)
{
    struct server_options options = peer_options();
    struct peer *peer;
    options.header_seconds = 1;
    options.idle_seconds = 1;
    assert_int_equal(peer_start(&options, &peer), 0);
    (void)state;
    static const char good[] =
        "POST /echo?a=b HTTP/1.1\r\nHost: x\r\nCookie: sid=1\r\nContent-Length: 3\r\n\r\n"
        "abcGET /wait?1 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n";
    static const char odd[] = "\0\r\n\t :;,?%/\xff"
                              "0aZ";
    uint64_t seed = 88172645463325252;
    for (int round = 0; round < 1500; round++) {
        char bytes[sizeof(good) - 1];
        memcpy(bytes, good, sizeof(bytes));
        for (int change = 0; change < 1 + round % 5; change++) {
            // xorshift64 (Marsaglia 2003): the same changes each time
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            bytes[seed % sizeof(bytes)] = odd[(seed >> 32) % (sizeof(odd) - 1)];
        }
        int fd = peer_connect(peer_port(peer));
        assert_true(fd >= 0);
        (void)peer_send(fd, (struct str){ bytes, sizeof(bytes) });
        if (round % 3 == 0) {
            shutdown(fd, SHUT_WR);
            assert_true(peer_closes(fd, 5000));
        }
        close(fd);
    }
    expect((void **)&peer, GET(""), 200);
    peer_stop(peer, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_two_servers_could_read_differently_is_refused),
        cmocka_unit_test(malformed_header_lines_are_refused),
        cmocka_unit_test(there_must_be_one_host),
        cmocka_unit_test(odd_request_lines_are_refused),
        cmocka_unit_test(other_methods_are_told_which_there_are),
        cmocka_unit_test(a_body_must_have_a_length_within_the_limit),
        cmocka_unit_test(sixty_four_mebibytes_are_refused_at_once_and_the_reason_arrives),
        cmocka_unit_test(the_header_has_limits),
        cmocka_unit_test(bytes_that_make_no_sense_do_no_harm),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
