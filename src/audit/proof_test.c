// SPDX-License-Identifier: MPL-2.0
#include "audit/proof.h"

#include "audit/audit_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define LOGS 70   // so that trees of many shapes come by

static void digest_of(int n, uint8_t ret_digest[PROOF_DIGEST])
{
    char text[40];
    int len = snprintf(text, sizeof(text), "document %d", n);

    assert_int_equal(proof_digest(bytes_from(text, (size_t)len), ret_digest), 0);
}

static int begin(struct audit_fixture *fixture)
{
    const struct writer_hooks hooks = audit_hooks(fixture->audit);

    assert_int_equal(db_begin_write(fixture->db), 0);
    hooks.job_begin(hooks.context);
    return 0;
}

static void commit(struct audit_fixture *fixture)
{
    const struct writer_hooks hooks = audit_hooks(fixture->audit);

    assert_int_equal(hooks.before_commit(hooks.context, fixture->db), 0);
    assert_int_equal(db_commit(fixture->db), 0);
    hooks.after_commit(hooks.context, true);
}

static int add_document(struct audit_fixture *fixture, int n, struct proof *ret_proof)
{
    uint8_t digest[PROOF_DIGEST];

    digest_of(n, digest);
    return proof_document(fixture->audit, fixture->db, &(struct audit_event){ .person = 7, .dialogue = n % 2 }, digest, ret_proof);
}

// A transaction with a document and, behind it, what others did.
static void make_document(struct audit_fixture *fixture, int n, struct proof *ret_proof)
{
    struct audit_event after = { .kind = AUDIT_DIALOGUE_LIST, .person = 8 };

    begin(fixture);
    assert_int_equal(add_document(fixture, n, ret_proof), 0);
    for (int i = 0; i < n % 3; i++)
        assert_int_equal(audit_append(fixture->audit, fixture->db, &after), 0);
    commit(fixture);
    assert_int_equal(audit_checkpoint(fixture->audit), 0);
    assert_int_equal(proof_complete(fixture->audit, ret_proof), 0);
}

static const char *problem_of(struct audit_fixture *fixture, const struct proof *proof, int n)
{
    uint8_t key[KEEPER_PUBLIC_KEY];
    uint8_t digest[PROOF_DIGEST];
    const char *problem = NULL;

    digest_of(n, digest);
    assert_int_equal(keeper_public_key(fixture->keeper, key), 0);
    int r = proof_check(proof, digest, key, &problem);
    assert_int_equal(r, problem ? -EBADMSG : 0);
    return problem;
}

static void every_document_is_proven_whatever_the_logs_length_and_no_other_is(void **state)
{
    struct audit_fixture *fixture = *state;
    struct proof proofs[LOGS];

    for (int n = 0; n < LOGS; n++)
        make_document(fixture, n, &proofs[n]);
    for (int n = 0; n < LOGS; n++) {
        struct audit_record record;
        if (problem_of(fixture, &proofs[n], n))
            fail_msg("document %d: %s", n, problem_of(fixture, &proofs[n], n));
        assert_non_null(problem_of(fixture, &proofs[n], n + 1));
        proof_record(&proofs[n], &record);
        assert_int_equal(record.event.kind, AUDIT_DOCUMENT_MADE);
        assert_int_equal(record.event.person, 7);
        assert_int_equal(record.event.dialogue, n % 2);
    }
    struct audit_report report = fixture_verify(fixture);
    assert_null(report.problem);
    assert_true(report.checkpoints >= LOGS);
}

static void every_changed_byte_of_a_proof_is_found(void **state)
{
    struct audit_fixture *fixture = *state;
    struct buf text = buf_bounded(PROOF_TEXT_MAX);
    struct proof proof, read;
    int refused = 0;

    for (int n = 0; n < 11; n++)
        make_document(fixture, n, &proof);
    proof_format(&proof, &text);
    assert_int_equal(proof_parse(buf_view(&text), &read), 0);
    assert_null(problem_of(fixture, &read, 10));
    for (size_t i = 0; i < text.len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            text.data[i] = (char)(text.data[i] ^ 1 << bit);
            // What a record's number, time and checkpoint's chain say is signed too; only one text says it.
            if (proof_parse(buf_view(&text), &read) == 0) {
                if (!problem_of(fixture, &read, 10))
                    fail_msg("a changed bit %u of byte %zu was not found", bit, i);
            } else {
                refused++;
            }
            text.data[i] = (char)(text.data[i] ^ 1 << bit);
        }
    }
    assert_true(refused > 0);
    for (size_t len = 0; len < text.len; len++)
        assert_int_equal(proof_parse((struct str){ text.data, len }, &read), -EINVAL);
    buf_free(&text);
}

static void a_proof_of_another_installation_is_none(void **state)
{
    struct audit_fixture *fixture = *state;
    uint8_t key[KEEPER_PUBLIC_KEY] = { 1 };
    uint8_t digest[PROOF_DIGEST];
    const char *problem = NULL;
    struct proof proof;

    make_document(fixture, 3, &proof);
    digest_of(3, digest);
    assert_int_equal(proof_check(&proof, digest, key, &problem), -EBADMSG);
    assert_string_equal(problem, "the checkpoint was not signed with this key");
}

static void a_document_of_a_transaction_that_failed_is_never_signed(void **state)
{
    struct audit_fixture *fixture = *state;
    const struct writer_hooks hooks = audit_hooks(fixture->audit);
    struct proof kept, lost;

    begin(fixture);
    assert_int_equal(add_document(fixture, 1, &kept), 0);
    hooks.job_begin(hooks.context);
    assert_int_equal(db_savepoint(fixture->db), 0);
    assert_int_equal(add_document(fixture, 2, &lost), 0);
    // Nothing is signed before it is on the disk.
    assert_int_equal(audit_checkpoint(fixture->audit), 0);
    assert_int_equal(proof_complete(fixture->audit, &kept), -ENOENT);
    assert_int_equal(db_savepoint_rollback(fixture->db), 0);
    hooks.job_rollback(hooks.context);
    commit(fixture);
    assert_int_equal(audit_checkpoint(fixture->audit), 0);
    assert_int_equal(proof_complete(fixture->audit, &kept), 0);
    assert_null(problem_of(fixture, &kept, 1));
    assert_int_equal(proof_complete(fixture->audit, &lost), -ENOENT);
    assert_null(fixture_verify(fixture).problem);

    begin(fixture);
    assert_int_equal(add_document(fixture, 2, &lost), 0);
    assert_int_equal(db_rollback(fixture->db), 0);
    hooks.after_commit(hooks.context, false);
    assert_int_equal(audit_checkpoint(fixture->audit), 0);
    assert_int_equal(proof_complete(fixture->audit, &lost), -ENOENT);
    assert_null(fixture_verify(fixture).problem);
}

static void one_transaction_holds_so_many_documents_and_the_next_goes_on(void **state)
{
    struct audit_fixture *fixture = *state;
    struct proof proof;
    int n = 0;

    begin(fixture);
    while (add_document(fixture, n, &proof) == 0)
        n++;
    assert_true(n >= 16);
    assert_int_equal(add_document(fixture, n, &proof), -EAGAIN);
    commit(fixture);
    assert_int_equal(audit_checkpoint(fixture->audit), 0);
    make_document(fixture, 5, &proof);
    assert_null(problem_of(fixture, &proof, 5));
    assert_null(fixture_verify(fixture).problem);
}

static void a_checkpoint_is_found_by_its_size_in_a_long_file(void **state)
{
    struct audit_fixture *fixture = *state;
    struct checkpoint checkpoint;
    int found = 0;

    for (int i = 0; i < 60; i++) {
        fixture_append(fixture, 2);
        assert_int_equal(audit_checkpoint(fixture->audit), 0);
    }
    for (int64_t size = -1; size <= 125; size++) {
        int r = audit_find_checkpoint(fixture->audit, size, &checkpoint);
        assert_int_equal(r, size > 0 && size <= 120 && size % 2 == 0 ? 0 : -ENOENT);
        if (r == 0)
            assert_int_equal(checkpoint.size, size);
        found += r == 0;
    }
    assert_int_equal(found, 60);
}

static void the_code_is_the_first_hundred_bits(void **state)
{
    uint8_t digest[PROOF_DIGEST] = { 0 };
    char code[PROOF_CODE + 1];

    (void)state;
    proof_code(digest, code);
    assert_string_equal(code, "0000-0000-0000-0000-0000");
    memset(digest, 0xff, sizeof(digest));
    proof_code(digest, code);
    assert_string_equal(code, "ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ");
    digest_of(1, digest);
    proof_code(digest, code);
    assert_int_equal(strlen(code), PROOF_CODE);
    // From hashlib and a base 32 of its own.
    assert_string_equal(code, "SAGC-86FD-9DEQ-CA6H-SRMT");
}

static void a_file_carries_its_proof_and_every_changed_byte_of_it_is_found(void **state)
{
    static const char content[] = "<!doctype html><p>Blåbær <!--samtraad-proof-1-->0000</p><!--{}--><p class=\"code\">";
    struct audit_fixture *fixture = *state;
    struct buf file = buf_bounded(sizeof(content) + PROOF_TRAILER_MAX);
    uint8_t digest[PROOF_DIGEST], found[PROOF_DIGEST], key[KEEPER_PUBLIC_KEY];
    const char *problem = NULL;
    struct proof proof, read;
    struct bytes got;

    assert_int_equal(keeper_public_key(fixture->keeper, key), 0);
    assert_int_equal(proof_digest(bytes_from(content, sizeof(content) - 1), digest), 0);
    begin(fixture);
    assert_int_equal(proof_document(fixture->audit, fixture->db, &(struct audit_event){ .person = 7 }, digest, &proof), 0);
    commit(fixture);
    assert_int_equal(audit_checkpoint(fixture->audit), 0);
    assert_int_equal(proof_complete(fixture->audit, &proof), 0);
    buf_str(&file, (struct str){ content, sizeof(content) - 1 });
    proof_put_trailer(&proof, digest, &file);
    assert_int_equal(proof_split(str_bytes(buf_view(&file)), &got, found, &read), 0);
    assert_int_equal(got.len, sizeof(content) - 1);
    assert_memory_equal(found, digest, sizeof(digest));
    assert_int_equal(proof_check(&read, found, key, &problem), 0);
    for (size_t i = 0; i < file.len; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            file.data[i] = (char)(file.data[i] ^ 1 << bit);
            if (proof_split(str_bytes(buf_view(&file)), &got, found, &read) == 0 && proof_check(&read, found, key, &problem) == 0)
                fail_msg("a changed bit %u of byte %zu was not found", bit, i);
            file.data[i] = (char)(file.data[i] ^ 1 << bit);
        }
    }
    for (size_t len = 0; len < file.len; len++)
        assert_true(proof_split(bytes_from(file.data, len), &got, found, &read) < 0);
    buf_char(&file, '\n');
    assert_int_equal(proof_split(str_bytes(buf_view(&file)), &got, found, &read), -EINVAL);
    buf_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_document_is_proven_whatever_the_logs_length_and_no_other_is, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(every_changed_byte_of_a_proof_is_found, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_proof_of_another_installation_is_none, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_document_of_a_transaction_that_failed_is_never_signed, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(one_transaction_holds_so_many_documents_and_the_next_goes_on, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_checkpoint_is_found_by_its_size_in_a_long_file, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_file_carries_its_proof_and_every_changed_byte_of_it_is_found, fixture_setup, fixture_teardown),
        cmocka_unit_test(the_code_is_the_first_hundred_bits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
