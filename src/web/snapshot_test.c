// SPDX-License-Identifier: MPL-2.0
// Requests that come together read from one snapshot, and no request from one that is older than itself.
#include "web/router_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <unistd.h>

#include "../../test/load/peer.h"

#define ASK(path) STR("GET " path " HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n")

static int setup(void **state)
{
    struct installation *installation = NULL;
    int r = installation_start_with(1, &installation);
    *state = installation;
    return r;
}

static int teardown(void **state)
{
    installation_stop(*state);
    return 0;
}

// What the answer that comes next shows as the log's newest record.
static long long seen(int fd)
{
    struct peer_answer answer = peer_read(fd, true);
    const char *at = answer.status == 200 ? strstr(answer.body, "number: ") : NULL;
    long long number = at ? strtoll(at + 8, NULL, 10) : -2;
    peer_answer_free(&answer);
    return number;
}

// A connection that has asked before, as those that browsers keep.
static int connect_kept(struct installation *installation)
{
    int fd = peer_connect(server_port(installation_app(installation)->server));
    assert_true(peer_send(fd, ASK("/test/page")));
    assert_int_equal(seen(fd), 0);
    return fd;
}

static void requests_that_came_together_read_from_one_snapshot(void **state)
{
    int holder = connect_kept(*state), a = connect_kept(*state), b = connect_kept(*state);
    assert_true(peer_send(holder, ASK("/test/hold")));
    installation_held(*state);
    assert_true(peer_send(a, ASK("/test/seen")));
    assert_true(peer_send(b, ASK("/test/seen")));
    installation_let_go(*state);
    long long newest = seen(a);
    assert_true(newest >= -1);
    assert_int_equal(seen(b), newest);
    // Both have added a record since.
    assert_true(peer_send(a, ASK("/test/seen")));
    assert_int_equal(seen(a), newest + 2);
    close(holder);
    close(a);
    close(b);
}

static void the_next_of_a_connection_sees_what_came_before_it(void **state)
{
    int holder = connect_kept(*state), a = connect_kept(*state);
    assert_true(peer_send(holder, ASK("/test/hold")));
    installation_held(*state);
    assert_true(peer_send(a, ASK("/test/seen")));
    assert_true(peer_send(a, ASK("/test/seen")));
    installation_let_go(*state);
    long long newest = seen(a);
    assert_true(newest >= -1);
    assert_int_equal(seen(a), newest + 1);
    close(holder);
    close(a);
}

static void the_first_of_a_connection_sees_what_came_before_it(void **state)
{
    uint16_t port = server_port(installation_app(*state)->server);
    int holder = connect_kept(*state), a, b;
    assert_true(peer_send(holder, ASK("/test/hold")));
    installation_held(*state);
    a = peer_connect(port);
    b = peer_connect(port);
    assert_true(peer_send(a, ASK("/test/seen")));
    assert_true(peer_send(b, ASK("/test/seen")));
    installation_let_go(*state);
    long long first = seen(a), second = seen(b);
    assert_true(first >= -1 && second >= -1);
    assert_int_equal(first < second ? second - first : first - second, 1);
    close(holder);
    close(a);
    close(b);
}

struct other {
    struct write_job job;
    struct audit *audit;
};

static int other_apply(struct write_job *job, struct db *db)
{
    const struct other *other = (const struct other *)job;
    return audit_append(other->audit, db, &(struct audit_event){ .kind = AUDIT_SIGN_IN, .person = ANNE });
}

// The library looks into a connection that was suspended once more after its answer, though nothing has come there.
static void the_next_after_a_suspended_one_sees_what_came_before_it(void **state)
{
    struct app *app = installation_app(*state);
    int holder = connect_kept(*state), second = connect_kept(*state), a = connect_kept(*state), b = connect_kept(*state), c = connect_kept(*state);
    assert_true(peer_send(holder, ASK("/test/hold")));
    installation_held(*state);
    for (int i = 0; i < 3; i++)
        assert_true(peer_send((int[]){ a, b, c }[i], ASK("/test/prepared")));
    assert_true(peer_send(second, ASK("/test/hold")));
    installation_let_go(*state);
    installation_held(*state);
    for (int i = 0; i < 3; i++)
        installation_prepared(*state);
    usleep(100000);   // until they wait to go on
    assert_true(peer_send(a, ASK("/test/seen")));
    assert_true(peer_send(b, ASK("/test/hold")));
    installation_let_go(*state);
    installation_held(*state);   // by b, after a was handled
    assert_int_equal(seen(a), 0);
    assert_int_equal(seen(c), 0);
    long long newest = seen(a);
    struct other other = { .job = { .apply = other_apply }, .audit = app->audit };
    assert_true(newest >= -1);
    assert_int_equal(writer_run(app->writer, &other.job), 0);
    assert_true(peer_send(c, ASK("/test/seen")));
    usleep(50000);   // until it is here
    installation_let_go(*state);
    assert_int_equal(seen(c), newest + 2);
    close(holder);
    close(second);
    close(a);
    close(b);
    close(c);
}

static void a_withdrawal_ends_the_snapshot(void **state)
{
    int a = connect_kept(*state);
    assert_true(peer_send(a, ASK("/test/seen")));
    long long newest = seen(a);
    assert_true(newest >= -1);
    // Its handler runs twice, and each time sees what was added before.
    assert_true(peer_send(a, ASK("/test/seen?word=withdraw")));
    assert_int_equal(seen(a), newest + 2);
    close(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(requests_that_came_together_read_from_one_snapshot, setup, teardown),
        cmocka_unit_test_setup_teardown(the_next_of_a_connection_sees_what_came_before_it, setup, teardown),
        cmocka_unit_test_setup_teardown(the_next_after_a_suspended_one_sees_what_came_before_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_withdrawal_ends_the_snapshot, setup, teardown),
        cmocka_unit_test_setup_teardown(the_first_of_a_connection_sees_what_came_before_it, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
