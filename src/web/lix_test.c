// SPDX-License-Identifier: MPL-2.0
// The Danish that we write ourselves is easy to read.
#include "base/buf.h"
#include "base/lix.h"
#include "texts_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define LIX_MAX 34      // "easy", the mission's bound for what citizens read


static bool is_sentence(struct str text)
{
    return text.len > 0 && strchr(".!?", text.ptr[text.len - 1]);
}

static int measure(const struct buf *buf)
{
    int result = -1;
    assert_int_equal(buf->error, 0);
    assert_int_equal(lix(buf_view(buf), &result), 0);
    return result;
}

static void all_danish_sentences_together_are_easy(void **state)
{
    struct buf all = buf_bounded(1 << 20);
    size_t count = 0;
    for (size_t i = 0; i < TEXTS_COUNT; i++) {
        struct str text = texts_table[LANGUAGE_DANISH][i];
        if (is_sentence(text)) {
            buf_str(&all, text);
            buf_char(&all, '\n');
            count++;
        }
    }
    int result = measure(&all);
    print_message("# %zu Danish sentences: LIX %d\n", count, result);
    assert_true(count > 100);
    assert_in_range(result, 1, LIX_MAX);
    buf_free(&all);
}

static void no_long_danish_text_is_hard(void **state)
{
    for (size_t i = 0; i < TEXTS_COUNT; i++) {
        struct str text = texts_table[LANGUAGE_DANISH][i];
        int result;
        if (lix_count(text).words >= LIX_WORDS_MIN && lix(text, &result) == 0 && result > LIX_MAX)
            fail_msg("LIX %d: %.*s", result, (int)text.len, text.ptr);
    }
}

static void hard_danish_would_be_found(void **state)
{
    static const char hard[] =
        "Kommunalbestyrelsens sagsbehandlingsprocedurer forudsætter samtykkeerklæringer vedrørende tværfaglige "
        "indsatsforløb, hvorefter myndighedspersoner iværksætter foranstaltninger. ";
    struct buf text = buf_bounded(10000);
    for (int i = 0; i < 5; i++)
        buf_lit(&text, hard);
    assert_true(measure(&text) > LIX_MAX);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_danish_sentences_together_are_easy),
        cmocka_unit_test(no_long_danish_text_is_hard),
        cmocka_unit_test(hard_danish_would_be_found),
    };
    return cmocka_run_group_tests_name("lix_texts", tests, NULL, NULL);
}
