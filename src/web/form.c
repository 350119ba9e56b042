// SPDX-License-Identifier: MPL-2.0
#include "web/form.h"

#include "base/utf8.h"
#include "web/form_field.h"
#include <assert.h>
#include <errno.h>
#include <inttypes.h>

#define MESSAGE_MAX 1024
#define NAME_SHOWN_MAX 40   // bytes of a name that we do not know

const struct form form_empty = { .name = "Empty", .size = 1 };

bool form_takes_files(const struct form *form)
{
    for (size_t i = 0; i < form->count; i++) {
        if (form->fields[i].type == FORM_FILES)
            return true;
    }
    return false;
}

struct binding {
    const struct form *form;
    enum language language;
    struct arena *arena;
    void *data;
    struct form_errors *errors;
    bool seen[FORM_FIELDS_MAX];     // sent
    bool filled[FORM_FIELDS_MAX];   // sent with content
    bool faulty[FORM_FIELDS_MAX];   // has its message
    size_t faults;
};

void form_error_add(struct form_errors *errors, const char *field, struct str message)
{
    if (errors->count < FORM_ERRORS_MAX)
        errors->list[errors->count++] = (struct form_error){ field, message };
}

struct str form_error_of(struct form_errors *errors, const char *field)
{
    for (size_t i = 0; i < errors->count; i++) {
        if (strcmp(errors->list[i].field, field) == 0) {
            errors->said |= 1U << i;
            return errors->list[i].message;
        }
    }
    return STR("");
}

struct str form_error_first(struct form_errors *errors)
{
    return errors->count ? form_error_of(errors, errors->list[0].field) : STR("");
}

int form_values_add(struct form_values *values, struct form_value value)
{
    if (!utf8_valid(value.name) || !utf8_valid(value.text))
        return -EBADMSG;
    if (values->count == FORM_VALUES_MAX)
        return -E2BIG;
    values->list[values->count++] = value;
    return 0;
}

static int complain(struct binding *b, const char *field, const char *english, const struct text_value *values, size_t count)
{
    struct buf buf = buf_bounded(MESSAGE_MAX);
    text_format(&buf, text_of(b->language, english), values, count);
    struct str message = arena_str(b->arena, buf_view(&buf));
    int r = buf.error == -ENOMEM || !message.ptr ? -ENOMEM : 0;
    buf_free(&buf);
    if (r == 0) {
        form_error_add(b->errors, field, message);
        b->faults++;
    }
    return r;
}

static int complain_of_field(struct binding *b, size_t index, const char *english)
{
    const struct form_field *field = &b->form->fields[index];
    if (b->faulty[index])
        return 0;
    b->faulty[index] = true;
    struct text_value values[] = {
        { "label", field->label ? text_of(b->language, field->label) : str_from(field->name) },
        { "min", arena_format(b->arena, "%" PRId64, field->min) },
        { "max", arena_format(b->arena, "%" PRId64, field->max) },
        { "count", arena_format(b->arena, "%zu", form_field_characters(field, b->data)) },
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (!values[i].value.ptr)
            return -ENOMEM;
    }
    return complain(b, field->name, english, values, sizeof(values) / sizeof(values[0]));
}

// The name comes from outside: cut at a character, and without what could hide in it.
static int complain_of_unknown(struct binding *b, struct str name)
{
    if (name.len > NAME_SHOWN_MAX) {
        name.len = NAME_SHOWN_MAX;
        while (name.len > 0 && ((unsigned char)name.ptr[name.len] & 0xc0) == 0x80)
            name.len--;
    }
    bool odd = utf8_has_control(name) || (name.len && (memchr(name.ptr, '\n', name.len) || memchr(name.ptr, '\t', name.len)));
    struct text_value value = { "name", odd ? STR("?") : name };
    return complain(b, "", TEXT("We do not know the field “{name}”. Load the page again, and try once more."), &value, 1);
}

static int bind_value(struct binding *b, const struct form_value *value)
{
    const struct form *form = b->form;
    size_t i = 0;
    while (i < form->count && !str_equal(value->name, str_from(form->fields[i].name)))
        i++;
    if (i == form->count)
        return str_equal(value->name, STR("csrf")) ? 0 : complain_of_unknown(b, value->name);
    if (b->seen[i] && form->fields[i].type != FORM_FILES)
        return complain_of_field(b, i, TEXT("“{label}” came more than once. Load the page again, and try once more."));
    b->seen[i] = true;
    b->filled[i] = value->kind != FORM_KIND_RAW || str_trim(value->text).len > 0;
    const char *fault;
    int r = form_field_read(&form->fields[i], value, b->arena, b->data, &fault);
    return r == 0 && fault ? complain_of_field(b, i, fault) : r;
}

static int bind(struct binding *b, const struct form_values *values)
{
    int r = 0;
    for (size_t i = 0; i < values->count && r == 0; i++)
        r = bind_value(b, &values->list[i]);
    for (size_t i = 0; i < b->form->count && r == 0; i++) {
        const struct form_field *field = &b->form->fields[i];
        // Zero is a number like others.
        bool given = field->type == FORM_INT ? b->filled[i] : !form_field_is_empty(field, b->data);
        if (field->required && !given)
            r = complain_of_field(b, i, form_field_missing(field));
    }
    return r;
}

static int read_values(enum form_source source, struct str body, struct str boundary, struct arena *arena,
                       struct form_values *values)
{
    switch (source) {
    case FORM_URLENCODED:
        return form_read_urlencoded(body, arena, values);
    case FORM_MULTIPART:
        return form_read_multipart(body, boundary, values);
    case FORM_JSON:
        return form_read_json(body, arena, values);
    default:
        return -EBADMSG;
    }
}

int form_parse(const struct form *form, enum form_source source, struct str body, struct str boundary, enum language language,
               struct arena *arena, void **ret_data, struct form_errors *errors)
{
    assert(form->count <= FORM_FIELDS_MAX);
    struct form_values *values = arena_alloc(arena, sizeof(*values));
    void *data = arena_alloc(arena, form->size ? form->size : 1);
    if (!values || !data)
        return -ENOMEM;
    int r = read_values(source, body, boundary, arena, values);
    if (r < 0)
        return r;
    for (size_t i = 0; i < form->count; i++) {
        int64_t none = FORM_NO_DATE;
        if (form->fields[i].type == FORM_DATE)
            memcpy((char *)data + form->fields[i].offset, &none, sizeof(none));
    }
    struct binding binding = { .form = form, .language = language, .arena = arena, .data = data, .errors = errors };
    r = bind(&binding, values);
    if (r < 0)
        return r;
    *ret_data = data;
    return binding.faults ? -EINVAL : 0;
}
