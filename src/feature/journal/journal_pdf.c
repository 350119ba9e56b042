// SPDX-License-Identifier: MPL-2.0
// From package.json to the blocks of its PDF.
#include "audit/proof.h"
#include "base/cleanup.h"
#include "feature/dialogue/dialogue.h"
#include "feature/journal/journal.h"
#include "feature/journal/journal_layout.h"
#include "web/date.h"

#include <errno.h>
#include <jansson.h>

#define BLOCKS_MAX (JOURNAL_POSTS_MAX * 220)
#define ARENA_MAX ((size_t)256 << 20)

struct page_maker {
    struct arena *arena;
    struct dates dates;
    enum language language;
    struct journal_block *blocks;
    size_t count;
    struct str pictures;   // those that are not placed yet
    int error;
};

static struct str words(const struct page_maker *maker, const char *english)
{
    return text_of(maker->language, english);
}

static struct str get(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_string(value) ? (struct str){ json_string_value(value), json_string_length(value) } : STR("");
}

// "2026-11-22T06:41:23.000Z" as the package writes it; 0 for anything else.
static int64_t get_time(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    int year, month, day, hour, minute, second, thousandth;
    if (!json_is_string(value) ||
        sscanf(json_string_value(value), "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ", &year, &month, &day, &hour, &minute, &second, &thousandth) != 7)
        return 0;
    return clock_days(year, month, day) * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS + thousandth;
}

static void add(struct page_maker *maker, enum journal_style style, struct str bold, struct str rest)
{
    if (maker->count == BLOCKS_MAX)
        maker->error = -EMSGSIZE;
    struct str text = arena_format(maker->arena, "%.*s%.*s", (int)bold.len, bold.ptr, (int)rest.len, rest.ptr);
    if (!text.ptr)
        maker->error = -ENOMEM;
    if (!maker->error && text.len > 0)
        maker->blocks[maker->count++] = (struct journal_block){ .style = style, .bold = bold.len, .text = text };
}

// A text of ours with one value in it.
static struct str fill(struct page_maker *maker, const char *english, const char *name, struct str value)
{
    _cleanup_(buf_free) struct buf text = buf_bounded(4000);
    const struct text_value values = { name, value };
    text_format(&text, words(maker, english), &values, 1);
    return arena_str(maker->arena, buf_view(&text));
}

static void fact(struct page_maker *maker, const char *english, struct str value)
{
    struct str name = words(maker, english);
    if (value.len)
        add(maker, JOURNAL_FACT, arena_format(maker->arena, "%.*s: ", (int)name.len, name.ptr), value);
}

static struct str relation(struct page_maker *maker, const json_t *object)
{
    struct str code = get(object, "relation");
    for (enum relation one = RELATION_CITIZEN; one < RELATION_COUNT; one++) {
        if (str_equal(code, str_from(policy_relation_name(one))))
            return words(maker, dialogue_relation_text(one));
    }
    return STR("");
}

// "klasselærer (Ekstern)", or only the one that there is.
static struct str position(struct page_maker *maker, const json_t *object)
{
    struct str own = get(object, "words"), role = relation(maker, object);
    if (own.len == 0 || role.len == 0)
        return own.len ? own : role;
    return arena_format(maker->arena, "%.*s (%.*s)", (int)own.len, own.ptr, (int)role.len, role.ptr);
}

static struct str day_of(struct page_maker *maker, struct str date)
{
    int64_t day = 0;
    int year, month, dayno;
    if (date.len == 10 && sscanf(date.ptr, "%4d-%2d-%2d", &year, &month, &dayno) == 3)
        day = clock_days(year, month, dayno);
    return dates_date(&maker->dates, day * DAY_MS + 12 * HOUR_MS);
}

static struct str numbers_of(struct page_maker *maker, const json_t *package)
{
    const json_t *messages = json_object_get(package, "messages");
    size_t count = json_array_size(messages);
    if (count == 0)
        return STR("");
    json_int_t first = json_integer_value(json_object_get(json_array_get(messages, 0), "number"));
    json_int_t last = json_integer_value(json_object_get(json_array_get(messages, count - 1), "number"));
    json_int_t all = json_integer_value(json_object_get(json_object_get(package, "dialogue"), "messages"));
    struct str to = words(maker, TEXT("to")), of = words(maker, TEXT("of"));
    return arena_format(maker->arena, "%lld %.*s %lld %.*s %lld", (long long)first, (int)to.len, to.ptr, (long long)last, (int)of.len, of.ptr,
                        (long long)all);
}

static void put_front(struct page_maker *maker, const json_t *package)
{
    const json_t *dialogue = json_object_get(package, "dialogue");
    bool call = str_equal(get(package, "kind"), STR("call"));
    add(maker, JOURNAL_TITLE, STR(""), get(package, "theme"));
    fact(maker, TEXT("Kind of entry"), words(maker, call ? TEXT("Note from a phone call") : TEXT("Messages from a dialogue")));
    fact(maker, TEXT("Date"), day_of(maker, get(package, "date")));
    fact(maker, TEXT("Citizen"), get(dialogue, "citizen"));
    fact(maker, TEXT("Dialogue"), get(dialogue, "topic"));
    fact(maker, TEXT("Side talk of employees, because"), get(json_object_get(dialogue, "side"), "reason"));
    fact(maker, TEXT("Unit"), get(dialogue, "unit"));
    fact(maker, TEXT("Filed by"), get(package, "made_by"));
    fact(maker, TEXT("Filed"), dates_moment(&maker->dates, get_time(package, "made")));
    fact(maker, TEXT("Messages"), numbers_of(maker, package));
}

static void put_people(struct page_maker *maker, const json_t *package)
{
    size_t at;
    const json_t *person;
    add(maker, JOURNAL_SECTION, STR(""), words(maker, TEXT("Who takes part")));
    json_array_foreach(json_object_get(package, "participants"), at, person) {
        struct str role = position(maker, person);
        int64_t ended = get_time(person, "ended");
        struct str since = fill(maker, TEXT("since {date}"), "date", dates_date(&maker->dates, get_time(person, "joined")));
        struct str until = ended ? fill(maker, TEXT("until {date}"), "date", dates_date(&maker->dates, ended)) : STR("");
        struct str rest = arena_format(maker->arena, ", %.*s, %.*s%s%.*s", (int)role.len, role.ptr, (int)since.len, since.ptr, ended ? " " : "",
                                       (int)until.len, until.ptr);
        add(maker, JOURNAL_ITEM, get(person, "name"), rest);
    }
}

static void put_earlier(struct page_maker *maker, const json_t *post)
{
    size_t at;
    const json_t *earlier;
    json_array_foreach(json_object_get(post, "earlier"), at, earlier) {
        add(maker, JOURNAL_NOTE, STR(""), fill(maker, TEXT("Earlier text, from {time}:"), "time", dates_moment(&maker->dates, get_time(earlier, "written"))));
        add(maker, JOURNAL_QUOTE, STR(""), get(earlier, "text"));
    }
}

static void put_hidden(struct page_maker *maker, const json_t *hidden)
{
    if (!json_is_object(hidden))
        return;
    add(maker, JOURNAL_NOTE, STR(""), fill(maker, TEXT("Hidden in the dialogue {time}."), "time", dates_moment(&maker->dates, get_time(hidden, "at"))));
    add(maker, JOURNAL_NOTE, get(hidden, "name"), arena_format(maker->arena, ": %.*s", (int)get(hidden, "reason").len, get(hidden, "reason").ptr));
}

// The pictures come in the order in which the package names them; a byte too few or too many, and it is none.
static void put_picture(struct page_maker *maker, const json_t *file, struct str caption)
{
    json_int_t bytes = json_integer_value(json_object_get(file, "bytes"));
    struct journal_block block = {
        .style = JOURNAL_PICTURE, .text = caption, .width = json_integer_value(json_object_get(file, "width")),
        .height = json_integer_value(json_object_get(file, "height")), .picture = str_bytes(maker->pictures),
    };
    if (bytes < 0 || (size_t)bytes > maker->pictures.len || block.width < 1 || block.height < 1 || block.width > 100000 || block.height > 100000 ||
        maker->count == BLOCKS_MAX) {
        maker->error = -EBADMSG;
        return;
    }
    block.picture.len = (size_t)bytes;
    maker->pictures.ptr += bytes;
    maker->pictures.len -= (size_t)bytes;
    maker->blocks[maker->count++] = block;
}

static void put_files(struct page_maker *maker, const json_t *post)
{
    size_t at;
    const json_t *file;
    json_array_foreach(json_object_get(post, "files"), at, file) {
        struct str about = get(file, "about"), name = get(file, "name"), stored = get(file, "file");
        bool picture = str_equal(get(file, "kind"), STR("picture"));
        struct str text = fill(maker, picture ? TEXT("Picture: {name}") : TEXT("Attached file: {name}"), "name", name);
        struct str caption = arena_format(maker->arena, "%.*s%s%.*s (%.*s)", (int)text.len, text.ptr, about.len ? ". " : "", (int)about.len, about.ptr,
                                          (int)stored.len, stored.ptr);
        if (picture)
            put_picture(maker, file, caption);
        else
            add(maker, JOURNAL_NOTE, STR(""), caption);
    }
}

static void put_post(struct page_maker *maker, const json_t *post)
{
    struct str role = position(maker, post);
    struct str clock = dates_clock(&maker->dates, get_time(post, "written")), at = words(maker, TEXT("at"));
    struct str number = words(maker, TEXT("message"));
    json_int_t answers = json_integer_value(json_object_get(post, "answers"));
    int64_t edited = get_time(post, "edited");
    add(maker, JOURNAL_HEAD, get(post, "name"), arena_format(maker->arena, ", %.*s · %.*s %.*s · %.*s %lld", (int)role.len, role.ptr, (int)at.len, at.ptr,
        (int)clock.len, clock.ptr, (int)number.len, number.ptr, (long long)json_integer_value(json_object_get(post, "number"))));
    if (answers)
        add(maker, JOURNAL_NOTE, STR(""), fill(maker, TEXT("Answer to message {number}"), "number", arena_format(maker->arena, "%lld", (long long)answers)));
    put_hidden(maker, json_object_get(post, "hidden"));
    add(maker, JOURNAL_BODY, STR(""), get(post, "text"));
    put_files(maker, post);
    if (edited)
        add(maker, JOURNAL_NOTE, STR(""), fill(maker, TEXT("Changed by its author {time}."), "time", dates_moment(&maker->dates, edited)));
    put_earlier(maker, post);
}

static void put_posts(struct page_maker *maker, const json_t *package)
{
    const json_t *messages = json_object_get(package, "messages"), *post;
    int64_t day = INT64_MIN;
    size_t at;
    if (json_array_size(messages) == 0)
        return;
    add(maker, JOURNAL_SECTION, STR(""), words(maker, TEXT("Messages")));
    json_array_foreach(messages, at, post) {
        int64_t written = get_time(post, "written");
        if (dates_day_number(&maker->dates, written) != day)
            add(maker, JOURNAL_DAY, STR(""), dates_day(&maker->dates, written));
        day = dates_day_number(&maker->dates, written);
        put_post(maker, post);
    }
}

static void put_call(struct page_maker *maker, const json_t *package)
{
    const json_t *call = json_object_get(package, "call");
    if (!json_is_object(call))
        return;
    add(maker, JOURNAL_SECTION, STR(""), words(maker, TEXT("Phone call")));
    fact(maker, TEXT("With"), get(call, "who"));
    fact(maker, TEXT("When"), dates_moment(&maker->dates, get_time(call, "at")));
    add(maker, JOURNAL_BODY, STR(""), get(call, "text"));
}

// The package's own, so that it reads the same wherever it is drawn.
static int use_time_zone(struct str zone)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    if (zone.len == 0 || zone.len > 60 || strspn(zone.ptr, allowed) != zone.len || zone.ptr[0] == '/' || setenv("TZ", zone.ptr, 1) < 0)
        return -EBADMSG;
    tzset();
    return 0;
}

static int draw(const json_t *package, struct str bytes, struct page_maker *maker, struct buf *pdf)
{
    uint8_t digest[PROOF_DIGEST];
    char code[PROOF_CODE + 1];
    maker->error = proof_digest(str_bytes(bytes), digest);
    proof_code(digest, code);
    put_front(maker, package);
    put_call(maker, package);
    put_people(maker, package);
    put_posts(maker, package);
    if (!maker->error && maker->pictures.len)
        maker->error = -EBADMSG;
    if (maker->error)
        return maker->error;
    struct journal_sheet sheet = {
        .language = maker->language, .title = get(package, "theme").ptr, .author = get(json_object_get(package, "dialogue"), "unit").ptr,
        .created = get(package, "made").ptr, .code = code, .blocks = maker->blocks, .count = maker->count,
    };
    return journal_layout(&sheet, pdf);
}

int journal_pdf(struct str input, struct buf *pdf)
{
    struct str pictures = input, package = input;
    str_cut(&pictures, '\n');
    package.len -= pictures.len;
    if (package.len > JOURNAL_PACKAGE_MAX)
        return -EMSGSIZE;
    json_t *json = json_loadb(package.ptr, package.len, JSON_REJECT_DUPLICATES, NULL);
    struct page_maker maker = { .language = language_from_tag(get(json, "language")), .pictures = pictures };
    int result = json_is_object(json) && str_equal(get(json, "format"), STR("samtraad-journal")) && maker.language ? 0 : -EBADMSG;
    if (result == 0)
        result = arena_new(ARENA_MAX, &maker.arena);
    if (result == 0)
        result = use_time_zone(get(json, "timezone"));
    if (result == 0) {
        // Seen from 1970 every date bears its year.
        maker.dates = dates_begin(maker.arena, maker.language, 0);
        maker.blocks = arena_array(maker.arena, BLOCKS_MAX, sizeof(*maker.blocks));
        result = maker.blocks ? draw(json, package, &maker, pdf) : -ENOMEM;
    }
    arena_free(maker.arena);
    json_decref(json);
    return result;
}
