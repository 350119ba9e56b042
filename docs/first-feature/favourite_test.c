// SPDX-License-Identifier: MPL-2.0
#include "feature/dialogue/dialogue.h"
#include "web/router_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

// What the migration would have made, and a dialogue about METTE with ANNE as its coordinator.
struct beginning {
    struct write_job job;
    struct app *app;
    int64_t dialogue;
};

static const char table[] =
    "CREATE TABLE favourite (person INTEGER NOT NULL, dialogue INTEGER NOT NULL, since INTEGER NOT NULL,"
    " PRIMARY KEY (person, dialogue)) WITHOUT ROWID;";

static int begin(struct write_job *job, struct db *db)
{
    struct beginning *beginning = (struct beginning *)job;
    struct dialogue_scene scene = { .db = db, .now = clock_now(beginning->app->clock) };
    struct dialogue *dialogue;
    assert_int_equal(arena_new(1 << 20, &scene.arena), 0);
    assert_int_equal(keyring_new(beginning->app->keeper, &scene.keys), 0);
    int result = db_script(db, table, table);
    if (result == 0)
        result = dialogue_start(&scene, &(struct dialogue_new){ .unit = 1, .citizen = METTE, .coordinator = ANNE, .topic = STR("Blåbær"),
            .citizen_words = STR("borger"), .coordinator_words = STR("sagsbehandler") }, &dialogue);
    if (result == 0)
        beginning->dialogue = dialogue->id;
    keyring_free(scene.keys);
    arena_free(scene.arena);
    return result;
}

static void done(struct write_job *job, int result)
{
}

static void a_participant_marks_a_dialogue_and_nobody_else_reaches_it(void **state)
{
    struct installation *installation;
    char path[100];
    assert_int_equal(installation_start(&installation), 0);
    struct beginning beginning = { .job = { .apply = begin, .done = done }, .app = installation_app(installation) };
    assert_int_equal(writer_run(beginning.app->writer, &beginning.job), 0);
    snprintf(path, sizeof(path), "/dialogue/%lld/favourite", (long long)beginning.dialogue);

    struct browser mette = browser_new(installation), karim = browser_new(installation);
    browser_sign_in(&mette, METTE);
    assert_int_equal(browser_get(&mette, path), 200);
    assert_non_null(strstr(mette.body, "Blåbær"));
    assert_non_null(strstr(mette.body, "name=\"value\" value=\"1\""));
    assert_int_equal(browser_post(&mette, path, "value=1"), 303);
    assert_int_equal(browser_get(&mette, path), 200);
    assert_null(strstr(mette.body, "name=\"value\""));
    assert_int_equal(browser_post(&mette, path, "value=maybe"), 422);

    browser_sign_in(&karim, KARIM);
    assert_int_equal(browser_get(&karim, path), 404);
    assert_int_equal(browser_post(&karim, path, "value=1"), 404);
    browser_close(&mette);
    browser_close(&karim);
    installation_stop(installation);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(a_participant_marks_a_dialogue_and_nobody_else_reaches_it) };
    return cmocka_run_group_tests_name("first_feature", tests, NULL, NULL);
}
