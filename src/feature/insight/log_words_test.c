// SPDX-License-Identifier: MPL-2.0
#include "feature/insight/log_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

// What no page shows: it is no deed of a person's, or comes with one that is shown.
static bool is_silent(enum audit_kind kind)
{
    switch (kind) {
    case AUDIT_NONE:
    case AUDIT_KEY_EPOCH:
    case AUDIT_KEY_ROTATE:
    case AUDIT_KEY_RETIRE:
    case AUDIT_PORTRAIT_READ:
    case AUDIT_DOCUMENT_MADE:
    case AUDIT_REVIEW_DRAW:
    case AUDIT_ERASURE_BEGIN:
        return true;
    default:
        return false;
    }
}

static void everything_that_people_do_has_words_on_the_log_page(void **unused)
{
    for (unsigned kind = AUDIT_NONE; kind < AUDIT_KIND_COUNT; kind++) {
        const struct log_words *words = log_words((enum audit_kind)kind);
        if (words->group == LOG_NONE && !is_silent((enum audit_kind)kind))
            fail_msg("%s: give it words in log_words.c, or say here that it is silent", audit_kind_name((enum audit_kind)kind));
    }
}

static void what_others_see_says_who_did_it_first(void **unused)
{
    for (unsigned kind = AUDIT_NONE; kind < AUDIT_KIND_COUNT; kind++) {
        const struct log_words *words = log_words((enum audit_kind)kind);
        bool seen = words->flags & (LOG_TO_CITIZEN | LOG_ABOUT);
        if (words->group == LOG_NONE)
            continue;
        assert_int_equal(seen, words->text != NULL);
        assert_true(words->text || words->own);
        if (words->text && !(words->flags & LOG_ITSELF))
            assert_memory_equal(words->text, "{who}", 5);
        if (words->bare)
            assert_memory_equal(words->bare, "{who}", 5);
    }
}

static void unknown_kinds_are_not_shown(void **unused)
{
    assert_int_equal(log_words((enum audit_kind)999)->group, LOG_NONE);
    assert_int_equal(log_words(AUDIT_UNSET)->group, LOG_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_that_people_do_has_words_on_the_log_page),
        cmocka_unit_test(what_others_see_says_who_did_it_first),
        cmocka_unit_test(unknown_kinds_are_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
