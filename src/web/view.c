// SPDX-License-Identifier: MPL-2.0
#include "web/view.h"

#include "web/json_out.h"
#include <assert.h>

static int64_t number_at(const void *at)
{
    int64_t number;
    memcpy(&number, at, sizeof(number));
    return number;
}

static void put_view(struct json_out *out, const struct view *view, const void *data);

static void put_text(struct json_out *out, const void *at, bool or_null)
{
    struct str text;
    memcpy(&text, at, sizeof(text));
    if (or_null && !text.ptr)
        json_out_null(out);
    else
        json_out_text(out, text);
}

static void put_id(struct json_out *out, int64_t id)
{
    if (id == 0) {
        json_out_null(out);
        return;
    }
    json_out_value(out);
    buf_char(out->buf, '"');
    buf_int(out->buf, id);
    buf_char(out->buf, '"');
}

static void put_time(struct json_out *out, int64_t ms)
{
    if (ms == 0) {
        json_out_null(out);
        return;
    }
    json_out_value(out);
    json_out_instant(out->buf, ms);
}

static void put_list(struct json_out *out, const struct view_field *field, const char *data)
{
    const char *list;
    size_t count;
    memcpy(&list, data + field->offset, sizeof(list));
    memcpy(&count, data + field->count_offset, sizeof(count));
    json_out_open(out, '[');
    for (size_t i = 0; i < count; i++)
        put_view(out, field->of, list + i * field->of->size);
    json_out_close(out, ']');
}

static void put_field(struct json_out *out, const struct view_field *field, const char *data)
{
    const char *at = data + field->offset;
    switch (field->type) {
    case VIEW_TEXT:
    case VIEW_TEXT_OR_NULL:
        put_text(out, at, field->type == VIEW_TEXT_OR_NULL);
        break;
    case VIEW_ID:
        put_id(out, number_at(at));
        break;
    case VIEW_INT:
        json_out_int(out, number_at(at));
        break;
    case VIEW_BOOL:
        json_out_bool(out, *(const bool *)at);
        break;
    case VIEW_TIME:
        put_time(out, number_at(at));
        break;
    case VIEW_OBJECT:
        put_view(out, field->of, at);
        break;
    case VIEW_LIST:
        put_list(out, field, data);
        break;
    default:
        assert(false && "a view field without a type");
    }
}

static void put_view(struct json_out *out, const struct view *view, const void *data)
{
    json_out_open(out, '{');
    for (size_t i = 0; i < view->count; i++) {
        json_out_key(out, str_from(view->fields[i].name));
        put_field(out, &view->fields[i], data);
    }
    json_out_close(out, '}');
}

void view_json(struct buf *buf, const struct view *view, const void *data)
{
    struct json_out out = { buf, false };
    put_view(&out, view, data);
}
