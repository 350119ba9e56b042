// SPDX-License-Identifier: MPL-2.0
// One value and one field: what the value means, or what is wrong with it. Only form.c includes this.
#pragma once

#include "web/form.h"
#include "web/form_source.h"

// Writes the value to its place in data (the form's struct), also a text that breaks a rule, so that it can be shown again.
// *ret_fault: NULL, or the English text that says what is wrong, with the places {label}, {min}, {max}, {count}.
// 0 or -ENOMEM.
int form_field_read(const struct form_field *field, const struct form_value *value, struct arena *arena, void *data,
                    const char **ret_fault);

// Whether a required field still waits for its content.
bool form_field_is_empty(const struct form_field *field, const void *data);

// What to say then.
const char *form_field_missing(const struct form_field *field);

// The characters of the field's text in data; 0 for other types.
size_t form_field_characters(const struct form_field *field, const void *data);
