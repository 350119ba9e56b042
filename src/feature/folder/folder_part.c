// SPDX-License-Identifier: MPL-2.0
#include "feature/folder/folder_part.h"

#include "base/encode.h"
#include "feature/folder/folder_html.h"
#include "feature/folder/folder_style.h"
#include "feature/folder/folder_view.h"
#include "feature/folder/folder_write.h"
#include "feature/insight/insight.h"

#include <errno.h>
#include <stdlib.h>

#define PIECE_MAX ((size_t)16 << 20)     // of one part, before it goes into the store

int folder_part_begin(struct request *request, struct arena *scratch, struct folder_store *page, struct folder_part *part)
{
    uint8_t key[KEEPER_PUBLIC_KEY];
    struct account_scene scene = { request->db, request->keys, request->arena, request->now };
    *part = (struct folder_part){ .request = request, .scratch = scratch, .page = page };
    part->data.fd = -1;
    part->html = buf_bounded(PIECE_MAX);
    part->json = buf_bounded(PIECE_MAX);
    part->out = (struct html_out){ .buf = &part->html, .language = request->language, .csrf = STR("") };
    part->values = (struct json_out){ .buf = &part->json };
    // Seen from another year, so that every date says its own.
    part->dates = dates_begin(request->arena, request->language, 0);
    int result = keeper_public_key(request->app->keeper, key);
    if (result == 0)
        result = account_get(&scene, request->session.person, &part->account);
    if (result < 0)
        return result;
    part->key = encode_hex(request->arena, bytes_from(key, sizeof(key)));
    if (!part->key.ptr)
        return -ENOMEM;
    result = arena_new(FOLDER_FILE_MAX + ((size_t)1 << 20), &part->bytes);
    if (result == 0)
        result = folder_store_begin(request->app->files_path, &part->data);
    if (result < 0)
        folder_part_free(part);
    return result;
}

void folder_part_free(struct folder_part *part)
{
    buf_free(&part->html);
    buf_free(&part->json);
    arena_free(part->bytes);
    part->bytes = NULL;
    folder_store_free(&part->data);
}

static int put_portrait(struct folder_part *part)
{
    struct request *request = part->request;
    struct account_scene scene = { request->db, request->keys, part->scratch, request->now };
    struct bytes png;
    int result = part->account.portrait ? account_portrait(&scene, part->account.id, &png) : -ENOENT;
    if (result == 0) {
        buf_lit(&part->html, "<img alt=\"\" src=\"data:image/png;base64,");
        folder_base64(&part->html, png);
        buf_lit(&part->html, "\">");
    }
    return result == -ENOENT ? 0 : result;
}

static const char *role_text(enum role role)
{
    if (role == ROLE_EMPLOYEE)
        return TEXT("Employee");
    return role == ROLE_ADMINISTRATOR ? TEXT("Administrator") : TEXT("Citizen or relative");
}

int folder_part_self(struct folder_part *part)
{
    struct request *request = part->request;
    const struct account *account = &part->account;
    struct account_scene scene = { request->db, request->keys, part->scratch, request->now };
    int64_t days;
    struct folder_view_self self = { .name = account->name, .birth = STR(""), .title = account->title, .unit = STR(""),
                                     .role = request_text(request, role_text(account->role)) };
    int result = account->unit ? account_unit_name(&scene, account->unit, &self.unit) : 0;
    if (form_read_date(account->birth, &days) == 0)
        self.birth = folder_day(part, part->scratch, days * DAY_MS + DAY_MS / 2);
    if (result < 0 && result != -ENOENT)
        return result;
    folder_heading(part, "self", TEXT("About you"));
    buf_lit(&part->html, "<div class=\"self\">");
    result = put_portrait(part);
    folder_self_html(&part->out, &self);
    buf_lit(&part->html, "</div>\n");
    json_out_key(&part->values, STR("person"));
    json_out_open(&part->values, '{');
    folder_put_id(part, "id", account->id);
    folder_put_text(part, "name", account->name);
    folder_put_text(part, "birth", account->birth);
    folder_put_text(part, "title", account->title);
    folder_put_text(part, "unit", self.unit);
    json_out_close(&part->values, '}');
    return result < 0 ? result : folder_flush(part);
}

int folder_part_top(struct folder_part *part)
{
    struct request *request = part->request;
    struct folder_view_top top = { .name = part->account.name, .made = folder_when(part, part->scratch, request->now), .server = request->app->base_url };
    buf_format(&part->html, "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n", language_tag(request->language));
    // Whatever may stand in it: nothing runs, and nothing is fetched.
    buf_lit(&part->html, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n"
                         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"robots\" content=\"noindex\">\n<title>");
    html_text(&part->html, request_text(request, TEXT("My folder")));
    buf_lit(&part->html, " – Samtråd</title>\n<style>");
    buf_lit(&part->html, folder_style);
    buf_lit(&part->html, "</style>\n</head>\n<body>\n<main>\n");
    folder_top_html(&part->out, &top);
    json_out_open(&part->values, '{');
    folder_put_text(part, "format", STR("samtraad folder 1"));
    folder_put_text(part, "server", request->app->base_url);
    folder_put_time(part, "made", request->now);
    return folder_flush(part);
}

int folder_part_link(struct folder_part *part, const struct dialogue *dialogue)
{
    struct folder_view_dialogue view = { .id = dialogue->id, .topic = dialogue->topic, .left = dialogue->relation == RELATION_FORMER };
    folder_link_html(&part->out, &view);
    return folder_flush(part);
}

static const char *state_text(enum dialogue_state state)
{
    return state == DIALOGUE_OPEN ? TEXT("Open") : TEXT("Closed");
}

static struct str period(struct folder_part *part, const struct dialogue_participant *one)
{
    struct buf text = buf_bounded(300);
    struct arena *arena = part->scratch;
    struct text_value values[] = { { "from", folder_day(part, arena, one->joined) }, { "date", one->ended ? folder_day(part, arena, one->ended) : STR("") } };
    text_format(&text, request_text(part->request, one->ended ? TEXT("{from} to {date}") : TEXT("since {from}")), values, 2);
    struct str kept = arena_str(arena, buf_view(&text));
    buf_free(&text);
    return kept;
}

static int put_people(struct folder_part *part, struct dialogue *dialogue, struct folder_view_dialogue *view)
{
    int result = dialogue_participants(dialogue, &part->people, &part->people_count);
    struct folder_view_person *people = result == 0 ? arena_array(part->scratch, part->people_count + 1, sizeof(*people)) : NULL;
    if (!people)
        return result < 0 ? result : -ENOMEM;
    json_out_key(&part->values, STR("participants"));
    json_out_open(&part->values, '[');
    for (size_t i = 0; i < part->people_count; i++) {
        const struct dialogue_participant *one = &part->people[i];
        people[i] = (struct folder_view_person){ .name = one->name, .relation = one->words, .period = period(part, one),
                                                 .role = request_text(part->request, dialogue_relation_text(one->relation)) };
        json_out_open(&part->values, '{');
        folder_put_id(part, "person", one->person);
        folder_put_text(part, "name", one->name);
        folder_put_text(part, "relation", one->words);
        folder_put_time(part, "joined", one->joined);
        folder_put_time(part, "ended", one->ended);
        json_out_close(&part->values, '}');
    }
    json_out_close(&part->values, ']');
    view->people = people;
    view->people_count = part->people_count;
    return 0;
}

int folder_part_dialogue(struct folder_part *part, struct dialogue *dialogue)
{
    struct request *request = part->request;
    struct account_scene scene = { request->db, request->keys, part->scratch, request->now };
    struct folder_view_dialogue view = { .id = dialogue->id, .topic = dialogue->topic, .left = dialogue->relation == RELATION_FORMER,
        .unit = STR(""), .started = folder_day(part, part->scratch, dialogue->created), .state = request_text(request, state_text(dialogue->state)), .ended = STR("") };
    int64_t ended = 0;
    int result = view.left ? dialogue_ended(dialogue, request->session.person, &ended) : account_unit_name(&scene, dialogue->unit, &view.unit);
    if (result < 0 && result != -ENOENT)
        return result;
    if (ended)
        view.ended = folder_day(part, part->scratch, ended);
    json_out_open(&part->values, '{');
    folder_put_id(part, "id", dialogue->id);
    folder_put_text(part, "topic", dialogue->topic);
    folder_put_text(part, "state", str_from(policy_state_name(dialogue->state)));
    folder_put_text(part, "unit", view.unit);
    folder_put_time(part, "started", dialogue->created);
    folder_put_time(part, "left", ended);
    result = view.left ? 0 : put_people(part, dialogue, &view);
    json_out_key(&part->values, STR("posts"));
    json_out_open(&part->values, '[');
    folder_dialogue_html(&part->out, &view);
    return result < 0 ? result : folder_flush(part);
}

int folder_part_dialogue_end(struct folder_part *part, struct dialogue *dialogue, bool any)
{
    struct folder_view_dialogue view = { .id = dialogue->id, .left = dialogue->relation == RELATION_FORMER };
    if (!any)
        folder_no_posts_html(&part->out, &view);
    json_out_close(&part->values, ']');
    int result = folder_part_journal(part, dialogue);
    json_out_close(&part->values, '}');
    return result < 0 ? result : folder_flush(part);
}

static int put_earlier(struct folder_part *part, struct dialogue *dialogue, const struct post *post, struct folder_view_post *view)
{
    struct arena *arena = dialogue->scene.arena;
    const struct post *versions;
    size_t count;
    int result = post_history(dialogue, post->number, &versions, &count);
    struct folder_view_earlier *earlier = result == 0 ? arena_array(arena, count + 1, sizeof(*earlier)) : NULL;
    if (!earlier)
        return result < 0 ? result : -ENOMEM;
    json_out_key(&part->values, STR("earlier"));
    json_out_open(&part->values, '[');
    // The last one is the present text.
    for (size_t i = 0; i + 1 < count; i++) {
        earlier[i] = (struct folder_view_earlier){ folder_when(part, arena, versions[i].created), versions[i].text };
        json_out_open(&part->values, '{');
        folder_put_time(part, "written", versions[i].created);
        folder_put_text(part, "text", versions[i].text);
        json_out_close(&part->values, '}');
        view->earlier_count++;
    }
    json_out_close(&part->values, ']');
    view->earlier = earlier;
    return 0;
}

static const struct dialogue_participant *find_person(const struct folder_part *part, int64_t person)
{
    static const struct dialogue_participant nobody = { .name = { "", 0 }, .words = { "", 0 } };
    for (size_t i = 0; i < part->people_count; i++) {
        if (part->people[i].person == person)
            return &part->people[i];
    }
    return &nobody;
}

int folder_part_post(struct folder_part *part, struct dialogue *dialogue, const struct post *post, const struct file *files, size_t count)
{
    struct arena *arena = dialogue->scene.arena;
    const struct dialogue_participant *author = find_person(part, post->author);
    part->dates.arena = arena;
    struct folder_view_post view = {
        .number = dialogue_told_number(dialogue, post->number), .answers = dialogue_told_number(dialogue, post->answers),
        .own = post->author == part->request->session.person, .author = author->name,
        .relation = author->words, .iso = dates_iso(&part->dates, post->created), .when = folder_when(part, arena, post->created),
        .edited = post->edited ? folder_when(part, arena, post->edited) : STR(""), .text = post->text,
        .formatted = post->markup.markup.len > 0, .markup = post->markup, .hidden = post->hidden,
    };
    json_out_open(&part->values, '{');
    folder_put_int(part, "number", view.number);
    folder_put_id(part, "author", post->author);
    folder_put_text(part, "name", author->name);
    folder_put_time(part, "written", post->created);
    folder_put_time(part, "changed", post->edited);
    folder_put_int(part, "answers", view.answers);
    folder_put_text(part, "text", post->text);
    json_out_key(&part->values, STR("hidden"));
    json_out_bool(&part->values, post->hidden);
    int result = post->version > 1 && !post->hidden ? put_earlier(part, dialogue, post, &view) : 0;
    buf_lit(&part->html, "<article class=\"post");
    if (view.own)
        buf_lit(&part->html, " post--own");
    buf_lit(&part->html, "\">\n");
    folder_post_html(&part->out, &view);
    if (result == 0)
        result = folder_part_files(part, dialogue, files, count);
    buf_lit(&part->html, "</article>\n");
    json_out_close(&part->values, '}');
    return result < 0 ? result : folder_flush(part);
}

// The JSON from its own store, as an address that holds its data.
static int put_data(struct folder_part *part)
{
    // A multiple of three, so that the pieces' base64 join.
    _Static_assert(SEALED_FILE_CHUNK % 3 == 2, "two bytes of each chunk are left over");
    uint8_t digest[32];
    int result = folder_flush_all(part);
    if (result == 0)
        result = folder_store_end(&part->data, digest);
    uint8_t *plain = result == 0 ? malloc(SEALED_FILE_CHUNK + 2) : NULL;
    if (!plain)
        return result < 0 ? result : -ENOMEM;
    size_t kept = 0;
    for (int64_t at = 0; result == 0 && at < part->data.size; at += (int64_t)SEALED_FILE_CHUNK) {
        size_t len;
        result = folder_store_read(&part->data, at, plain + kept, &len);
        if (result < 0)
            break;
        bool last = at + (int64_t)len >= part->data.size;
        size_t whole = last ? kept + len : (kept + len) - (kept + len) % 3;
        folder_base64(&part->html, bytes_from(plain, whole));
        kept = kept + len - whole;
        memmove(plain, plain + whole, kept);
        folder_store_take(part->page, &part->html);
    }
    free(plain);
    return result < 0 ? result : part->page->error;
}

static int put_line(void *context, const struct insight_line *line)
{
    struct folder_part *part = context;
    // Not as the page says it: "today" means nothing in a file that is kept.
    arena_reset(part->scratch);
    if (part->lines++ == 0)
        buf_lit(&part->html, "<ul class=\"log\">\n");
    folder_line_html(&part->out, &(struct folder_view_line){ folder_when(part, part->scratch, line->at), line->sentence, line->reason });
    json_out_open(&part->values, '{');
    folder_put_time(part, "at", line->at);
    folder_put_text(part, "text", line->sentence);
    folder_put_text(part, "reason", line->reason);
    json_out_close(&part->values, '}');
    return request_left(part->request) ? -ECANCELED : folder_flush(part);
}

int folder_part_log(struct folder_part *part)
{
    struct request *request = part->request;
    struct folder_view_end end = { .server = request->app->base_url, .key = part->key };
    json_out_close(&part->values, ']');
    json_out_key(&part->values, STR("log"));
    json_out_open(&part->values, '[');
    folder_log_html(&part->out, &end);
    int result = insight_tell_all(request, FOLDER_LOG_MAX, put_line, part);
    if (part->lines)
        buf_lit(&part->html, "</ul>\n");
    else
        folder_no_log_html(&part->out, &end);
    return result < 0 ? result : folder_flush(part);
}

int folder_part_end(struct folder_part *part)
{
    struct request *request = part->request;
    struct folder_view_end end = { .server = request->app->base_url, .key = part->key };
    json_out_close(&part->values, ']');
    json_out_close(&part->values, '}');
    folder_data_html(&part->out, &end);
    buf_lit(&part->html, "<p class=\"screen\"><a class=\"button\" download=\"min-mappe.json\" href=\"data:application/json;charset=utf-8;base64,");
    int result = put_data(part);
    buf_lit(&part->html, "\">");
    html_text(&part->html, request_text(request, TEXT("Keep the data (JSON)")));
    buf_lit(&part->html, "</a></p>\n");
    folder_check_html(&part->out, &end);
    // The proof follows: the code, the end of this paragraph, and the end of the file (audit/proof.h).
    buf_lit(&part->html, "<p class=\"code\">");
    return result < 0 ? result : folder_flush_all(part);
}
