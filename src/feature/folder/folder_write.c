// SPDX-License-Identifier: MPL-2.0
#include "feature/folder/folder_write.h"

#define PIECE_FULL ((size_t)64 << 10)

static int flush(struct folder_part *part, size_t least)
{
    if (part->html.len >= least || part->html.error)
        folder_store_take(part->page, &part->html);
    if (part->json.len >= least || part->json.error)
        folder_store_take(&part->data, &part->json);
    return part->page->error ? part->page->error : part->data.error;
}

int folder_flush(struct folder_part *part)
{
    return flush(part, PIECE_FULL);
}

int folder_flush_all(struct folder_part *part)
{
    return flush(part, 0);
}

void folder_put_text(struct folder_part *part, const char *key, struct str text)
{
    json_out_key(&part->values, str_from(key));
    json_out_text(&part->values, text);
}

void folder_put_int(struct folder_part *part, const char *key, int64_t number)
{
    json_out_key(&part->values, str_from(key));
    json_out_int(&part->values, number);
}

void folder_put_id(struct folder_part *part, const char *key, int64_t id)
{
    char text[24];
    int len = snprintf(text, sizeof(text), "%lld", (long long)id);
    folder_put_text(part, key, (struct str){ text, (size_t)len });
}

void folder_put_time(struct folder_part *part, const char *key, int64_t ms)
{
    json_out_key(&part->values, str_from(key));
    json_out_value(&part->values);
    if (ms)
        json_out_instant(&part->json, ms);
    else
        buf_lit(&part->json, "null");
}

struct str folder_when(struct folder_part *part, struct arena *arena, int64_t ms)
{
    part->dates.arena = arena;
    return dates_moment(&part->dates, ms);
}

struct str folder_day(struct folder_part *part, struct arena *arena, int64_t ms)
{
    part->dates.arena = arena;
    return dates_date(&part->dates, ms);
}

void folder_heading(struct folder_part *part, const char *id, const char *english)
{
    buf_format(&part->html, "<h2 id=\"%s\">", id);
    html_text(&part->html, request_text(part->request, english));
    buf_lit(&part->html, "</h2>\n");
}
