// SPDX-License-Identifier: MPL-2.0
// Live streams over real sockets.
#include "peer.h"
#include "base/clock.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
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
    assert_int_equal(hub_count(peer_hub(*state)), 0);
    peer_stop(*state, 2);
    return 0;
}

static int listen_at(void **state, const char *path, int topic, unsigned status)
{
    struct buf request = buf_bounded(200);
    int fd = peer_connect(peer_port(*state));
    buf_format(&request, "GET %s?%d HTTP/1.1\r\nHost: x\r\n\r\n", path, topic);
    assert_true(peer_send(fd, buf_view(&request)));
    struct peer_answer answer = peer_read(fd, status != 200);
    assert_int_equal(answer.status, status);
    if (status == 200)
        assert_non_null(strstr(answer.head, "\r\nContent-Type: text/event-stream\r\n"));
    peer_answer_free(&answer);
    buf_free(&request);
    return fd;
}

static int listen_to(void **state, int topic, unsigned status)
{
    return listen_at(state, "/stream", topic, status);
}

// What arrives until nothing has come for a while or the stream ends. NUL-terminated, of malloc.
static char *heard(int fd, int milliseconds, bool *ret_ended)
{
    struct buf text = buf_bounded(16 << 20);
    bool ended = false;
    while (!ended) {
        struct pollfd wanted = { .fd = fd, .events = POLLIN };
        if (poll(&wanted, 1, milliseconds) <= 0)
            break;
        char part[65536];
        ssize_t got = recv(fd, part, sizeof(part), 0);
        ended = got <= 0;
        if (got > 0)
            buf_put(&text, part, (size_t)got);
    }
    buf_char(&text, '\0');
    *ret_ended = ended;
    return text.data;
}

static void expect_heard(int fd, const char *expected, bool ended)
{
    bool found_end;
    char *text = heard(fd, ended ? 1000 : 100, &found_end);
    assert_string_equal(text, expected);
    assert_int_equal(found_end, ended);
    free(text);
}

static void expect_count(void **state, size_t expected)
{
    for (int i = 0; i < 100 && hub_count(peer_hub(*state)) != expected; i++)
        usleep(5000);
    assert_int_equal(hub_count(peer_hub(*state)), expected);
}

static void only_those_who_take_part_are_told(void **state)
{
    int first = listen_to(state, 1, 200), second = listen_to(state, 1, 200),
        other = listen_to(state, 2, 200);
    hub_publish(peer_hub(*state), 1, STR("post"), STR("17"));
    hub_publish(peer_hub(*state), 1, STR("post"), STR("18"));
    expect_heard(first, "event: post\ndata: 17\n\nevent: post\ndata: 18\n\n", false);
    expect_heard(second, "event: post\ndata: 17\n\nevent: post\ndata: 18\n\n", false);
    expect_heard(other, "", false);
    close(first);
    close(second);
    close(other);
    expect_count(state, 0);
}

// The streams of the small server end at the last millisecond that there is.
static void nothing_is_sent_to_a_reader_whose_time_is_over(void **state)
{
    int fd = listen_to(state, 1, 200);
    hub_publish_from(peer_hub(*state), 1, STR("post"), STR("17"), INT64_MAX, INT64_MAX - 1);
    expect_heard(fd, "event: post\ndata: 17\n\n", false);
    hub_publish_from(peer_hub(*state), 1, STR("post"), STR("18"), INT64_MAX, INT64_MAX);
    expect_heard(fd, "", true);
    close(fd);
    expect_count(state, 0);
}

// So many others that some of them stand in the same chain.
static void what_is_said_elsewhere_or_to_others_is_not_heard(void **state)
{
    int fd = listen_to(state, 5, 200);
    for (int64_t other = 6; other < 40000; other++) {
        hub_publish(peer_hub(*state), other, STR("post"), STR("elsewhere"));
        hub_publish_person(peer_hub(*state), 5, other, STR("read"), STR("by another"));
        hub_publish_person(peer_hub(*state), other, 5, STR("read"), STR("elsewhere"));
    }
    hub_publish_person(peer_hub(*state), 5, 5, STR("read"), STR("3"));
    expect_heard(fd, "event: read\ndata: 3\n\n", false);
    close(fd);
    expect_count(state, 0);
}

static void a_stream_may_begin_after_its_request_has_waited(void **state)
{
    int fds[50];
    for (size_t i = 0; i < 50; i++)
        fds[i] = listen_at(state, "/later", (int)i + 1, 200);
    for (int64_t topic = 1; topic <= 50; topic++)
        hub_publish(peer_hub(*state), topic, STR("post"), STR("1"));
    for (size_t i = 0; i < 50; i++) {
        expect_heard(fds[i], "event: post\ndata: 1\n\n", false);
        close(fds[i]);
    }
    expect_count(state, 0);
}

static void a_reader_who_leaves_is_forgotten_at_once(void **state)
{
    int leaves = listen_to(state, 1, 200), shuts = listen_to(state, 1, 200),
        stays = listen_to(state, 1, 200);
    close(leaves);
    shutdown(shuts, SHUT_WR);
    expect_count(state, 1);
    hub_publish(peer_hub(*state), 1, STR("post"), STR("1"));
    expect_heard(stays, "event: post\ndata: 1\n\n", false);
    close(shuts);
    close(stays);
    expect_count(state, 0);
}

static void who_is_excluded_hears_nothing_more(void **state)
{
    int out = listen_to(state, 7, 200), also = listen_to(state, 7, 200),
        session = listen_to(state, 8, 200);
    hub_publish(peer_hub(*state), 7, STR("post"), STR("before"));
    expect_heard(out, "event: post\ndata: before\n\n", false);
    hub_cut_person(peer_hub(*state), 7, 7);
    hub_publish(peer_hub(*state), 7, STR("post"), STR("after"));
    expect_heard(out, "", true);
    expect_heard(also, "event: post\ndata: before\n\n", true);
    hub_cut_session(peer_hub(*state), (const uint8_t[32]){ 7 });
    hub_publish(peer_hub(*state), 8, STR("post"), STR("1"));
    expect_heard(session, "event: post\ndata: 1\n\n", false);
    uint8_t key[32];
    memset(key, 8, sizeof(key));
    hub_cut_session(peer_hub(*state), key);
    hub_publish(peer_hub(*state), 8, STR("post"), STR("2"));
    expect_heard(session, "", true);
    close(out);
    close(also);
    close(session);
    expect_count(state, 0);
}

struct torrent {
    struct hub *hub;
    atomic_bool ends;
    atomic_int published;
};

static void *publish(void *context)
{
    struct torrent *torrent = context;
    for (int i = 1; !atomic_load(&torrent->ends); i++) {
        char number[16];
        int len = snprintf(number, sizeof(number), "%09d", i);
        atomic_store(&torrent->published, i);
        hub_publish(torrent->hub, 9, STR("n"), (struct str){ number, (size_t)len });
        if (i % 20 == 0)
            usleep(200);
    }
    return NULL;
}

// The highest number published when the cut has returned is the highest that may ever arrive.
static void a_cut_in_mid_stream_lets_nothing_later_through(void **state)
{
    struct torrent torrent = { .hub = peer_hub(*state) };
    pthread_t thread;
    pthread_create(&thread, NULL, publish, &torrent);
    for (int i = 0; i < 30; i++) {
        bool ended;
        int fd = listen_to(state, 9, 200);
        usleep((useconds_t)(i * 300));
        hub_cut_person(peer_hub(*state), 9, 9);
        int last = atomic_load(&torrent.published);
        usleep(3000);
        char *text = heard(fd, 1000, &ended);
        assert_true(ended);
        size_t len = strlen(text);
        if (len >= 24) {   // "event: n\ndata: 000000001\n\n", the last of them perhaps in part
            char *at = text;
            for (char *next = at; (next = strstr(next, "data: ")); next++)
                at = next;
            assert_true(strtol(at + strlen("data: "), NULL, 10) <= last);
        }
        free(text);
        close(fd);
    }
    atomic_store(&torrent.ends, true);
    pthread_join(thread, NULL);
    expect_count(state, 0);
}

static void a_reader_who_does_not_read_is_dropped_and_the_others_are_not(void **state)
{
    int deaf = listen_to(state, 3, 200), good = listen_to(state, 3, 200);
    char line[2048];
    memset(line, 'x', sizeof(line));
    size_t total = 0;
    for (int i = 0; i < 8000 && hub_count(peer_hub(*state)) == 2; i++) {
        hub_publish(peer_hub(*state), 3, STR("post"), (struct str){ line, sizeof(line) });
        for (char part[4096]; total < (size_t)(i + 1) * (sizeof(line) + 20);) {
            ssize_t got = recv(good, part, sizeof(part), 0);
            assert_true(got > 0);
            total += (size_t)got;
        }
    }
    expect_count(state, 1);
    hub_publish(peer_hub(*state), 3, STR("post"), STR("end"));
    expect_heard(good, "event: post\ndata: end\n\n", false);
    close(deaf);
    close(good);
    expect_count(state, 0);
}

static void a_person_has_at_most_ten_streams(void **state)
{
    int fds[11];
    for (size_t i = 0; i < 10; i++)
        fds[i] = listen_to(state, 4, 200);
    fds[10] = listen_to(state, 4, 429);
    for (size_t i = 0; i < 11; i++)
        close(fds[i]);
    expect_count(state, 0);
}

static void a_quiet_stream_is_kept_awake(void **state)
{
    int fd = listen_to(state, 5, 200);
    hub_tick(peer_hub(*state), 1);
    expect_heard(fd, ":\n\n", false);
    hub_tick(peer_hub(*state), INT64_MAX);
    expect_heard(fd, "", true);
    close(fd);
    expect_count(state, 0);
}

static void hundreds_are_told_at_the_same_time(void **state)
{
    int fds[300];
    for (int i = 0; i < 300; i++)
        fds[i] = listen_to(state, 100 + i / 10, 200);
    for (int topic = 100; topic < 130; topic++)
        hub_publish(peer_hub(*state), topic, STR("post"), STR("1"));
    for (int i = 0; i < 300; i++) {
        char text[64];
        assert_int_equal(recv(fds[i], text, sizeof(text), 0), strlen("event: post\ndata: 1\n\n"));
        close(fds[i]);
    }
    expect_count(state, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_those_who_take_part_are_told),
        cmocka_unit_test(nothing_is_sent_to_a_reader_whose_time_is_over),
        cmocka_unit_test(what_is_said_elsewhere_or_to_others_is_not_heard),
        cmocka_unit_test(a_stream_may_begin_after_its_request_has_waited),
        cmocka_unit_test(a_reader_who_leaves_is_forgotten_at_once),
        cmocka_unit_test(who_is_excluded_hears_nothing_more),
        cmocka_unit_test(a_cut_in_mid_stream_lets_nothing_later_through),
        cmocka_unit_test(a_reader_who_does_not_read_is_dropped_and_the_others_are_not),
        cmocka_unit_test(a_person_has_at_most_ten_streams),
        cmocka_unit_test(a_quiet_stream_is_kept_awake),
        cmocka_unit_test(hundreds_are_told_at_the_same_time),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
