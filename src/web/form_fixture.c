// SPDX-License-Identifier: MPL-2.0
#include "web/form_fixture.h"

#include <stdlib.h>

static const char *const kinds[] = { "visit", "call", NULL };

static const struct form_field meeting_fields[] = {
    { "topic", FORM_TEXT, offsetof(struct meeting, topic), true, 2, 10, NULL, "Topic" },
    { "text", FORM_LINES, offsetof(struct meeting, text), false, 0, 40, NULL, "Text" },
    { "email", FORM_EMAIL, offsetof(struct meeting, email), false, 0, 60, NULL, "E-mail" },
    { "number", FORM_INT, offsetof(struct meeting, number), false, -5, 20, NULL, "Number" },
    { "person", FORM_ID, offsetof(struct meeting, person), false, 0, 0, NULL, "Person" },
    { "kind", FORM_CHOICE, offsetof(struct meeting, kind), false, 0, 0, kinds, "Kind" },
    { "day", FORM_DATE, offsetof(struct meeting, day), false, 0, 0, NULL, "Day" },
    { "agreed", FORM_FLAG, offsetof(struct meeting, agreed), false, 0, 0, NULL, "Agreed" },
};

const struct form meeting_form = FORM("MeetingForm", struct meeting, meeting_fields);

static const struct form_field strict_fields[] = {
    { "number", FORM_INT, offsetof(struct meeting, number), true, 0, 20, NULL, "Number" },
    { "person", FORM_ID, offsetof(struct meeting, person), true, 0, 0, NULL, "Person" },
    { "kind", FORM_CHOICE, offsetof(struct meeting, kind), true, 0, 0, kinds, "Kind" },
    { "day", FORM_DATE, offsetof(struct meeting, day), true, 0, 0, NULL, "Day" },
    { "agreed", FORM_FLAG, offsetof(struct meeting, agreed), true, 0, 0, NULL, "Agreed" },
    { "email", FORM_EMAIL, offsetof(struct meeting, email), true, 0, 60, NULL, "E-mail" },
    { "text", FORM_LINES, offsetof(struct meeting, text), true, 0, 40, NULL, "Text", "Write a message." },
};

const struct form strict_form = FORM("StrictForm", struct meeting, strict_fields);

int form_fixture_set_up(void **state)
{
    struct form_fixture *f = calloc(1, sizeof(*f));
    *state = f;
    return f ? arena_new(4 << 20, &f->arena) : -ENOMEM;
}

int form_fixture_tear_down(void **state)
{
    struct form_fixture *f = *state;
    arena_free(f->arena);
    free(f->body);
    free(f);
    return 0;
}

int form_fixture_parse(struct form_fixture *f, const struct form *form, enum form_source source, struct str body, const char *boundary)
{
    free(f->body);
    f->body = malloc(body.len ? body.len : 1);
    assert_non_null(f->body);
    memcpy(f->body, body.ptr, body.len);
    void *data = NULL;
    f->errors = (struct form_errors){ 0 };
    int r = form_parse(form, source, (struct str){ f->body, body.len }, str_from(boundary), LANGUAGE_ENGLISH, f->arena, &data, &f->errors);
    f->data = data;
    assert_int_equal(r == 0 || r == -EINVAL, data != NULL);
    assert_int_equal(r == -EINVAL, f->errors.count > 0);
    return r;
}

void assert_says(struct form_fixture *f, const char *field, const char *words)
{
    struct str message = form_error_of(&f->errors, field);
    if (!message.len || !memmem(message.ptr, message.len, words, strlen(words)))
        fail_msg("%s: expected \"%s\", got \"%.*s\"", field, words, (int)message.len, message.ptr);
}
