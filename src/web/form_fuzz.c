// SPDX-License-Identifier: MPL-2.0
#include "web/form_fuzz.h"

#include "base/utf8.h"
#include <errno.h>
#include <stdlib.h>

struct fuzzed {
    struct str line, lines, email;
    int64_t number, id, choice, date;
    bool flag;
};

static const char *const choices[] = { "one", "two", NULL };

static const struct form_field fields[] = {
    { "l", FORM_TEXT, offsetof(struct fuzzed, line), true, 2, 20, NULL, "Line" },
    { "t", FORM_LINES, offsetof(struct fuzzed, lines), false, 0, 50, NULL, "Text" },
    { "e", FORM_EMAIL, offsetof(struct fuzzed, email), false, 0, 60, NULL, "E-mail" },
    { "n", FORM_INT, offsetof(struct fuzzed, number), false, -10, 1000, NULL, "Number" },
    { "i", FORM_ID, offsetof(struct fuzzed, id), false, 0, 0, NULL, "Id" },
    { "c", FORM_CHOICE, offsetof(struct fuzzed, choice), false, 0, 0, choices, "Choice" },
    { "d", FORM_DATE, offsetof(struct fuzzed, date), false, 0, 0, NULL, "Date" },
    { "f", FORM_FLAG, offsetof(struct fuzzed, flag), false, 0, 0, NULL, "Flag" },
};

static const struct form form = FORM("Fuzzed", struct fuzzed, fields);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_data(const struct fuzzed *f)
{
    must(utf8_valid(f->line) && utf8_valid(f->lines) && utf8_valid(f->email));
    must(utf8_count(f->line) >= 2 && utf8_count(f->line) <= 20 && !utf8_has_control(f->line));
    must(!memchr(f->line.ptr, '\n', f->line.len));
    must(utf8_count(f->lines) <= 50 && !(f->lines.len && memchr(f->lines.ptr, '\r', f->lines.len)));
    must(utf8_count(f->email) <= 60 && (f->email.len == 0 || memchr(f->email.ptr, '@', f->email.len)));
    must(f->number >= -10 && f->number <= 1000);
    must(f->id >= 0);
    must(f->choice >= 0 && f->choice <= 2);
    must(f->date == FORM_NO_DATE || (f->date > -50000 && f->date < 90000));
}

void form_fuzz_one(enum form_source source, const uint8_t *data, size_t size)
{
    struct str body = { size ? (const char *)data : "", size };
    struct str boundary = source == FORM_MULTIPART ? str_cut(&body, '\n') : STR("");
    struct arena *arena;
    if (arena_new(1 << 20, &arena) < 0)
        return;
    void *parsed = NULL;
    struct form_errors errors = { 0 };
    int r = form_parse(&form, source, body, boundary, LANGUAGE_ENGLISH, arena, &parsed, &errors);
    must(r == 0 || r == -EINVAL || r == -EBADMSG || r == -E2BIG || r == -ENOMEM);
    must((r == -EINVAL) == (errors.count > 0) || r == -ENOMEM);
    if (r == 0)
        check_data(parsed);
    for (size_t i = 0; i < errors.count; i++)
        must(utf8_valid(errors.list[i].message));
    arena_free(arena);
}
