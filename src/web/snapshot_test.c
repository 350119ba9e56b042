// SPDX-License-Identifier: MPL-2.0
// Requests read from one snapshot for as long as nothing is written, and none from one that is older than itself.
#include "store/replica.h"
#include "store/store_fixture.h"
#include "web/call.h"
#include "web/router_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <unistd.h>

#include "../../test/load/peer.h"

#define ASK(path) STR("GET " path " HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n")

// What a worker and two requests of it need, on a table of notes.
struct scene {
    struct store_place store;
    struct app app;
    struct router router;
    struct worker worker;
    struct call call;
    struct db *behind;   // whose commits the writer does not know of
};

static int scene_set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof(*scene));
    struct db *db;
    if (!scene || store_place_make(&scene->store) < 0)
        return -1;
    *state = scene;
    if (db_open(scene->store.name, DB_WRITE, &db) < 0 || db_begin_write(db) < 0 || db_script(db, STORE_NOTE, STORE_NOTE) < 0 || db_commit(db) < 0 ||
        writer_start(db, NULL, &scene->app.writer) < 0 || reader_open(scene->store.name, NULL, &scene->worker.reader) < 0)
        return -1;
    scene->router.app = &scene->app;
    scene->worker.db = reader_own(scene->worker.reader);
    scene->call.router = &scene->router;
    return db_open(scene->store.name, DB_WRITE, &scene->behind);
}

static int scene_tear_down(void **state)
{
    struct scene *scene = *state;
    (void)snapshot_rest(&scene->worker);
    reader_close(scene->worker.reader);
    db_close(scene->behind);
    writer_stop(scene->app.writer);
    store_place_remove(&scene->store);
    free(scene);
    return 0;
}

// How many notes the next request sees.
static int64_t look(struct scene *scene)
{
    assert_int_equal(snapshot_begin(&scene->call, &scene->worker), 0);
    assert_true(scene->call.generation == app_access_generation(&scene->app));
    int64_t count = store_note_count(scene->call.request.db);
    assert_int_equal(snapshot_end(&scene->call, &scene->worker), 0);
    assert_ptr_equal(scene->call.request.db, scene->worker.db);
    return count;
}

static void add_behind(struct scene *scene, int64_t id)
{
    assert_int_equal(db_begin_write(scene->behind), 0);
    assert_int_equal(store_note_add(scene->behind, id, STR("x")), 0);
    assert_int_equal(db_commit(scene->behind), 0);
}

static int nothing(struct write_job *job, struct db *db)
{
    return 0;
}

static void requests_share_a_snapshot_until_something_is_written(void **state)
{
    struct scene *scene = *state;
    struct write_job job = { .apply = nothing };
    assert_int_equal(look(scene), 0);
    add_behind(scene, 1);
    assert_int_equal(look(scene), 0);
    assert_int_equal(writer_run(scene->app.writer, &job), 0);
    assert_int_equal(look(scene), 1);
}

static void a_rest_ends_it(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(look(scene), 0);
    add_behind(scene, 1);
    assert_int_equal(snapshot_rest(&scene->worker), 0);
    assert_int_equal(look(scene), 1);
    assert_int_equal(snapshot_rest(&scene->worker), 0);
    assert_int_equal(snapshot_rest(&scene->worker), 0);
}

static void a_withdrawal_ends_it(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(look(scene), 0);
    add_behind(scene, 1);
    app_access_withdrawn(&scene->app);
    assert_int_equal(look(scene), 1);
}

static void a_failed_statement_ends_it(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(look(scene), 0);
    add_behind(scene, 1);
    assert_true(store_note_add(scene->worker.db, 2, STR("a reader can't")) < 0);
    assert_int_equal(look(scene), 1);
}

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

// The library looks into a connection that was suspended once more after its answer, though nothing has come there.
static void the_next_after_a_suspended_one_sees_what_came_before_it(void **state)
{
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
    usleep(300000);   // until they wait to go on
    assert_true(peer_send(a, ASK("/test/seen")));
    assert_true(peer_send(b, ASK("/test/hold")));
    installation_let_go(*state);
    installation_held(*state);   // by b, after a was handled
    assert_int_equal(seen(a), 0);
    assert_int_equal(seen(c), 0);
    long long newest = seen(a);
    assert_true(newest >= -1);
    assert_int_equal(installation_add_record(installation_app(*state)), 0);
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

static void a_withdrawal_while_it_is_read_has_it_read_again(void **state)
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
        cmocka_unit_test_setup_teardown(requests_share_a_snapshot_until_something_is_written, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(a_rest_ends_it, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(a_withdrawal_ends_it, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(a_failed_statement_ends_it, scene_set_up, scene_tear_down),
        cmocka_unit_test_setup_teardown(the_next_of_a_connection_sees_what_came_before_it, setup, teardown),
        cmocka_unit_test_setup_teardown(the_next_after_a_suspended_one_sees_what_came_before_it, setup, teardown),
        cmocka_unit_test_setup_teardown(a_withdrawal_while_it_is_read_has_it_read_again, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
