// SPDX-License-Identifier: MPL-2.0
// Requests to erase, from asking to the dialogue's last row. What a row says counts only when the program sealed it so: nobody gets a dialogue erased
// by writing into the database.
#include "base/log.h"
#include "base/random.h"
#include "crypt/fixed.h"
#include "feature/retention/erasure_side.h"
#include "feature/retention/retention_sql.h"

#include <errno.h>

#define NUMBERS 13

static struct seal_place erasure_place(int64_t id, enum erasure_state state)
{
    return (struct seal_place){ .type = SEAL_ERASURE, .object = id, .version = state };
}

static int encode(const struct retention_scene *scene, const struct erasure *erasure, struct bytes *ret_plain)
{
    const int64_t numbers[NUMBERS] = { erasure->dialogue, erasure->unit, erasure->changed, erasure->due, erasure->citizen, erasure->created,
        erasure->closed, erasure->posts, erasure->asked_by, erasure->asked, erasure->agreed_by, erasure->agreed, erasure->stopped_by };
    uint8_t *plain = arena_alloc(scene->arena, 8 * NUMBERS + erasure->reason.len + 1);
    uint8_t *at = plain;
    if (!plain)
        return -ENOMEM;
    for (size_t i = 0; i < NUMBERS; i++)
        at = fixed_i64(at, numbers[i]);
    if (erasure->reason.len > 0)
        at = fixed_put(at, erasure->reason.ptr, erasure->reason.len);
    *ret_plain = bytes_from(plain, (size_t)(at - plain));
    return 0;
}

static int64_t number_at(struct bytes plain, size_t place)
{
    uint64_t number = 0;
    for (size_t i = 0; i < 8; i++)
        number = number << 8 | plain.ptr[8 * place + i];
    return (int64_t)number;
}

// -EBADMSG, logged, for a row that the program did not write, or wrote otherwise.
static int decode(const struct retention_scene *scene, const struct sql_retention_erasure_get *row, struct erasure *ret_erasure)
{
    struct seal_place place = erasure_place(row->id, (enum erasure_state)row->state);
    struct bytes plain;
    int result = unseal(keyring_directory(scene->keys), &place, row->sealed, scene->arena, &plain);
    if (result == 0 && (plain.len < 8 * (size_t)NUMBERS || number_at(plain, 0) != row->dialogue || number_at(plain, 1) != row->unit ||
                        number_at(plain, 2) != row->changed || number_at(plain, 3) != row->due))
        result = -EBADMSG;
    if (result == -EBADMSG)
        log_event(LOG_ERROR, "erasure-refused", "erasure=%lld meaning=\"the row is not the one that the program wrote\"", (long long)row->id);
    if (result < 0)
        return result;
    *ret_erasure = (struct erasure){
        .id = row->id, .dialogue = row->dialogue, .unit = row->unit, .state = (enum erasure_state)row->state, .changed = row->changed, .due = row->due,
        .citizen = number_at(plain, 4), .created = number_at(plain, 5), .closed = number_at(plain, 6), .posts = number_at(plain, 7),
        .asked_by = number_at(plain, 8), .asked = number_at(plain, 9), .agreed_by = number_at(plain, 10), .agreed = number_at(plain, 11),
        .stopped_by = number_at(plain, 12), .reason = bytes_str(bytes_from(plain.ptr + 8 * NUMBERS, plain.len - 8 * NUMBERS)),
    };
    return 0;
}

static int seal_erasure(const struct retention_scene *scene, const struct erasure *erasure, struct bytes *ret_sealed)
{
    struct seal_place place = erasure_place(erasure->id, erasure->state);
    struct bytes plain;
    int result = encode(scene, erasure, &plain);
    return result < 0 ? result : seal(keyring_directory(scene->keys), &place, plain, scene->arena, ret_sealed);
}

static int add(const struct retention_scene *scene, const struct erasure *erasure)
{
    struct bytes sealed;
    int result = seal_erasure(scene, erasure, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_retention_erasure_add(scene->db, &(struct sql_retention_erasure_add_in){ .id = erasure->id, .dialogue = erasure->dialogue,
        .unit = erasure->unit, .state = erasure->state, .changed = erasure->changed, .due = erasure->due, .sealed = sealed });
    return rows < 0 ? (int)rows : 0;
}

static int change(const struct retention_scene *scene, struct erasure *erasure, enum erasure_state state)
{
    struct bytes sealed;
    enum erasure_state before = erasure->state;
    erasure->state = state;
    erasure->changed = scene->now;
    int result = seal_erasure(scene, erasure, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_retention_erasure_change(scene->db, &(struct sql_retention_erasure_change_in){ .id = erasure->id, .before = before,
        .state = state, .changed = erasure->changed, .due = erasure->due, .sealed = sealed });
    return rows < 0 ? (int)rows : rows == 0 ? -ENOENT : 0;
}

int erasure_get(const struct retention_scene *scene, int64_t id, struct erasure *ret_erasure)
{
    struct sql_retention_erasure_get row;
    int result = sql_retention_erasure_get(scene->db, scene->arena, &(struct sql_retention_erasure_get_in){ .id = id }, &row);
    return result < 0 ? result : decode(scene, &row, ret_erasure);
}

int erasure_ask(const struct retention_scene *scene, int64_t dialogue, int64_t person, struct str reason, int64_t *ret_id)
{
    struct retention_due due;
    const struct retention_due *list;
    size_t count, i = 0;
    struct erasure_sides sides;
    int result = retention_due_get(scene, dialogue, &due);
    if (result == 0)
        result = erasure_sides_look(scene, dialogue, &sides);
    if (result == 0 && !sides.filed)
        result = -ENOTEMPTY;
    // In the list only while nobody has asked.
    if (result == 0)
        result = retention_due(scene, due.unit, &list, &count);
    while (result == 0 && i < count && list[i].dialogue != dialogue)
        i++;
    if (result == 0 && i == count)
        result = -ENOENT;
    if (result < 0)
        return result;
    struct erasure erasure = { .id = id_new(scene->now), .dialogue = dialogue, .unit = due.unit, .state = ERASURE_ASKED, .changed = scene->now,
        .citizen = due.citizen, .created = due.created, .closed = due.closed, .posts = due.posts, .asked_by = person, .asked = scene->now,
        .reason = reason };
    result = add(scene, &erasure);
    if (result == 0)
        *ret_id = erasure.id;
    return result;
}

int erasure_agree(const struct retention_scene *scene, int64_t id, int64_t person)
{
    struct erasure erasure;
    struct retention_due due;
    int result = erasure_get(scene, id, &erasure);
    if (result == 0 && erasure.state != ERASURE_ASKED)
        result = -ENOENT;
    if (result == 0 && erasure.asked_by == person)
        result = -EPERM;
    if (result == 0 && scene->now - erasure.asked > scene->approval_ms)
        result = -ETIME;
    if (result == 0)
        result = retention_due_get(scene, erasure.dialogue, &due);
    if (result < 0)
        return result;
    erasure.agreed_by = person;
    erasure.agreed = scene->now;
    erasure.due = scene->now + scene->wait_ms;
    return change(scene, &erasure, ERASURE_AGREED);
}

int erasure_stop(const struct retention_scene *scene, int64_t id, int64_t person)
{
    struct erasure erasure;
    int result = erasure_get(scene, id, &erasure);
    if (result == 0 && erasure.state != ERASURE_ASKED && erasure.state != ERASURE_AGREED)
        result = -ENOENT;
    erasure.stopped_by = person;
    return result < 0 ? result : change(scene, &erasure, ERASURE_STOPPED);
}

int erasure_list(const struct retention_scene *scene, int64_t unit, enum erasure_state state, const struct erasure **ret_list, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_retention_erasures row;
    size_t count = 0;
    struct erasure *list = arena_array(scene->arena, RETENTION_LIST_MAX, sizeof(*list));
    int result = list ? sql_retention_erasures(scene->db, &(struct sql_retention_erasures_in){ .unit = unit, .state = state, .count = RETENTION_LIST_MAX,
        .since = state == ERASURE_ASKED ? scene->now - scene->approval_ms : 0 }, &stmt) : -ENOMEM;
    while (result == 0 && count < RETENTION_LIST_MAX && (result = sql_retention_erasures_next(stmt, &row)) == 1) {
        const struct sql_retention_erasure_get one = { .id = row.id, .dialogue = row.dialogue, .unit = row.unit, .state = row.state,
            .changed = row.changed, .due = row.due, .sealed = row.sealed };
        result = decode(scene, &one, &list[count]);
        count += result == 0;
        result = result == -EBADMSG ? 0 : result;
    }
    *ret_list = list;
    *ret_count = count;
    return result < 0 ? result : 0;
}

// Everything that other features keep of it.
static int forget(struct db *db, int64_t dialogue)
{
#define FORGET(what) \
    if (rows >= 0) \
        rows = sql_retention_forget_##what(db, &(struct sql_retention_forget_##what##_in){ .dialogue = dialogue })
    int64_t rows = 0;
    FORGET(invitations);
    FORGET(exclusions);
    FORGET(letters);
    FORGET(files);
    FORGET(pieces);
    FORGET(entries);
    FORGET(marks);
    FORGET(consent_rule);
    FORGET(proposals);
    FORGET(consents);
    FORGET(reminders);
    FORGET(choices);
    FORGET(news);
    FORGET(look_ups);
    FORGET(reviews);
#undef FORGET
    return rows < 0 ? (int)rows : dialogue_erase(db, dialogue);
}

static struct audit_event event_of(enum audit_kind kind, const struct erasure *erasure)
{
    return (struct audit_event){ .kind = kind, .person = erasure->agreed_by, .dialogue = erasure->dialogue, .object = erasure->id, .last = 0 };
}

// The next row in a state whose time has come, if it is genuine. One that is not stays and is passed by, as if it were not there.
static int next_in(const struct retention_scene *scene, enum erasure_state state, struct erasure *ret_erasure)
{
    struct sql_retention_next row;
    int result = sql_retention_next(scene->db, scene->arena, &(struct sql_retention_next_in){ .state = state, .now = scene->now }, &row);
    if (result < 0)
        return result;
    const struct sql_retention_erasure_get one = { .id = row.id, .dialogue = row.dialogue, .unit = row.unit, .state = row.state,
        .changed = row.changed, .due = row.due, .sealed = row.sealed };
    result = decode(scene, &one, ret_erasure);
    if (result != -EBADMSG)
        return result;
    int64_t rows = sql_retention_erasure_remove(scene->db, &(struct sql_retention_erasure_remove_in){ .id = row.id });
    return rows < 0 ? (int)rows : -ENOENT;
}

// The share is destroyed, in this life of the server or an earlier one: the rows go.
static int finish(const struct retention_scene *scene, struct erasure *erasure, struct erasure_step *ret_step)
{
    int result = forget(scene->db, erasure->dialogue);
    if (result == 0)
        result = change(scene, erasure, ERASURE_DONE);
    *ret_step = (struct erasure_step){ .dialogue = erasure->dialogue, .event = event_of(AUDIT_ERASURE_DONE, erasure) };
    return result < 0 ? result : 1;
}

// A row that names another dialogue's share must not have that one destroyed: the right one opens the dialogue's keys. -ENOENT, -EBADMSG.
static int check_share(const struct retention_scene *scene, int64_t id)
{
    const struct dialogue_scene whole = { .db = scene->db, .keys = scene->keys, .arena = scene->arena, .now = scene->now };
    struct dialogue *dialogue;
    return dialogue_open_whole(&whole, id, &dialogue);
}

static int give_up(const struct retention_scene *scene, struct erasure *erasure, struct erasure_step *ret_step)
{
    int result = change(scene, erasure, ERASURE_STOPPED);
    *ret_step = (struct erasure_step){ .dialogue = erasure->dialogue, .event = event_of(AUDIT_ERASURE_STOP, erasure) };
    return result < 0 ? result : 1;
}

static int begin(const struct retention_scene *scene, struct erasure *erasure, struct erasure_step *ret_step)
{
    struct retention_due due;
    int result = retention_due_get(scene, erasure->dialogue, &due);
    // Opened again since, or the rule has changed, or the row's share is not its own.
    if (result == 0)
        result = check_share(scene, erasure->dialogue);
    if (result == -ENOENT || result == -EBADMSG)
        return give_up(scene, erasure, ret_step);
    if (result == 0)
        result = change(scene, erasure, ERASURE_BEGUN);
    *ret_step = (struct erasure_step){ .dialogue = erasure->dialogue, .event = event_of(AUDIT_ERASURE_BEGIN, erasure) };
    return result < 0 ? result : 1;
}

// The talks beside it go first, so that none is left when it is gone. 0 when there is none any more.
static int next_side(const struct retention_scene *scene, const struct keeper *keeper, const struct erasure *erasure, struct erasure_step *ret_step)
{
    int64_t side, share;
    int result = erasure_side_next(scene, keeper, erasure->dialogue, &side, &share);
    if (result < 0)
        return result == -ENOENT ? 0 : result;
    *ret_step = (struct erasure_step){ .dialogue = side, .share = share };
    if (!keeper_share_destroyed(keeper, share))
        return 1;
    ret_step->share = 0;
    ret_step->event = event_of(AUDIT_ERASURE_DONE, erasure);
    ret_step->event.dialogue = side;
    result = forget(scene->db, side);
    return result < 0 ? result : 1;
}

int erasure_next(const struct retention_scene *scene, const struct keeper *keeper, struct erasure_step *ret_step)
{
    struct sql_retention_dialogue_get row;
    struct erasure erasure;
    int result = next_in(scene, ERASURE_BEGUN, &erasure);
    if (result == -ENOENT)
        result = next_in(scene, ERASURE_AGREED, &erasure);
    if (result < 0)
        return result == -ENOENT ? 0 : result;
    result = sql_retention_dialogue_get(scene->db, scene->arena, &(struct sql_retention_dialogue_get_in){ .id = erasure.dialogue }, &row);
    if (result < 0)
        return result;
    if (erasure.state == ERASURE_AGREED)
        return begin(scene, &erasure, ret_step);
    result = next_side(scene, keeper, &erasure, ret_step);
    if (result != 0)
        return result;
    if (keeper_share_destroyed(keeper, row.share))
        return finish(scene, &erasure, ret_step);
    // Looked at anew: the row may have been changed since it was begun.
    result = check_share(scene, erasure.dialogue);
    if (result == -ENOENT || result == -EBADMSG)
        return give_up(scene, &erasure, ret_step);
    *ret_step = (struct erasure_step){ .dialogue = erasure.dialogue, .share = row.share };
    return result < 0 ? result : 1;
}

int erasure_restore(const struct retention_scene *scene, int64_t share, struct erasure_step *ret_step)
{
    struct sql_retention_unaware row;
    struct sql_retention_dialogue_get dialogue;
    int result = sql_retention_unaware(scene->db, scene->arena, &(struct sql_retention_unaware_in){ .share = share, .erased = DIALOGUE_ERASED }, &row);
    if (result == 0)
        result = sql_retention_dialogue_get(scene->db, scene->arena, &(struct sql_retention_dialogue_get_in){ .id = row.id }, &dialogue);
    if (result == 0)
        result = forget(scene->db, row.id);
    if (result < 0)
        return result == -ENOENT ? 0 : result;
    struct erasure erasure = { .id = id_new(scene->now), .dialogue = row.id, .unit = row.unit, .state = ERASURE_DONE, .changed = scene->now,
        .due = scene->now, .citizen = dialogue.citizen, .created = dialogue.created, .closed = dialogue.closed, .posts = dialogue.posts, .reason = STR("") };
    result = add(scene, &erasure);
    *ret_step = (struct erasure_step){ .dialogue = row.id, .event = event_of(AUDIT_ERASURE_DONE, &erasure) };
    return result < 0 ? result : 1;
}
