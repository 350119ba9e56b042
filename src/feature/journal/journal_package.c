// SPDX-License-Identifier: MPL-2.0
#include "feature/journal/journal_package.h"

#include "base/ascii.h"
#include "base/clock.h"
#include "base/random.h"
#include "feature/account/account.h"
#include "feature/dialogue/post.h"
#include "feature/file/file.h"
#include "web/json_out.h"

#include <errno.h>
#include <sodium.h>

#define NONCE 16
#define FILE_ARENA ((size_t)70 << 20)

struct writing {
    struct dialogue *dialogue;
    const struct journal_ask *ask;
    struct journal_sink *sink;
    struct json_out out;
    const struct dialogue_participant *people;
    size_t people_count;
};

static void put_text(struct writing *w, const char *key, struct str text)
{
    json_out_key(&w->out, str_from(key));
    json_out_text(&w->out, text);
}

static void put_number(struct writing *w, const char *key, int64_t number)
{
    json_out_key(&w->out, str_from(key));
    json_out_int(&w->out, number);
}

// Identifiers have more digits than a JavaScript number holds.
static void put_id(struct writing *w, const char *key, int64_t id)
{
    char digits[24];
    snprintf(digits, sizeof(digits), "%lld", (long long)id);
    put_text(w, key, str_from(digits));
}

// 0: null.
static void put_time(struct writing *w, const char *key, int64_t ms)
{
    json_out_key(&w->out, str_from(key));
    json_out_value(&w->out);
    if (ms)
        json_out_instant(w->out.buf, ms);
    else
        buf_lit(w->out.buf, "null");
}

static void put_object(struct writing *w, const char *key)
{
    json_out_key(&w->out, str_from(key));
    json_out_open(&w->out, '{');
}

static void put_list(struct writing *w, const char *key)
{
    json_out_key(&w->out, str_from(key));
    json_out_open(&w->out, '[');
}

// Nobody who knows what was written about could try texts against the hash, which may be shown to others.
static void put_nonce(struct writing *w)
{
    uint8_t nonce[NONCE];
    json_out_key(&w->out, STR("nonce"));
    json_out_value(&w->out);
    random_bytes(nonce, sizeof(nonce));
    buf_char(w->out.buf, '"');
    buf_hex(w->out.buf, bytes_from(nonce, sizeof(nonce)));
    buf_char(w->out.buf, '"');
}

static const struct dialogue_participant *find_person(const struct writing *w, int64_t person)
{
    for (size_t i = 0; i < w->people_count; i++) {
        if (w->people[i].person == person)
            return &w->people[i];
    }
    return NULL;
}

static struct str name_of(const struct writing *w, int64_t person)
{
    const struct dialogue_participant *found = find_person(w, person);
    return found ? found->name : STR("?");
}

static void put_head(struct writing *w, int64_t entry)
{
    const struct journal_ask *ask = w->ask;
    struct civil day = clock_date(ask->day);
    const char *zone = getenv("TZ");   // command/serve sets it
    char date[40];
    snprintf(date, sizeof(date), "%04d-%02d-%02d", day.year, day.month, day.day);
    put_text(w, "format", STR("samtraad-journal"));
    put_number(w, "version", 1);
    put_id(w, "entry", entry);
    put_text(w, "kind", ask->kind == JOURNAL_CALL ? STR("call") : STR("messages"));
    put_text(w, "theme", ask->theme);
    put_text(w, "date", str_from(date));
    put_text(w, "language", str_from(language_tag(ask->language)));
    put_text(w, "timezone", str_from(zone ? zone : "Europe/Copenhagen"));
    put_time(w, "made", w->dialogue->scene.now);
    put_text(w, "made_by", ask->by ? ask->by_name : name_of(w, w->dialogue->member));
    put_nonce(w);
}

// A side talk is filed with what makes it one.
static int put_side(struct writing *w)
{
    struct str reason;
    json_out_key(&w->out, STR("side"));
    if (!w->dialogue->parent) {
        json_out_null(&w->out);
        return 0;
    }
    int result = dialogue_side_reason(w->dialogue, &reason);
    if (result < 0)
        return result;
    json_out_open(&w->out, '{');
    put_id(w, "of", w->dialogue->parent);
    put_text(w, "reason", reason);
    put_time(w, "ends", w->dialogue->ends);
    json_out_close(&w->out, '}');
    return 0;
}

static int put_dialogue(struct writing *w)
{
    struct dialogue *dialogue = w->dialogue;
    struct account_scene scene = { dialogue->scene.db, dialogue->scene.keys, dialogue->scene.arena, dialogue->scene.now };
    struct str unit = STR("");
    struct account citizen;
    int result = dialogue->unit ? account_unit_name(&scene, dialogue->unit, &unit) : 0;
    if (result == 0)
        result = account_get(&scene, dialogue->citizen, &citizen);
    if (result < 0)
        return result;
    put_object(w, "dialogue");
    put_id(w, "id", dialogue->id);
    put_text(w, "topic", dialogue->topic);
    put_text(w, "unit", unit);
    put_text(w, "citizen", citizen.name);
    put_time(w, "started", dialogue->created);
    put_number(w, "messages", dialogue_told_number(dialogue, dialogue->last_number));
    result = put_side(w);
    json_out_close(&w->out, '}');
    return result;
}

static void put_people(struct writing *w)
{
    put_list(w, "participants");
    for (size_t i = 0; i < w->people_count; i++) {
        const struct dialogue_participant *person = &w->people[i];
        json_out_open(&w->out, '{');
        put_id(w, "person", person->person);
        put_text(w, "name", person->name);
        put_text(w, "relation", str_from(policy_relation_name(person->relation)));
        put_text(w, "words", person->words);
        put_time(w, "joined", person->joined);
        put_time(w, "ended", person->ended);
        json_out_close(&w->out, '}');
    }
    json_out_close(&w->out, ']');
}

static int put_earlier(struct writing *w, const struct post *post)
{
    const struct post *versions;
    size_t count = 0;
    int result = 0;
    if (post->hidden)
        result = post_original_history(w->dialogue, post->number, &versions, &count);
    else if (post->version > 1)
        result = post_history(w->dialogue, post->number, &versions, &count);
    put_list(w, "earlier");
    for (size_t i = 0; result == 0 && i + 1 < count; i++) {
        json_out_open(&w->out, '{');
        put_time(w, "written", versions[i].created);
        put_text(w, "text", versions[i].text);
        json_out_close(&w->out, '}');
    }
    json_out_close(&w->out, ']');
    return result;
}

// A hidden post is filed as it was, with who hid it and why.
static int put_hidden(struct writing *w, const struct post *post, struct str *text)
{
    struct post original;
    struct post_hiding hiding;
    json_out_key(&w->out, STR("hidden"));
    if (!post->hidden) {
        json_out_null(&w->out);
        return 0;
    }
    int result = post_original(w->dialogue, post->number, &original);
    if (result == 0)
        result = post_hiding_get(w->dialogue, post->number, &hiding);
    if (result < 0)
        return result;
    *text = original.text;
    json_out_open(&w->out, '{');
    put_id(w, "by", hiding.by);
    put_text(w, "name", name_of(w, hiding.by));
    put_time(w, "at", hiding.at);
    put_text(w, "reason", hiding.reason);
    json_out_close(&w->out, '}');
    return 0;
}

void journal_file_name(size_t index, bool picture, struct str name, char ret_name[32])
{
    size_t dot = name.len;
    char ending[8] = "";
    while (dot > 0 && name.ptr[dot - 1] != '.')
        dot--;
    size_t len = dot > 0 ? name.len - dot : 0;
    for (size_t i = 0; i < len; i++) {
        if (len > 5 || !ascii_is_word(name.ptr[dot + i]))
            len = 0;
    }
    if (len > 0)
        snprintf(ending, sizeof(ending), ".%.*s", (int)len, name.ptr + dot);
    snprintf(ret_name, 32, "%s-%04zu%s", picture ? "picture" : "file", index + 1, picture ? ".webp" : ending);
}

static void put_file_row(struct writing *w, const struct file *file, enum file_part part, struct bytes bytes)
{
    uint8_t hash[JOURNAL_HASH];
    char name[32];
    bool picture = file->kind == FILE_PICTURE;
    crypto_hash_sha256(hash, bytes.ptr, bytes.len);
    journal_file_name(w->sink->count, picture, file->name, name);
    json_out_open(&w->out, '{');
    put_text(w, "file", str_from(name));
    put_text(w, "kind", picture ? STR("picture") : STR("file"));
    put_text(w, "name", file->name);
    put_text(w, "about", file->about);
    put_number(w, "width", file->parts[part].width);
    put_number(w, "height", file->parts[part].height);
    put_number(w, "bytes", (int64_t)bytes.len);
    json_out_key(&w->out, STR("sha256"));
    json_out_value(&w->out);
    buf_char(w->out.buf, '"');
    buf_hex(w->out.buf, bytes_from(hash, sizeof(hash)));
    buf_char(w->out.buf, '"');
    json_out_close(&w->out, '}');
}

// One file, with memory of its own: it may be large.
static int put_file(struct writing *w, const struct file *file)
{
    struct arena *arena;
    struct bytes bytes;
    struct journal_sink *sink = w->sink;
    bool picture = file->kind == FILE_PICTURE;
    enum file_part part = picture ? FILE_LARGE : FILE_WHOLE;
    if (sink->count == JOURNAL_FILES_MAX)
        return -EMSGSIZE;
    int result = arena_new(FILE_ARENA, &arena);
    if (result < 0)
        return result;
    result = file_read(sink->app, file, part, arena, &bytes);
    if (result == 0 && bytes.len > JOURNAL_FILES_BYTES_MAX - sink->bytes)
        result = -EMSGSIZE;
    if (result == 0) {
        put_file_row(w, file, part, bytes);
        result = sink->take(sink, sink->count++, picture, bytes);
        sink->bytes += bytes.len;
    }
    arena_free(arena);
    return result;
}

// The files of a hidden post are filed with it.
static int put_files(struct writing *w, const struct post *post)
{
    struct post whole = *post;
    const struct file *files;
    size_t count;
    whole.hidden = false;
    int result = file_of_posts(w->dialogue, &whole, 1, &files, &count);
    put_list(w, "files");
    for (size_t i = 0; result == 0 && i < count; i++)
        result = put_file(w, &files[i]);
    json_out_close(&w->out, ']');
    return result;
}

static int put_post(struct writing *w, const struct post *post)
{
    struct str text = post->text;
    const struct dialogue_participant *author = find_person(w, post->author);
    json_out_open(&w->out, '{');
    put_number(w, "number", dialogue_told_number(w->dialogue, post->number));
    put_id(w, "author", post->author);
    put_text(w, "name", name_of(w, post->author));
    put_text(w, "relation", str_from(policy_relation_name(author ? author->relation : RELATION_NONE)));
    put_text(w, "words", author ? author->words : STR(""));
    put_time(w, "written", post->created);
    put_time(w, "edited", post->edited);
    json_out_key(&w->out, STR("answers"));
    if (post->answers)
        json_out_int(&w->out, dialogue_told_number(w->dialogue, post->answers));
    else
        json_out_null(&w->out);
    int result = put_hidden(w, post, &text);
    put_text(w, "text", text);
    result = result < 0 ? result : put_earlier(w, post);
    result = result < 0 ? result : put_files(w, post);
    json_out_close(&w->out, '}');
    return result;
}

static int put_posts(struct writing *w)
{
    int64_t last = w->ask->kind == JOURNAL_MESSAGES ? w->ask->last : 0;
    int64_t after = w->ask->first - 1;
    int result = 0;
    put_list(w, "messages");
    while (result == 0 && after < last) {
        const struct post *posts;
        size_t count;
        result = post_after(w->dialogue, after, POST_PAGE, &posts, &count);
        if (result < 0 || count == 0)
            break;
        for (size_t i = 0; result == 0 && i < count && posts[i].number <= last; i++)
            result = put_post(w, &posts[i]);
        after = posts[count - 1].number;
        result = result == 0 ? w->out.buf->error : result;
    }
    json_out_close(&w->out, ']');
    return result;
}

static void put_call(struct writing *w)
{
    const struct journal_call *call = &w->ask->call;
    json_out_key(&w->out, STR("call"));
    if (w->ask->kind != JOURNAL_CALL) {
        json_out_null(&w->out);
        return;
    }
    json_out_open(&w->out, '{');
    put_text(w, "who", call->who);
    put_time(w, "at", call->at);
    put_text(w, "text", call->text);
    json_out_close(&w->out, '}');
}

int journal_package(struct dialogue *dialogue, const struct journal_ask *ask, int64_t entry, struct journal_sink *sink, struct buf *out)
{
    struct writing w = { .dialogue = dialogue, .ask = ask, .sink = sink, .out = { .buf = out } };
    int result = dialogue_participants(dialogue, &w.people, &w.people_count);
    if (result < 0)
        return result;
    json_out_open(&w.out, '{');
    put_head(&w, entry);
    result = put_dialogue(&w);
    put_people(&w);
    put_call(&w);
    if (result == 0)
        result = put_posts(&w);
    json_out_close(&w.out, '}');
    buf_char(out, '\n');
    return result < 0 ? result : out->error;
}
