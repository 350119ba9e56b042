// SPDX-License-Identifier: MPL-2.0
#include "feature/reason/reason.h"

#include "base/cleanup.h"
#include "base/random.h"
#include "feature/reason/reason_sql.h"

#include <errno.h>

const char *const reason_choices[] = { "enquiry", "citizen", "concern", "takeover", "duty", "other", NULL };

static const char *const texts[REASON_COUNT] = {
    [REASON_ENQUIRY] = TEXT("The citizen, or somebody for them, has written or called"),
    [REASON_ASKED_BY_CITIZEN] = TEXT("The citizen has asked for a dialogue"),
    [REASON_CONCERN] = TEXT("There is a concern about the citizen"),
    [REASON_TAKE_OVER] = TEXT("I take over from a colleague"),
    [REASON_DUTY] = TEXT("The law says that I must look into it"),
    [REASON_OTHER] = TEXT("Another reason"),
};

// What is sealed begins with why, who, about whom and at what, so that a row that was changed by hand shows.
#define HEAD_BYTES 100

static struct seal_place place_of(int64_t id)
{
    return (struct seal_place){ .type = SEAL_LOOK_UP, .object = id };
}

static struct str head_of(struct arena *arena, int64_t why, int64_t person, int64_t about, int64_t dialogue)
{
    return arena_format(arena, "%lld %lld %lld %lld\n", (long long)why, (long long)person, (long long)about, (long long)dialogue);
}

int reason_check(struct request *request, const struct reason *reason)
{
    if (reason->why == REASON_OTHER && reason->words.len == 0)
        return request_refuse(request, "why_words", TEXT("Write your reason in a few words."));
    return 0;
}

int reason_keep(struct request *request, const struct reason *reason, int64_t about, int64_t dialogue)
{
    _cleanup_(buf_free) struct buf text = buf_bounded(HEAD_BYTES + REASON_WORDS_MAX * 4);
    int64_t id = id_new(request->now), person = request->session.person;
    struct seal_place place = place_of(id);
    struct str head = head_of(request->arena, reason->why, person, about, dialogue);
    struct bytes sealed;
    if (!head.ptr)
        return -ENOMEM;
    buf_str(&text, head);
    buf_str(&text, reason->words);
    int result = text.error ? text.error : seal(keyring_directory(request->keys), &place, str_bytes(buf_view(&text)), request->arena, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_reason_add(request->db, &(struct sql_reason_add_in){
        .id = id, .person = person, .about = about, .dialogue = dialogue, .created = request->now, .sealed = sealed });
    if (rows < 0)
        return (int)rows;
    request->event.first = id;
    return 0;
}

struct reason_view reason_view_of(struct request *request, const struct reason *typed)
{
    struct reason_view view = {
        .words = typed ? typed->words : STR(""), .why_error = form_error_of(&request->errors, "why"), .words_error = form_error_of(&request->errors, "why_words") };
    struct reason_view_choice *choices = arena_array(request->arena, REASON_COUNT, sizeof(*choices));
    for (int64_t why = REASON_ENQUIRY; choices && why < REASON_COUNT; why++)
        choices[view.choices_count++] = (struct reason_view_choice){ str_from(reason_choices[why - 1]), request_text(request, texts[why]), typed && typed->why == why };
    view.choices = choices;
    return view;
}

// Why, when the head says what the row says.
static int read_head(struct request *request, const struct sql_reason_get *row, struct str *text, int64_t *ret_why)
{
    struct str whole = *text, rest = *text, line = str_cut(&rest, '\n');
    int64_t why;
    if (str_to_int(str_cut(&line, ' '), &why) < 0 || why <= REASON_UNSET || why >= REASON_COUNT)
        return -EBADMSG;
    struct str expected = head_of(request->arena, why, row->person, row->about, row->dialogue);
    if (!expected.ptr)
        return -ENOMEM;
    if (!str_starts(whole, expected))
        return -EBADMSG;
    *text = rest;
    *ret_why = why;
    return 0;
}

int reason_text(struct request *request, int64_t id, struct str *ret_text)
{
    struct sql_reason_get row;
    struct seal_place place = place_of(id);
    struct bytes plain;
    int64_t why = REASON_UNSET;
    int result = sql_reason_get(request->db, request->arena, &(struct sql_reason_get_in){ .id = id }, &row);
    if (result == 0)
        result = unseal(keyring_directory(request->keys), &place, row.sealed, request->arena, &plain);
    if (result < 0)
        return result;
    struct str words = bytes_str(plain);
    result = read_head(request, &row, &words, &why);
    if (result < 0)
        return result;
    struct str choice = request_text(request, texts[why]);
    *ret_text = words.len == 0 ? choice : why == REASON_OTHER ? words :
        arena_format(request->arena, "%.*s: %.*s", (int)choice.len, choice.ptr, (int)words.len, words.ptr);
    return ret_text->ptr ? 0 : -ENOMEM;
}
