// SPDX-License-Identifier: MPL-2.0
#include "feature/insight/review.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "base/random.h"
#include "crypt/seal.h"
#include "feature/insight/insight.h"
#include "feature/insight/review_sql.h"

#include <errno.h>

// The texts of a review are sealed apart, each to its own place.
enum text { TEXT_QUESTION = 1, TEXT_NOTE, TEXT_ANSWER };

static struct seal_place place_of(int64_t id, enum text which)
{
    return (struct seal_place){ .type = SEAL_REVIEW, .object = id, .version = which };
}

static int seal_text(const struct account_scene *scene, int64_t id, enum text which, struct str text, struct bytes *ret_sealed)
{
    struct seal_place place = place_of(id, which);
    *ret_sealed = (struct bytes){ NULL, 0 };
    return text.len ? seal(keyring_directory(scene->keys), &place, str_bytes(text), scene->arena, ret_sealed) : 0;
}

static int open_text(const struct account_scene *scene, int64_t id, enum text which, struct bytes sealed, struct str *ret_text)
{
    struct seal_place place = place_of(id, which);
    struct bytes plain;
    *ret_text = STR("");
    if (!sealed.ptr)
        return 0;
    int result = unseal(keyring_directory(scene->keys), &place, sealed, scene->arena, &plain);
    if (result == 0)
        *ret_text = bytes_str(plain);
    return result;
}

static int may_ask(const struct account_scene *scene, const struct review *what)
{
    struct sql_review_waiting_of waiting;
    bool asked = false;
    if (what->cause != REVIEW_ASKED)
        return 0;
    int result = review_was_asked(scene, what->asker, what->last_record, &asked);
    if (result == 0)
        result = sql_review_waiting_of(scene->db, scene->arena, &(struct sql_review_waiting_of_in){ .asker = what->asker }, &waiting);
    if (result < 0)
        return result;
    return asked ? -EEXIST : waiting.count >= REVIEW_ASKED_MAX ? -E2BIG : 0;
}

int review_add(const struct account_scene *scene, const struct review *what, int64_t *ret_id)
{
    struct bytes question;
    int64_t id = id_new(scene->now);
    int result = may_ask(scene, what);
    if (result == 0)
        result = seal_text(scene, id, TEXT_QUESTION, what->question, &question);
    if (result < 0)
        return result;
    int64_t rows = sql_review_add(scene->db, &(struct sql_review_add_in){
        .id = id, .unit = what->unit, .cause = what->cause, .looker = what->looker, .dialogue = what->dialogue, .about = what->about,
        .first = what->first_record, .last = what->last_record, .asker = what->asker, .signs = what->signs, .created = scene->now, .question = question });
    if (rows < 0)
        return (int)rows;
    *ret_id = id;
    return 0;
}

void review_ask_was_asked(const struct account_scene *scene, int64_t asker, int64_t record)
{
    sql_review_asked_of_record_ask(scene->db, &(struct sql_review_asked_of_record_in){ .asker = asker, .record = record });
}

int review_was_asked(const struct account_scene *scene, int64_t asker, int64_t record, bool *ret_asked)
{
    struct sql_review_asked_of_record row;
    int result = sql_review_asked_of_record(scene->db, scene->arena, &(struct sql_review_asked_of_record_in){ .asker = asker, .record = record }, &row);
    if (result == 0)
        *ret_asked = row.count > 0;
    return result;
}

static int open_row(const struct account_scene *scene, const struct sql_review_get *row, struct review *ret_review)
{
    struct review review = {
        .id = row->id, .unit = row->unit, .cause = (enum review_cause)row->cause, .looker = row->looker, .dialogue = row->dialogue, .about = row->about,
        .first_record = row->first, .last_record = row->last, .asker = row->asker, .signs = row->signs, .created = row->created,
        .closed = row->closed_null ? 0 : row->closed, .reviewer = row->reviewer_null ? 0 : row->reviewer,
        .outcome = row->outcome_null ? REVIEW_OPEN : (enum review_outcome)row->outcome,
    };
    int result = open_text(scene, row->id, TEXT_QUESTION, row->question, &review.question);
    if (result == 0)
        result = open_text(scene, row->id, TEXT_NOTE, row->note, &review.note);
    if (result == 0)
        result = open_text(scene, row->id, TEXT_ANSWER, row->answer, &review.answer);
    if (result == 0)
        *ret_review = review;
    else if (result == -EBADMSG)
        log_event(LOG_ERROR, "review-refused", "review=%lld", (long long)row->id);
    return result;
}

int review_get(const struct account_scene *scene, int64_t id, struct review *ret_review)
{
    struct sql_review_get row;
    int result = sql_review_get(scene->db, scene->arena, &(struct sql_review_get_in){ .id = id }, &row);
    return result < 0 ? result : open_row(scene, &row, ret_review);
}

static bool holds(const int64_t *list, size_t count, int64_t value)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == value)
            return true;
    }
    return false;
}

int review_is_for(const struct account_scene *scene, const struct review *review, int64_t reviewer, bool *ret_is)
{
    const int64_t *units, *others;
    size_t units_count, others_count = 0;
    int result = reviewer_units(scene, reviewer, &units, &units_count);
    if (result == 0)
        result = reviewer_of(scene, review->unit, &others, &others_count);
    if (result < 0)
        return result;
    *ret_is = units_count > 0 && (review->unit == 0 || holds(units, units_count, review->unit) || holds(others, others_count, review->looker));
    return 0;
}

int review_close(const struct account_scene *scene, const struct review *review, int64_t reviewer, enum review_outcome outcome, struct str note, struct str answer)
{
    struct bytes sealed_note, sealed_answer;
    if (review->looker == reviewer)
        return -EACCES;
    if (outcome <= REVIEW_OPEN || outcome >= REVIEW_OUTCOMES || note.len == 0)
        return -EINVAL;
    int result = seal_text(scene, review->id, TEXT_NOTE, note, &sealed_note);
    if (result == 0)
        result = seal_text(scene, review->id, TEXT_ANSWER, answer, &sealed_answer);
    if (result < 0)
        return result;
    int64_t rows = sql_review_close(scene->db, &(struct sql_review_close_in){
        .id = review->id, .closed = scene->now, .reviewer = reviewer, .outcome = outcome, .note = sealed_note, .answer = sealed_answer });
    return rows < 0 ? (int)rows : rows == 0 ? -EALREADY : 0;
}

struct ids {
    struct db *db;
    int64_t list[REVIEW_LIST_MAX];
    size_t count, max;
};

// The queries differ in what they ask for, and give ids.
#define LIST(query, member)                                                                                          \
    do {                                                                                                             \
        _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;                                                       \
        struct sql_review_##query row;                                                                               \
        const struct sql_review_##query##_in in = { .member = person, .count = (int64_t)ids->max };                  \
        int result = sql_review_##query(ids->db, &in, &stmt);                                                        \
        while (result == 0 && ids->count < ids->max && (result = sql_review_##query##_next(stmt, &row)) == 1) {      \
            ids->list[ids->count++] = row.id;                                                                        \
            result = 0;                                                                                              \
        }                                                                                                            \
        return result;                                                                                               \
    } while (0)

static int list_open(struct ids *ids, int64_t person)
{
    LIST(open, reviewer);
}

static int list_closed(struct ids *ids, int64_t person)
{
    LIST(closed, reviewer);
}

static int list_asked(struct ids *ids, int64_t person)
{
    LIST(asked, asker);
}

static int list_told(struct ids *ids, int64_t person)
{
    LIST(told, about);
}

int review_list(const struct account_scene *scene, enum review_list list, int64_t person, size_t max, const struct review **ret_list, size_t *ret_count)
{
    static int (*const lists[])(struct ids *ids, int64_t person) = {
        [REVIEW_LIST_OPEN] = list_open, [REVIEW_LIST_CLOSED] = list_closed, [REVIEW_LIST_ASKED] = list_asked, [REVIEW_LIST_TOLD] = list_told };
    struct ids ids = { .db = scene->db, .max = max < REVIEW_LIST_MAX ? max : REVIEW_LIST_MAX };
    struct review *reviews = arena_array(scene->arena, ids.max, sizeof(*reviews));
    size_t count = 0;
    int result = reviews ? lists[list](&ids, person) : -ENOMEM;
    for (size_t i = 0; result == 0 && i < ids.count; i++) {
        result = review_get(scene, ids.list[i], &reviews[count]);
        if (result == 0)
            count++;
        result = result == -EBADMSG ? 0 : result;
    }
    *ret_list = reviews;
    *ret_count = count;
    return result;
}
