// SPDX-License-Identifier: MPL-2.0
// What a route accepts, described as data: urlencoded, multipart or JSON bodies and query strings become a C struct, or
// messages that help. Unknown fields, wrong types, broken UTF-8, NUL and control characters are refused.
#pragma once

#include "base/arena.h"
#include "web/text.h"

enum form_type {
    FORM_UNSET,
    FORM_TEXT,     // struct str, trimmed; one line
    FORM_LINES,    // struct str, trimmed; several lines, CR LF made LF
    FORM_INT,      // int64_t, min … max; 0 when absent
    FORM_ID,       // int64_t; digits (a string in JSON)
    FORM_FLAG,     // bool; absent means false; "1", "on", true
    FORM_CHOICE,   // int64_t: the index in .choices plus 1
    FORM_EMAIL,    // struct str; one @, a dot in the domain, no spaces or controls
    FORM_FILES,    // struct form_files: at most .max files of a multipart body (max is mandatory)
    FORM_DATE,     // int64_t days since 1970-01-01; "2026-11-22", "22-11-2026", "22.11.2026", "22/11-2026", "22112026"; FORM_NO_DATE when absent
};

#define FORM_NO_DATE INT64_MIN

// A file as it was sent. Name and type are what the sender says: the name is UTF-8, and otherwise nothing is known of any of them.
struct form_file {
    struct str name;
    struct str type;
    struct bytes bytes;
};

#define FORM_FILES_MAX 10

struct form_files {
    struct form_file list[FORM_FILES_MAX];
    size_t count;
};

#define FORM_FIELDS_MAX 64

struct form_field {
    const char *name;
    enum form_type type;
    size_t offset;              // in the form's struct
    bool required;              // not blank; of a flag: must be set
    int64_t min, max;           // characters of texts (max is mandatory), value of numbers
    const char *const *choices; // NULL-terminated, FORM_CHOICE
    const char *label;          // TEXT("…"); used in messages and as OpenAPI description
    const char *missing;        // TEXT("Write a message."), when a required field is empty; NULL: a general sentence
};

// A field that is named like the member of the form's struct. Behind the label: further members of struct form_field.
#define FORM_FIELD(struct_type, member, form_type, text, ...)                                           \
    { .name = #member, .type = form_type, .offset = offsetof(struct_type, member), .label = text,       \
      __VA_ARGS__ }

struct form {
    const char *name;           // "PostForm": the schema's name
    size_t size;                // of the struct
    const struct form_field *fields;
    size_t count;
};

// Whether the form takes files: then it comes as multipart only.
bool form_takes_files(const struct form *form);

// Of a POST that says nothing but that it happened.
extern const struct form form_empty;

#define FORM(schema, type, array) { schema, sizeof(type), array, sizeof(array) / sizeof((array)[0]) }

#define FORM_ERRORS_MAX 16

struct form_error {
    const char *field;          // the field's name, or "" for the whole form
    struct str message;         // in the person's language
};

struct form_errors {
    struct form_error list[FORM_ERRORS_MAX];
    size_t count;
    uint32_t said;              // a bit for each that the page asked for (form_error_of); the others stand above it (web/frame.h)
};

// Adds a message for a field (a rule of the feature that was broken).
void form_error_add(struct form_errors *errors, const char *field, struct str message);

// The message of a field, or the empty text: for the page, which says it beside the field.
struct str form_error_of(struct form_errors *errors, const char *field);

// The first message, whichever field it is of, or the empty text: for a page with one place for them.
struct str form_error_first(struct form_errors *errors);

enum form_source { FORM_SOURCE_UNSET, FORM_URLENCODED, FORM_MULTIPART, FORM_JSON };

// Parses into a zeroed struct in the arena. 0: *ret_data is complete. -EINVAL: errors were added; *ret_data holds what could be read, for showing again.
// A field "csrf" is passed over (the router has checked it), unless the form has one itself. boundary: of FORM_MULTIPART only.
// -EBADMSG: the bytes themselves are malformed (400). -E2BIG: too many fields. -ENOMEM.
int form_parse(const struct form *form, enum form_source source, struct str body, struct str boundary, enum language language,
               struct arena *arena, void **ret_data, struct form_errors *errors);

// Reads a date as FORM_DATE does, into days since 1970-01-01. -EINVAL.
int form_read_date(struct str text, int64_t *ret_days);
