// SPDX-License-Identifier: MPL-2.0
// How a view (a plain struct that a handler fills) reads as JSON, and as a schema in OpenAPI. The same struct is the
// parameter of the HTML template; what is not described here is for HTML only.
#pragma once

#include "base/buf.h"

enum view_type {
    VIEW_UNSET,
    VIEW_TEXT,     // struct str
    VIEW_TEXT_OR_NULL,   // struct str; ptr NULL gives null
    VIEW_ID,       // int64_t, a string of digits in JSON; 0 gives null
    VIEW_INT,      // int64_t
    VIEW_BOOL,     // bool
    VIEW_TIME,     // int64_t milliseconds; RFC 3339 UTC in JSON; 0 gives null
    VIEW_OBJECT,   // a struct within
    VIEW_LIST,     // pointer to an array, with a size_t count
};

struct view;
struct view_field {
    const char *name;
    enum view_type type;
    size_t offset;
    size_t count_offset;        // VIEW_LIST
    const struct view *of;      // VIEW_OBJECT, VIEW_LIST
    const char *about;          // English; for OpenAPI
};

struct view {
    const char *name;           // "Dialogue": the schema's name
    size_t size;                // sizeof of the struct
    const struct view_field *fields;
    size_t count;
};

#define VIEW_CHECK(type, member, wanted) \
    (offsetof(type, member) + 0 * sizeof(char[_Generic(((type *)0)->member, wanted : 1, default : -1)]))
#define VIEW_STR(type, member, words) { #member, VIEW_TEXT, VIEW_CHECK(type, member, struct str), 0, NULL, words }
#define VIEW_STR_OR_NULL(type, member, words) { #member, VIEW_TEXT_OR_NULL, VIEW_CHECK(type, member, struct str), 0, NULL, words }
#define VIEW_ID(type, member, words) { #member, VIEW_ID, VIEW_CHECK(type, member, int64_t), 0, NULL, words }
#define VIEW_INT(type, member, words) { #member, VIEW_INT, VIEW_CHECK(type, member, int64_t), 0, NULL, words }
#define VIEW_BOOL(type, member, words) { #member, VIEW_BOOL, VIEW_CHECK(type, member, bool), 0, NULL, words }
#define VIEW_TIME(type, member, words) { #member, VIEW_TIME, VIEW_CHECK(type, member, int64_t), 0, NULL, words }
#define VIEW_OBJECT(type, member, view, words) { #member, VIEW_OBJECT, offsetof(type, member), 0, view, words }
// The count stands in the member named like the list with _count behind.
#define VIEW_LIST(type, member, view, words) \
    { #member, VIEW_LIST, offsetof(type, member), VIEW_CHECK(type, member##_count, size_t), view, words }

#define VIEW(schema, type, array) { schema, sizeof(type), array, sizeof(array) / sizeof((array)[0]) }

// Writes the view as JSON text.
void view_json(struct buf *buf, const struct view *view, const void *data);
