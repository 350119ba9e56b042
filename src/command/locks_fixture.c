// SPDX-License-Identifier: MPL-2.0
#include "command/locks_fixture.h"

#include "feature/dialogue/post.h"
#include "feature/file/file.h"
#include "store/migration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct dialogue *locks_open_as(struct fixture *fixture, int64_t person)
{
    struct dialogue *dialogue;
    assert_int_equal(dialogue_open(&fixture->scene, fixture->anne->id, person, &dialogue), 0);
    return dialogue;
}

int64_t locks_add_file(struct fixture *fixture)
{
    struct file file;
    assert_int_equal(file_new(fixture->anne, STR("brev.pdf"), 9, &file), 0);
    assert_int_equal(file_add(fixture->anne, &file), 0);
    file.kind = FILE_PLAIN;
    assert_int_equal(file_change(fixture->anne, &file), 0);
    return file.id;
}

// The last one answers the one before Lone's first.
static void write_posts(struct fixture *fixture)
{
    for (int64_t number = 1; number <= LAST; number++) {
        int64_t written;
        bool again;
        fixture->file[number] = locks_add_file(fixture);
        fixture->scene.now = fixture->anne->scene.now += 1000;
        assert_int_equal(post_write(fixture->anne, &(struct post_new){ .text = STR("Hej"), .answers = number == LAST ? FIRST - 1 : 0 }, &written, &again), 0);
        assert_int_equal(file_attach(fixture->anne, written, &fixture->file[number], 1), 0);
    }
}

static void start(struct fixture *fixture)
{
    struct dialogue_terms terms = { .first_number = FIRST, .first_epoch = DIALOGUE_FIRST_EPOCH };
    assert_int_equal(dialogue_start(&fixture->scene, &(struct dialogue_new){ .unit = UNIT, .citizen = EMIL, .coordinator = ANNE, .topic = STR("Blåbær"),
        .citizen_words = STR("borger"), .coordinator_words = STR("sagsbehandler") }, &fixture->anne), 0);
    write_posts(fixture);
    assert_int_equal(dialogue_admit_on(fixture->anne, LONE, RELATION_RELATIVE, STR("farmor"), &terms), 0);
}

int locks_setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct dialogue_scene *scene = &fixture->scene;
    snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/samtraad-locks-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    snprintf(fixture->key, sizeof(fixture->key), "%s/key", fixture->folder);
    snprintf(fixture->shares, sizeof(fixture->shares), "%s/shares", fixture->folder);
    snprintf(fixture->database, sizeof(fixture->database), "%s/db", fixture->folder);
    scene->now = 1790000000000;
    assert_int_equal(keeper_create_key(fixture->key), 0);
    assert_int_equal(keeper_start(fixture->key, &fixture->keeper), 0);
    assert_int_equal(keeper_open_shares(fixture->keeper, fixture->shares, true), 0);
    assert_int_equal(db_open(fixture->database, DB_WRITE, &scene->db), 0);
    assert_int_equal(migration_run(scene->db, scene->now), 0);
    assert_int_equal(keyring_new(fixture->keeper, &scene->keys), 0);
    assert_int_equal(arena_new(16 << 20, &scene->arena), 0);
    assert_int_equal(db_begin_write(scene->db), 0);
    start(fixture);
    *state = fixture;
    return 0;
}

int locks_teardown(void **state)
{
    static const char *const names[] = { "key", "shares", "shares.rewrap", "db", "db-wal", "db-shm" };
    struct fixture *fixture = *state;
    char path[128];
    assert_int_equal(db_commit(fixture->scene.db), 0);
    arena_free(fixture->scene.arena);
    keyring_free(fixture->scene.keys);
    db_close(fixture->scene.db);
    keeper_stop(fixture->keeper);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", fixture->folder, names[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(fixture->folder), 0);
    free(fixture);
    return 0;
}
