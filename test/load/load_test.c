// SPDX-License-Identifier: MPL-2.0
// Many clients, slow clients, and a server that stops in the middle of it.
#include "peer.h"
#include "base/clock.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define UNREAD 2000   // requests, each answered with 6,000 bytes
#define CLIENTS 256
#define HOST "Host: x\r\n"

static struct peer *start(const struct server_options *options)
{
    struct peer *peer;
    assert_int_equal(peer_start(options, &peer), 0);
    return peer;
}

// Sends the request on all connections and waits for all answers; the milliseconds it took.
static int64_t round_of(const int *fds, struct str request)
{
    int64_t begin = clock_monotonic();
    for (size_t i = 0; i < CLIENTS; i++)
        assert_true(peer_send(fds[i], request));
    for (size_t i = 0; i < CLIENTS; i++) {
        struct peer_answer answer = peer_read(fds[i], true);
        assert_int_equal(answer.status, 200);
        peer_answer_free(&answer);
    }
    return clock_monotonic() - begin;
}

// The library's own thread stalls here: with 128 or more connections a round would last until its
// time-out.
static void hundreds_of_requests_that_wait_for_a_commit_are_all_answered(void **state)
{
    const struct str requests[] = { STR("GET /wait?1 HTTP/1.1\r\n" HOST "\r\n"),
                                    STR("GET /wait?5 HTTP/1.1\r\n" HOST "\r\n"),
                                    STR("GET /wait?0 HTTP/1.1\r\n" HOST "\r\n"),
                                    STR("GET /page HTTP/1.1\r\n" HOST "\r\n") };
    (void)state;
    for (unsigned workers = 1; workers <= 2; workers++) {
        struct server_options options = peer_options();
        options.workers = workers;
        struct peer *peer = start(&options);
        int fds[CLIENTS];
        for (size_t i = 0; i < CLIENTS; i++)
            fds[i] = peer_connect(peer_port(peer));
        // A stall lasts until the loop's sweep, a second later; one slow round may be the machine's.
        int64_t end = clock_monotonic() + 2 * SECOND_MS;
        size_t slow = 0;
        for (size_t i = 0; clock_monotonic() < end; i++)
            slow += round_of(fds, requests[i % 4]) > 900;
        assert_in_range(slow, 0, 1);
        for (size_t i = 0; i < CLIENTS; i++)
            close(fds[i]);
        peer_stop(peer, 2);
    }
}

// Trickles a request, a byte each 20 ms; the milliseconds until the server closes.
static int64_t trickle(uint16_t port, struct str first, struct str rest)
{
    int fd = peer_connect(port);
    int64_t begin = clock_monotonic();
    assert_true(peer_send(fd, first));
    for (size_t i = 0; clock_monotonic() - begin < 8 * SECOND_MS; i++) {
        if (!peer_send(fd, (struct str){ rest.ptr + i % rest.len, 1 }) || peer_closes(fd, 20))
            break;
    }
    close(fd);
    return clock_monotonic() - begin;
}

static void a_client_that_trickles_runs_out_of_time(void **state)
{
    struct server_options options = peer_options();
    options.header_seconds = 1;
    options.idle_seconds = 1;
    struct peer *peer = start(&options);
    uint16_t port = peer_port(peer);
    (void)state;
    assert_in_range(trickle(port, STR(""), STR("G")), 900, 5000);
    assert_in_range(trickle(port, STR("GET /"), STR("abc")), 900, 5000);
    assert_in_range(trickle(port, STR("GET / HTTP/1.1\r\n"), STR("X: y\r\n")), 900, 5000);
    assert_in_range(
        trickle(port, STR("POST / HTTP/1.1\r\n" HOST "Content-Length: 9000\r\n\r\n"), STR("b")),
        900, 5000);
    assert_in_range(trickle(port, STR("GET / HTTP/1.1\r\n" HOST "\r\n"), STR("G")), 900, 5000);
    peer_stop(peer, 1);
}

static void a_late_request_is_told_so_and_an_idle_connection_is_closed(void **state)
{
    struct server_options options = peer_options();
    options.header_seconds = 1;
    options.idle_seconds = 1;
    struct peer *peer = start(&options);
    (void)state;
    int fd = peer_connect(peer_port(peer));
    assert_true(peer_send(fd, STR("GET / HTTP/1.1\r\nHost")));
    struct peer_answer answer = peer_read(fd, true);
    assert_int_equal(answer.status, 408);
    peer_answer_free(&answer);
    close(fd);
    fd = peer_connect(peer_port(peer));
    assert_true(peer_send(fd, STR("GET / HTTP/1.1\r\n" HOST "\r\n")));
    answer = peer_read(fd, true);
    assert_int_equal(answer.status, 200);
    assert_true(peer_closes(fd, 5000));
    peer_answer_free(&answer);
    close(fd);
    peer_stop(peer, 1);
}

static size_t read_to_the_end(int fd)
{
    static char scrap[65536];
    size_t total = 0;
    for (ssize_t got; (got = recv(fd, scrap, sizeof(scrap), 0)) > 0;)
        total += (size_t)got;
    return total;
}

// More answers than the sockets hold between the two: the rest waits in the server.
static void a_client_that_does_not_read_its_answers_runs_out_of_time(void **state)
{
    struct server_options options = peer_options();
    options.idle_seconds = 1;
    struct peer *peer = start(&options);
    struct buf requests = buf_bounded(1 << 20);
    (void)state;
    int fd = peer_connect(peer_port(peer));
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){ 4096 }, sizeof(int));
    for (size_t i = 0; i < UNREAD; i++)
        buf_lit(&requests, "GET /page HTTP/1.1\r\n" HOST "\r\n");
    assert_true(peer_send(fd, buf_view(&requests)));
    sleep(5);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){ 1 << 20 }, sizeof(int));   // or reading takes minutes
    assert_true(read_to_the_end(fd) < UNREAD * (size_t)6000);
    close(fd);
    // Who reads is not cut off.
    fd = peer_connect(peer_port(peer));
    assert_true(peer_send(fd, buf_view(&requests)));
    assert_true(read_to_the_end(fd) > UNREAD * (size_t)6000);
    close(fd);
    buf_free(&requests);
    peer_stop(peer, 1);
}

static void one_address_has_a_limited_number_of_connections(void **state)
{
    struct server_options options = peer_options();
    options.connections_address = 3;
    struct peer *peer = start(&options);
    (void)state;
    int fds[4];
    for (size_t i = 0; i < 3; i++) {
        fds[i] = peer_connect(peer_port(peer));
        assert_true(peer_send(fds[i], STR("GET / HTTP/1.1\r\n" HOST "\r\n")));
        struct peer_answer answer = peer_read(fds[i], true);
        assert_int_equal(answer.status, 200);
        peer_answer_free(&answer);
    }
    fds[3] = peer_connect(peer_port(peer));
    struct peer_answer refused = peer_read(fds[3], true);
    assert_int_equal(refused.status, 503);
    peer_answer_free(&refused);
    assert_true(peer_closes(fds[3], 1000));
    close(fds[3]);
    // A stream still counts for its connection.
    assert_true(peer_send(fds[0], STR("GET /stream?1 HTTP/1.1\r\n" HOST "\r\n")));
    struct peer_answer stream = peer_read(fds[0], false);
    assert_int_equal(stream.status, 200);
    peer_answer_free(&stream);
    fds[3] = peer_connect(peer_port(peer));
    assert_true(peer_closes(fds[3], 1000));
    close(fds[3]);
    close(fds[0]);
    close(fds[1]);
    usleep(100000);
    fds[3] = peer_connect(peer_port(peer));
    assert_false(peer_closes(fds[3], 200));
    close(fds[3]);
    close(fds[2]);
    peer_stop(peer, 1);
}

struct stopper {
    struct peer *peer;
    int64_t took;
};

static void *stop(void *context)
{
    struct stopper *stopper = context;
    int64_t begin = clock_monotonic();
    peer_stop(stopper->peer, 10);
    stopper->took = clock_monotonic() - begin;
    return NULL;
}

static void a_server_that_stops_finishes_what_runs_and_closes_the_rest(void **state)
{
    struct server_options options = peer_options();
    struct peer *peer = start(&options);
    struct stopper stopper = { .peer = peer };
    uint16_t port = peer_port(peer);
    int running[64], idle[8], streams[8];
    (void)state;
    for (size_t i = 0; i < 8; i++) {
        idle[i] = peer_connect(port);
        streams[i] = peer_connect(port);
        assert_true(peer_send(streams[i], STR("GET /stream?1 HTTP/1.1\r\n" HOST "\r\n")));
        struct peer_answer answer = peer_read(streams[i], false);
        assert_int_equal(answer.status, 200);
        peer_answer_free(&answer);
    }
    for (size_t i = 0; i < 64; i++) {
        running[i] = peer_connect(port);
        assert_true(peer_send(running[i], i % 2 ? STR("GET /wait?500 HTTP/1.1\r\n" HOST "\r\n")
                                                : STR("GET /big HTTP/1.1\r\n" HOST "\r\n")));
    }
    usleep(250000);
    pthread_t thread;
    pthread_create(&thread, NULL, stop, &stopper);
    for (size_t i = 0; i < 8; i++)
        assert_true(peer_closes(idle[i], 5000) && peer_closes(streams[i], 5000));
    for (size_t i = 0; i < 64; i++) {
        struct peer_answer answer = peer_read(running[i], true);
        assert_int_equal(answer.status, 200);
        assert_true(i % 2 ? answer.closed : answer.body_len == PEER_BIG);
        peer_answer_free(&answer);
        close(running[i]);
    }
    pthread_join(thread, NULL);
    assert_in_range(stopper.took, 0, 9000);   // did not wait for the 10 s to pass
    assert_int_equal(peer_connect(port), -1);
    for (size_t i = 0; i < 8; i++) {
        close(idle[i]);
        close(streams[i]);
    }
}

static void a_client_that_never_finishes_does_not_hold_up_the_stop(void **state)
{
    struct server_options options = peer_options();
    struct peer *peer = start(&options);
    (void)state;
    int half = peer_connect(peer_port(peer)), deaf = peer_connect(peer_port(peer));
    assert_true(peer_send(half, STR("POST / HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\nabc")));
    for (int i = 0; i < 20; i++)
        assert_true(peer_send(deaf, STR("GET /big HTTP/1.1\r\n" HOST "\r\n")));
    usleep(50000);
    int64_t begin = clock_monotonic();
    peer_stop(peer, 1);
    assert_in_range(clock_monotonic() - begin, 0, 2500);
    close(half);
    close(deaf);
}

// What a writer that hangs holds; static, as its memory is meant to stay.
static struct exchange *held;

static void never(struct exchange *exchange, void *worker_state)
{
    (void)exchange, (void)worker_state;
    fail();
}

static void hold(void *context, void *worker_state, struct exchange *exchange)
{
    (void)context, (void)worker_state;
    exchange_suspend(exchange, never);
    __atomic_store_n(&held, exchange, __ATOMIC_RELEASE);
}

static size_t no_body(void *context, void *worker_state, struct exchange *exchange)
{
    (void)context, (void)worker_state, (void)exchange;
    return 0;
}

static void a_request_that_hangs_does_not_hold_up_the_stop_and_may_resume_later(void **state)
{
    struct server_options options = peer_options();
    struct server_handler handler = { .body_limit = no_body, .handle = hold };
    struct server *server;
    (void)state;
    options.workers = 1;
    assert_int_equal(server_start(&options, &handler, &server), 0);
    int fd = peer_connect(server_port(server));
    assert_true(peer_send(fd, STR("GET /held HTTP/1.1\r\n" HOST "\r\n")));
    while (!__atomic_load_n(&held, __ATOMIC_ACQUIRE))
        usleep(1000);
    server_stop(server, 0);
    assert_true(peer_closes(fd, 1000));
    assert_true(str_equal(exchange_path(held), STR("/held")));
    exchange_resume(held);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hundreds_of_requests_that_wait_for_a_commit_are_all_answered),
        cmocka_unit_test(a_client_that_trickles_runs_out_of_time),
        cmocka_unit_test(a_late_request_is_told_so_and_an_idle_connection_is_closed),
        cmocka_unit_test(a_client_that_does_not_read_its_answers_runs_out_of_time),
        cmocka_unit_test(one_address_has_a_limited_number_of_connections),
        cmocka_unit_test(a_server_that_stops_finishes_what_runs_and_closes_the_rest),
        cmocka_unit_test(a_client_that_never_finishes_does_not_hold_up_the_stop),
        cmocka_unit_test(a_request_that_hangs_does_not_hold_up_the_stop_and_may_resume_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
