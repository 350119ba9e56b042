// SPDX-License-Identifier: MPL-2.0
#include "command/rows_fixture.h"

#include "feature/account/account_sql.h"
#include "feature/dialogue/dialogue_sql.h"
#include "store/migration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct bytes rows_sealed(void)
{
    return bytes_from("x", 1);
}

void rows_list_add(struct rows_list *list, int64_t number)
{
    size_t len = strlen(list->text);
    assert_true(len < sizeof(list->text) - 24);
    snprintf(list->text + len, sizeof(list->text) - len, "%s%" PRId64, len ? " " : "", number);
}

static void add_person(struct db *db, int64_t id, enum role role, int64_t unit)
{
    assert_int_equal(sql_account_add(db, &(struct sql_account_add_in){ .id = id, .role = role, .unit = unit, .unit_null = unit == 0, .sealed = rows_sealed(),
        .portrait_null = true, .created = 1 }), 1);
}

static void add_dialogue(struct db *db, int64_t id, int64_t unit, int64_t citizen, int64_t parent)
{
    assert_int_equal(sql_dialogue_add(db, &(struct sql_dialogue_add_in){ .id = id, .unit = unit, .citizen = citizen, .state = DIALOGUE_OPEN, .created = id,
        .topic = rows_sealed(), .parent = parent, .parent_null = parent == 0 }), 1);
}

void rows_join(struct db *db, int64_t dialogue, int64_t person, enum relation relation)
{
    assert_int_equal(sql_dialogue_participant_add(db, &(struct sql_dialogue_participant_add_in){ .dialogue = dialogue, .person = person, .relation = relation,
        .words = rows_sealed(), .words_epoch = 1, .joined = JOINED }), 1);
}

void rows_leave(struct db *db, int64_t dialogue, int64_t person, int64_t ended)
{
    assert_int_equal(sql_dialogue_participant_end(db, &(struct sql_dialogue_participant_end_in){ .dialogue = dialogue, .person = person, .ended = ended }), 1);
}

void rows_post(struct db *db, int64_t dialogue, int64_t number, int64_t author, int64_t created)
{
    assert_sends(1, dialogue_post_add, .dialogue = dialogue, .number = number, .author = author, .created = created, .epoch = 1, .answers_null = true,
        .once_null = true, .sealed = rows_sealed());
}

static void add_people(struct db *db)
{
    for (int64_t unit = NORTH; unit <= SOUTH; unit++)
        assert_int_equal(sql_account_unit_add(db, &(struct sql_account_unit_add_in){ .id = unit, .sealed = rows_sealed(), .created = 1 }), 1);
    add_person(db, EMIL, ROLE_PUBLIC, 0);
    add_person(db, METTE, ROLE_PUBLIC, 0);
    add_person(db, ANNE, ROLE_EMPLOYEE, NORTH);
    add_person(db, BO, ROLE_EMPLOYEE, NORTH);
    add_person(db, KARIM, ROLE_EMPLOYEE, SOUTH);
    add_person(db, ADA, ROLE_ADMINISTRATOR, NORTH);
    add_person(db, GONE, ROLE_FORMER, NORTH);
    add_person(db, SARA, ROLE_PUBLIC, 0);
}

static void add_dialogues(struct db *db)
{
    add_dialogue(db, OWN, NORTH, EMIL, 0);
    rows_join(db, OWN, EMIL, RELATION_CITIZEN);
    rows_join(db, OWN, METTE, RELATION_RELATIVE);
    rows_join(db, OWN, ANNE, RELATION_COORDINATOR);
    rows_join(db, OWN, BO, RELATION_PROFESSIONAL);
    rows_leave(db, OWN, BO, LEFT);
    add_dialogue(db, OTHER, SOUTH, SARA, 0);
    rows_join(db, OTHER, SARA, RELATION_CITIZEN);
    rows_join(db, OTHER, METTE, RELATION_RELATIVE);
    rows_leave(db, OTHER, METTE, LEFT);
    rows_join(db, OTHER, KARIM, RELATION_COORDINATOR);
    add_dialogue(db, ASIDE, NORTH, EMIL, OWN);
    assert_int_equal(sql_dialogue_side_add(db, &(struct sql_dialogue_side_add_in){ .dialogue = ASIDE, .parent = OWN, .started_by = ANNE, .started = JOINED,
        .ends = LATER, .reason = rows_sealed() }), 1);
    rows_join(db, ASIDE, ANNE, RELATION_COORDINATOR);
    rows_join(db, ASIDE, BO, RELATION_PROFESSIONAL);
    add_dialogue(db, CLOSED, NORTH, EMIL, 0);
    rows_join(db, CLOSED, EMIL, RELATION_CITIZEN);
    rows_join(db, CLOSED, ANNE, RELATION_COORDINATOR);
    rows_leave(db, CLOSED, ANNE, LEFT);
    assert_int_equal(sql_dialogue_state_set(db, &(struct sql_dialogue_state_set_in){ .dialogue = CLOSED, .before = DIALOGUE_OPEN, .state = DIALOGUE_CLOSED,
        .closed = LEFT, .journalised_null = true }), 1);
}

int rows_open(void **state)
{
    struct rows *rows = calloc(1, sizeof(*rows));
    snprintf(rows->folder, sizeof(rows->folder), "/tmp/samtraad-rows-XXXXXX");
    assert_non_null(mkdtemp(rows->folder));
    snprintf(rows->database, sizeof(rows->database), "%s/db", rows->folder);
    assert_int_equal(db_open(rows->database, DB_WRITE, &rows->db), 0);
    assert_int_equal(migration_run(rows->db, 1), 0);
    assert_int_equal(arena_new(1 << 20, &rows->arena), 0);
    assert_int_equal(db_begin_write(rows->db), 0);
    add_people(rows->db);
    add_dialogues(rows->db);
    assert_int_equal(db_commit(rows->db), 0);
    *state = rows;
    return 0;
}

int rows_close(void **state)
{
    static const char *const names[] = { "db", "db-wal", "db-shm" };
    struct rows *rows = *state;
    char path[128];
    arena_free(rows->arena);
    db_close(rows->db);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", rows->folder, names[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(rows->folder), 0);
    free(rows);
    return 0;
}

int rows_begin(void **state)
{
    return db_begin_write(((struct rows *)*state)->db);
}

int rows_end(void **state)
{
    return db_rollback(((struct rows *)*state)->db);
}
