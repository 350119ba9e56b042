// SPDX-License-Identifier: MPL-2.0
// The forms that form_test.c and form_body_test.c fill in.
#pragma once

#include "web/form.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

struct meeting {
    struct str topic;
    struct str text;
    struct str email;
    int64_t number;
    int64_t person;
    int64_t kind;
    int64_t day;
    bool agreed;
};

extern const struct form meeting_form;   // only the topic is required
extern const struct form strict_form;    // all is required

struct form_fixture {
    struct arena *arena;
    char *body;
    struct form_errors errors;
    struct meeting *data;
};

int form_fixture_set_up(void **state);
int form_fixture_tear_down(void **state);

// Parses a copy of exactly the body's length, so that a read behind its end is found; fills errors and data.
int form_fixture_parse(struct form_fixture *f, const struct form *form, enum form_source source, struct str body, const char *boundary);

// Fails unless the field's message holds the words.
void assert_says(struct form_fixture *f, const char *field, const char *words);

#define assert_text(value, expected)                           \
    do {                                                       \
        struct str got_ = (value);                             \
        assert_int_equal(got_.len, strlen(expected));          \
        assert_memory_equal(got_.ptr, expected, got_.len);     \
    } while (0)

#define FORM_TEST(name) cmocka_unit_test_setup_teardown(name, form_fixture_set_up, form_fixture_tear_down)
