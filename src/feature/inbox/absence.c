// SPDX-License-Identifier: MPL-2.0
#include "feature/inbox/absence.h"

#include "base/cleanup.h"
#include "feature/inbox/inbox_sql.h"
#include "web/date.h"

#include <errno.h>

#define AWAY_MAX 20
#define SENTENCE_BYTES 4000

static struct seal_place place_of(int64_t person)
{
    return (struct seal_place){ .type = SEAL_ABSENCE, .object = person };
}

int absence_get(const struct account_scene *scene, int64_t person, struct absence *ret_absence)
{
    struct sql_inbox_absence_get row;
    struct bytes words;
    struct seal_place place = place_of(person);
    int result = sql_inbox_absence_get(scene->db, scene->arena, &(struct sql_inbox_absence_get_in){ .person = person }, &row);
    if (result == 0)
        result = unseal(keyring_directory(scene->keys), &place, row.sealed, scene->arena, &words);
    if (result == 0)
        *ret_absence = (struct absence){ row.first_day, row.last_day, row.deputy_null ? 0 : row.deputy, bytes_str(words) };
    return result;
}

int absence_put(const struct account_scene *scene, int64_t person, const struct absence *absence)
{
    struct bytes sealed;
    struct seal_place place = place_of(person);
    int result = seal(keyring_directory(scene->keys), &place, str_bytes(absence->words), scene->arena, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_inbox_absence_put(scene->db, &(struct sql_inbox_absence_put_in){
        .person = person, .first_day = absence->first_day, .last_day = absence->last_day, .deputy = absence->deputy,
        .deputy_null = absence->deputy == 0, .sealed = sealed });
    return rows < 0 ? (int)rows : 0;
}

static void add_sentence(struct buf *text, struct request *request, const char *english, const struct text_value *value)
{
    if (text->len)
        buf_char(text, ' ');
    text_format(text, request_text(request, english), value, 2);
}

// The deputy is named while they are still employed.
static int compose(struct request *request, int64_t person, const struct absence *absence, struct str *ret_sentence)
{
    _cleanup_(buf_free) struct buf text = buf_bounded(SENTENCE_BYTES);
    struct account_scene scene = { request->db, request->keys, request->arena, request->now };
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    struct account account, deputy = { .role = ROLE_UNSET };
    int result = account_get(&scene, person, &account);
    if (result == 0 && absence->deputy)
        result = account_get(&scene, absence->deputy, &deputy);
    if (result < 0)
        return result;
    struct text_value values[] = { { "name", account.name }, { "date", dates_date(&dates, absence->last_day * DAY_MS + DAY_MS / 2) } };
    add_sentence(&text, request, TEXT("{name} is away through {date}."), values);
    values[0].value = deputy.role == ROLE_EMPLOYEE ? deputy.name : STR("");
    if (values[0].value.len)
        add_sentence(&text, request, TEXT("{name} answers meanwhile."), values);
    if (absence->words.len) {
        buf_char(&text, ' ');
        buf_str(&text, absence->words);
    }
    *ret_sentence = arena_str(request->arena, buf_view(&text));
    return text.error ? text.error : ret_sentence->ptr ? 0 : -ENOMEM;
}

static int sentence(struct request *request, int64_t person, bool names_deputy, struct str *ret_sentence)
{
    struct account_scene scene = { request->db, request->keys, request->arena, request->now };
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    struct absence absence;
    int result = absence_get(&scene, person, &absence);
    *ret_sentence = STR("");
    if (result == -ENOENT || (result == 0 && (absence.first_day > dates.today || absence.last_day < dates.today)))
        return 0;
    if (!names_deputy)
        absence.deputy = 0;
    return result < 0 ? result : compose(request, person, &absence, ret_sentence);
}

int absence_sentence(struct request *request, int64_t person, struct str *ret_sentence)
{
    return sentence(request, person, true, ret_sentence);
}

static struct sql_inbox_away_in away_in(struct request *request, int64_t dialogue)
{
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    return (struct sql_inbox_away_in){ .dialogue = dialogue, .day = dates.today, .now = request->now };
}

void absence_ask_sentences(struct request *request, int64_t dialogue)
{
    struct sql_inbox_away_in in = away_in(request, dialogue);
    sql_inbox_away_ask(request->db, &in);
}

int absence_sentences(struct request *request, int64_t dialogue, const struct str **ret_sentences, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_inbox_away_in in = away_in(request, dialogue);
    struct sql_inbox_away row;
    struct str *sentences = NULL;
    size_t count = 0;
    int result = sql_inbox_away(request->db, &in, &stmt);
    while (result == 0 && count < AWAY_MAX && (result = sql_inbox_away_next(stmt, &row)) == 1) {
        sentences = sentences ? sentences : arena_array(request->arena, AWAY_MAX, sizeof(*sentences));
        result = sentences ? sentence(request, row.person, row.deputy_there > 0, &sentences[count]) : -ENOMEM;
        count += result == 0;
    }
    *ret_sentences = sentences;
    *ret_count = count;
    return result < 0 ? result : 0;
}
