// SPDX-License-Identifier: MPL-2.0
// Accounts that sign in without a login provider: what is one person's is found, changed and taken away for that one alone.
#include "command/rows_fixture.h"
#include "feature/local/local_sql.h"
#include "web/session_sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>

#define MANY 9

// Of each person something else: a name, a credential, a code.
static struct bytes own(int64_t person)
{
    static const char *const all = "abcdefghij";
    return bytes_from(all + person, 1);
}

static void add_both(struct db *db)
{
    for (int64_t person = ANNE; person <= BO; person++) {
        assert_changes(1, local_add, .person = person, .name = own(person), .sealed = rows_sealed());
        assert_changes(1, local_passkey_add, .id = 500 + person, .person = person, .credential = own(person), .sealed = rows_sealed());
        assert_changes(1, local_code_add, .code = own(person), .person = person);
    }
}

static void an_account_is_one_person_s(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    add_both(db);
    for (int64_t person = ANNE; person <= BO; person++) {
        assert_one(person, local_by_name, person, .name = own(person));
        assert_one(person, local_by_person, person, .person = person);
    }
    assert_changes(1, local_tried, .person = ANNE, .tries = 3, .tried = NOW);
    assert_one(0, local_by_person, tries, .person = BO);
    assert_changes(0, local_change, .person = ANNE, .was = 2, .version = 3, .sealed = rows_sealed());   // somebody has changed it meanwhile
    assert_changes(1, local_change, .person = ANNE, .was = 1, .version = 2, .sealed = rows_sealed());
    assert_one(1, local_by_person, version, .person = BO);
}

static void a_passkey_is_one_person_s(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    add_both(db);
    for (int64_t person = ANNE; person <= BO; person++)
        assert_one(person, local_passkey_by_credential, person, .credential = own(person));
    assert_one(ANNE, local_passkey_by_id, person, .id = 500 + ANNE, .person = ANNE);
    assert_none(local_passkey_by_id, .id = 500 + BO, .person = ANNE);
    assert_gives("504", local_passkeys_of, id, .person = BO, .count = MANY);
    assert_changes(0, local_passkey_change, .id = 500 + ANNE, .was = 2, .version = 3, .sealed = rows_sealed());
    assert_changes(1, local_passkeys_remove, .person = ANNE);
    assert_gives("504", local_passkeys_of, id, .person = BO, .count = MANY);
}

static void a_question_is_answered_by_itself(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    for (int64_t asked = 1; asked <= 3; asked++)
        assert_changes(1, local_challenge_add, .challenge = own(asked), .created = asked, .sealed = rows_sealed());
    for (int64_t asked = 1; asked <= 3; asked++)
        assert_one(asked, local_challenge_get, created, .challenge = own(asked));
    assert_changes(1, local_challenge_remove, .challenge = own(1));
    assert_changes(1, local_challenge_sweep, .before = 3);
    assert_one(3, local_challenge_get, created, .challenge = own(3));
}

static void a_recovery_code_is_used_once_by_whose_it_is(void **state)
{
    struct rows *rows = *state;
    struct db *db = rows->db;
    struct arena *arena = rows->arena;
    add_both(db);
    assert_changes(1, local_code_add, .code = own(9), .person = BO);
    assert_changes(0, local_code_use, .code = own(BO), .person = ANNE, .now = NOW);
    assert_changes(1, local_code_use, .code = own(BO), .person = BO, .now = NOW);
    assert_changes(0, local_code_use, .code = own(BO), .person = BO, .now = LATER);
    assert_one(1, local_codes_state, left_over, .person = BO);
    assert_one(1, local_codes_state, left_over, .person = ANNE);
    assert_changes(1, local_codes_remove, .person = ANNE);
}

static void who_gets_a_new_key_stays_signed_in_where_they_are(void **state)
{
    struct db *db = ((struct rows *)*state)->db;
    for (int64_t session = 1; session <= 3; session++)
        assert_changes(1, session_begin, .key = own(session), .person = session == 3 ? BO : ANNE, .now = NOW, .mark = rows_sealed());
    assert_changes(1, local_sign_out, .person = ANNE, .but = own(1));
    assert_gives("3", session_load, person, .key = own(1));
    assert_gives("4", session_load, person, .key = own(3));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rows_begin, rows_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_account_is_one_person_s),
        TEST(a_passkey_is_one_person_s),
        TEST(a_question_is_answered_by_itself),
        TEST(a_recovery_code_is_used_once_by_whose_it_is),
        TEST(who_gets_a_new_key_stays_signed_in_where_they_are),
    };
    return cmocka_run_group_tests(tests, rows_open, rows_close);
}
