// SPDX-License-Identifier: MPL-2.0
#include "web/openapi_schema.h"

#include "base/log.h"
#include <errno.h>

static int name_taken(const char *name)
{
    log_event(LOG_ERROR, "openapi", "schema=%s expected=\"one table for each name\"", name);
    return -EINVAL;
}

int openapi_add_view(struct openapi_schemas *schemas, const struct view *view)
{
    for (size_t i = 0; i < schemas->views_count; i++) {
        if (schemas->views[i] == view)
            return 0;
        if (strcmp(schemas->views[i]->name, view->name) == 0)
            return name_taken(view->name);
    }
    for (size_t i = 0; i < schemas->forms_count; i++) {
        if (strcmp(schemas->forms[i]->name, view->name) == 0)
            return name_taken(view->name);
    }
    if (schemas->views_count == OPENAPI_SCHEMAS_MAX)
        return -E2BIG;
    schemas->views[schemas->views_count++] = view;
    for (size_t i = 0; i < view->count; i++) {
        int r = view->fields[i].of ? openapi_add_view(schemas, view->fields[i].of) : 0;
        if (r < 0)
            return r;
    }
    return 0;
}

int openapi_add_form(struct openapi_schemas *schemas, const struct form *form)
{
    for (size_t i = 0; i < schemas->forms_count; i++) {
        if (schemas->forms[i] == form)
            return 0;
        if (strcmp(schemas->forms[i]->name, form->name) == 0)
            return name_taken(form->name);
    }
    for (size_t i = 0; i < schemas->views_count; i++) {
        if (strcmp(schemas->views[i]->name, form->name) == 0)
            return name_taken(form->name);
    }
    if (schemas->forms_count == OPENAPI_SCHEMAS_MAX)
        return -E2BIG;
    schemas->forms[schemas->forms_count++] = form;
    return 0;
}

static void put_reference_member(struct json_out *out, const char *name)
{
    json_out_key(out, STR("$ref"));
    json_out_value(out);
    // Schema names are C identifiers: nothing in them needs escaping.
    buf_lit(out->buf, "\"#/components/schemas/");
    buf_str(out->buf, str_from(name));
    buf_char(out->buf, '"');
}

void openapi_put_reference(struct json_out *out, const char *name)
{
    json_out_open(out, '{');
    put_reference_member(out, name);
    json_out_close(out, '}');
}

static void put_number(struct json_out *out, struct str name, int64_t number)
{
    json_out_key(out, name);
    json_out_int(out, number);
}

static void put_type_or_null(struct json_out *out)
{
    json_out_key(out, STR("type"));
    json_out_open(out, '[');
    json_out_text(out, STR("string"));
    json_out_text(out, STR("null"));
    json_out_close(out, ']');
}

static void put_lengths(struct json_out *out, const struct form_field *field)
{
    openapi_put_member(out, "type", "string");
    // An empty text of a field that is not required means that there is none.
    if (field->required)
        put_number(out, STR("minLength"), field->min > 1 ? field->min : 1);
    put_number(out, STR("maxLength"), field->max);
}

static void put_choices(struct json_out *out, const struct form_field *field)
{
    openapi_put_member(out, "type", "string");
    json_out_key(out, STR("enum"));
    json_out_open(out, '[');
    for (const char *const *choice = field->choices; *choice; choice++)
        json_out_text(out, str_from(*choice));
    if (!field->required)
        json_out_text(out, STR(""));
    json_out_close(out, ']');
}

static void put_files(struct json_out *out, const struct form_field *field)
{
    if (field->max > 1) {
        openapi_put_member(out, "type", "array");
        put_number(out, STR("maxItems"), field->max);
        json_out_key(out, STR("items"));
        json_out_open(out, '{');
    }
    openapi_put_member(out, "type", "string");
    openapi_put_member(out, "contentMediaType", "application/octet-stream");
    if (field->max > 1)
        json_out_close(out, '}');
}

static void put_field_type(struct json_out *out, const struct form_field *field)
{
    switch (field->type) {
    case FORM_TEXT:
    case FORM_LINES:
        put_lengths(out, field);
        break;
    case FORM_EMAIL:
        put_lengths(out, field);
        if (field->required)
            openapi_put_member(out, "format", "email");
        break;
    case FORM_INT:
        openapi_put_member(out, "type", "integer");
        put_number(out, STR("minimum"), field->min);
        put_number(out, STR("maximum"), field->max);
        break;
    case FORM_ID:
        openapi_put_member(out, "type", "string");
        if (field->required)
            openapi_put_member(out, "pattern", OPENAPI_ID_PATTERN);
        else
            openapi_put_member(out, "pattern", "^([1-9][0-9]{0,18})?$");
        break;
    case FORM_FLAG:
        openapi_put_member(out, "type", "boolean");
        if (field->required) {
            json_out_key(out, STR("const"));
            json_out_bool(out, true);
        }
        break;
    case FORM_FILES:
        put_files(out, field);
        break;
    case FORM_CHOICE:
        put_choices(out, field);
        break;
    default:
        openapi_put_member(out, "type", "string");
        if (field->required)
            openapi_put_member(out, "format", "date");
    }
}

void openapi_put_field(struct json_out *out, const struct form_field *field)
{
    json_out_open(out, '{');
    put_field_type(out, field);
    if (field->label) {
        json_out_key(out, STR("description"));
        json_out_text(out, str_from(field->label));
    }
    json_out_close(out, '}');
}

static void put_required(struct json_out *out, const struct form *form)
{
    json_out_key(out, STR("required"));
    json_out_open(out, '[');
    for (size_t i = 0; i < form->count; i++) {
        if (form->fields[i].required)
            json_out_text(out, str_from(form->fields[i].name));
    }
    json_out_close(out, ']');
}

static void put_closed(struct json_out *out)
{
    json_out_key(out, STR("additionalProperties"));
    json_out_bool(out, false);
}

static void put_form(struct json_out *out, const struct form *form)
{
    json_out_key(out, str_from(form->name));
    json_out_open(out, '{');
    openapi_put_member(out, "type", "object");
    put_required(out, form);
    json_out_key(out, STR("properties"));
    json_out_open(out, '{');
    bool has_csrf = false;
    for (size_t i = 0; i < form->count; i++) {
        has_csrf |= strcmp(form->fields[i].name, "csrf") == 0;
        json_out_key(out, str_from(form->fields[i].name));
        openapi_put_field(out, &form->fields[i]);
    }
    if (!has_csrf) {
        json_out_key(out, STR("csrf"));
        json_out_open(out, '{');
        openapi_put_member(out, "type", "string");
        openapi_put_member(out, "description", "The page's token; or send it as the header X-CSRF-Token");
        json_out_close(out, '}');
    }
    json_out_close(out, '}');
    put_closed(out);
    json_out_close(out, '}');
}

static void put_view_type(struct json_out *out, const struct view_field *field)
{
    switch (field->type) {
    case VIEW_TEXT:
        openapi_put_member(out, "type", "string");
        break;
    case VIEW_TEXT_OR_NULL:
        put_type_or_null(out);
        break;
    case VIEW_ID:
        put_type_or_null(out);
        openapi_put_member(out, "pattern", "^-?[1-9][0-9]{0,18}$");
        break;
    case VIEW_INT:
        openapi_put_member(out, "type", "integer");
        break;
    case VIEW_BOOL:
        openapi_put_member(out, "type", "boolean");
        break;
    case VIEW_TIME:
        put_type_or_null(out);
        openapi_put_member(out, "format", "date-time");
        break;
    case VIEW_OBJECT:
        put_reference_member(out, field->of->name);
        break;
    default:
        openapi_put_member(out, "type", "array");
        json_out_key(out, STR("items"));
        openapi_put_reference(out, field->of->name);
    }
}

static void put_view(struct json_out *out, const struct view *view)
{
    json_out_key(out, str_from(view->name));
    json_out_open(out, '{');
    openapi_put_member(out, "type", "object");
    json_out_key(out, STR("required"));
    json_out_open(out, '[');
    for (size_t i = 0; i < view->count; i++)
        json_out_text(out, str_from(view->fields[i].name));
    json_out_close(out, ']');
    json_out_key(out, STR("properties"));
    json_out_open(out, '{');
    for (size_t i = 0; i < view->count; i++) {
        json_out_key(out, str_from(view->fields[i].name));
        json_out_open(out, '{');
        put_view_type(out, &view->fields[i]);
        if (view->fields[i].about) {
            json_out_key(out, STR("description"));
            json_out_text(out, str_from(view->fields[i].about));
        }
        json_out_close(out, '}');
    }
    json_out_close(out, '}');
    put_closed(out);
    json_out_close(out, '}');
}

void openapi_put_schemas(struct json_out *out, const struct openapi_schemas *schemas)
{
    for (size_t i = 0; i < schemas->views_count; i++)
        put_view(out, schemas->views[i]);
    for (size_t i = 0; i < schemas->forms_count; i++)
        put_form(out, schemas->forms[i]);
}
