// SPDX-License-Identifier: MPL-2.0
// Between the readers of bodies (form_urlencoded.c, form_multipart.c, form_json.c) and form.c, which gives the values
// their meaning. Nobody else includes this.
#pragma once

#include "web/form.h"

#define FORM_VALUES_MAX 64

enum form_kind {
    FORM_KIND_UNSET,
    FORM_KIND_RAW,     // text from an HTML form: the field says what it means
    FORM_KIND_TEXT,    // a JSON string
    FORM_KIND_INT,     // a JSON number without fraction
    FORM_KIND_FLAG,    // JSON true and false; number is 1 or 0
    FORM_KIND_FILE,    // a file of a multipart body
    FORM_KIND_OTHER,   // JSON null, fraction, list or object
};

// Names and texts are valid UTF-8 without NUL.
struct form_value {
    struct str name;
    enum form_kind kind;
    struct str text;
    int64_t number;
    struct form_file file;
};

struct form_values {
    struct form_value list[FORM_VALUES_MAX];
    size_t count;
};

// -EBADMSG for broken UTF-8 or NUL, -E2BIG above FORM_VALUES_MAX.
int form_values_add(struct form_values *values, struct form_value value);

// Each adds the body's values in order; what they point to is in the arena or the body. 0, -EBADMSG, -E2BIG, -ENOMEM.
int form_read_urlencoded(struct str body, struct arena *arena, struct form_values *values);
int form_read_multipart(struct str body, struct str boundary, struct form_values *values);
int form_read_json(struct str body, struct arena *arena, struct form_values *values);
