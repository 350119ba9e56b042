// SPDX-License-Identifier: MPL-2.0
// A JSON object (RFC 8259) with the fields as members.
#include "web/form_source.h"

#include <errno.h>
#include <jansson.h>

#define JSON_DEPTH_MAX 8
#define JSON_VALUES_MAX 256   // everything in the text; keeps a small body from becoming a large tree

// Counts before anything is built: the parser's own limits are far above ours.
static int check_size(struct str body)
{
    size_t depth = 0, values = 0;
    bool in_string = false;
    for (size_t i = 0; i < body.len; i++) {
        char c = body.ptr[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
            continue;
        }
        bool opens = c == '{' || c == '[', closes = c == '}' || c == ']';
        if ((opens && ++depth > JSON_DEPTH_MAX) || (closes && depth-- == 0))
            return -EBADMSG;
        if (c == ',' && ++values > JSON_VALUES_MAX)
            return -E2BIG;
        in_string = c == '"';
    }
    return 0;
}

static int add_member(const char *name, const json_t *member, struct arena *arena, struct form_values *values)
{
    struct form_value value = { .kind = FORM_KIND_OTHER };
    value.name = arena_str(arena, str_from(name));
    if (json_is_string(member)) {
        value.kind = FORM_KIND_TEXT;
        value.text = arena_str(arena, (struct str){ json_string_value(member), json_string_length(member) });
    } else if (json_is_integer(member)) {
        value.kind = FORM_KIND_INT;
        value.number = json_integer_value(member);
    } else if (json_is_boolean(member)) {
        value.kind = FORM_KIND_FLAG;
        value.number = json_is_true(member);
    }
    if (!value.name.ptr || (value.kind == FORM_KIND_TEXT && !value.text.ptr))
        return -ENOMEM;
    return form_values_add(values, value);
}

int form_read_json(struct str body, struct arena *arena, struct form_values *values)
{
    int r = check_size(body);
    if (r < 0)
        return r;
    json_error_t error;
    json_t *root = json_loadb(body.ptr ? body.ptr : "", body.len, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        return json_error_code(&error) == json_error_out_of_memory ? -ENOMEM : -EBADMSG;
    const char *name;
    json_t *member;
    r = json_is_object(root) ? 0 : -EBADMSG;
    json_object_foreach(root, name, member) {
        if (r == 0)
            r = add_member(name, member, arena, values);
    }
    json_decref(root);
    return r;
}
