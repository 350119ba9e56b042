// SPDX-License-Identifier: MPL-2.0
// JSON Schema (2020-12) of forms and views, for openapi.c.
#pragma once

#include "web/form.h"
#include "web/json_out.h"
#include "web/view.h"

#define OPENAPI_SCHEMAS_MAX 512

// The named schemas that a document refers to, each once.
struct openapi_schemas {
    const struct view *views[OPENAPI_SCHEMAS_MAX];
    size_t views_count;
    const struct form *forms[OPENAPI_SCHEMAS_MAX];
    size_t forms_count;
};

// Adds the view and all views within it. -EINVAL when another table has the name (logged), -E2BIG.
int openapi_add_view(struct openapi_schemas *schemas, const struct view *view);
int openapi_add_form(struct openapi_schemas *schemas, const struct form *form);

// "components": {"schemas": …} without its braces: one member for each schema.
void openapi_put_schemas(struct json_out *out, const struct openapi_schemas *schemas);

// {"$ref": "#/components/schemas/NAME"}
void openapi_put_reference(struct json_out *out, const char *name);

// The schema of one field of a form.
void openapi_put_field(struct json_out *out, const struct form_field *field);

// Decimal identifiers: digits without a leading zero.
#define OPENAPI_ID_PATTERN "^[1-9][0-9]{0,18}$"

#define openapi_put_member(out, name, literal) (json_out_key((out), STR(name)), json_out_text((out), STR(literal)))
