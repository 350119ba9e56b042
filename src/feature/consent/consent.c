// SPDX-License-Identifier: MPL-2.0
#include "feature/consent/consent_store.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/random.h"
#include "feature/consent/consent_sql.h"
#include "feature/participant/invitation.h"

#include <errno.h>

static struct seal_place record_place(int64_t id, const struct proposal *proposal)
{
    return (struct seal_place){ .type = SEAL_CONSENT, .dialogue = proposal->dialogue, .object = id, .version = proposal->id };
}

// All numbers: giver, event, when, until, scope, words, assurance, basis.
enum { GIVER, EVENT, AT, UNTIL, FROM_TODAY, TEXT_VERSION, ASSURANCE, BASIS, NUMBERS };

int consent_record_add(const struct dialogue_scene *scene, const struct proposal *proposal, const struct consent *consent, const struct consent_record *record)
{
    _cleanup_(buf_free) struct buf plain = buf_bounded(1000);
    struct bytes sealed;
    int64_t id = id_new(scene->now);
    if (id <= consent->newest)   // of the same millisecond
        id = consent->newest + 1;
    struct seal_place place = record_place(id, proposal);
    buf_format(&plain, "%lld %d %lld %lld %d %lld %lld %d", (long long)consent->giver, (int)record->event, (long long)scene->now,
        (long long)record->until, record->from_today, (long long)record->text_version, (long long)record->assurance, (int)record->basis);
    int result = plain.error ? plain.error : seal(keyring_directory(scene->keys), &place, str_bytes(buf_view(&plain)), scene->arena, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_consent_record_add(scene->db, &(struct sql_consent_record_add_in){
        .id = id, .proposal = proposal->id, .dialogue = proposal->dialogue, .giver = consent->giver, .event = record->event, .at = scene->now,
        .until = record->until, .until_null = record->until == 0, .sealed = sealed });
    return rows < 0 ? (int)rows : 0;
}

static int read_record(const struct dialogue_scene *scene, const struct proposal *proposal, const struct sql_consent_records *row, int64_t ret_numbers[NUMBERS])
{
    struct bytes plain;
    struct seal_place place = record_place(row->id, proposal);
    int result = unseal(keyring_directory(scene->keys), &place, row->sealed, scene->arena, &plain);
    struct str text = result == 0 ? bytes_str(plain) : STR("");
    for (int i = 0; result == 0 && i < NUMBERS; i++)
        result = str_to_int(str_cut(&text, ' '), &ret_numbers[i]) < 0 ? -EBADMSG : 0;
    return result;
}

// One record after another makes the state; one that is not allowed after those before it was not written by the program.
static int apply_record(struct consent *consent, int64_t id, const int64_t numbers[NUMBERS])
{
    enum consent_event event = (enum consent_event)numbers[EVENT];
    enum consent_state after = consent_next(consent->state, event);
    if (numbers[GIVER] != consent->giver || !after)
        return -EBADMSG;
    consent->state = after;
    consent->newest = id;
    consent->basis = (enum consent_basis)numbers[BASIS];
    if (event == CONSENT_ASK) {
        consent->asked = numbers[AT];
        return 0;
    }
    consent->answered = numbers[AT];
    consent->assurance = numbers[ASSURANCE];
    consent->text_version = numbers[TEXT_VERSION];
    if (event == CONSENT_GRANT || event == CONSENT_RENEW) {
        if (!consent->granted)
            consent->granted = numbers[AT];
        consent->record = id;
        consent->until = numbers[UNTIL];
        consent->from_today = numbers[FROM_TODAY];
    } else {
        consent->ended = numbers[AT];
    }
    return 0;
}

// Who has left the dialogue answers for nobody in it any more; what they have given they may still take back.
static int check_there(const struct dialogue_scene *scene, const struct consent *consent)
{
    return consent_giver_check(scene, consent->dialogue, &(struct consent_giver){ consent->giver, consent->basis });
}

// What follows from the time, and from what became of the person and of who is asked.
static int pass_time(const struct dialogue_scene *scene, const struct proposal *proposal, struct consent *consent)
{
    bool over = proposal->state == PROPOSAL_REMOVED || proposal->state == PROPOSAL_REJECTED;
    enum consent_state after = CONSENT_NONE;
    int result = !over && consent->state == CONSENT_REQUESTED ? check_there(scene, consent) : 0;
    if (result < 0 && result != -EINVAL)
        return result;
    if (over || result == -EINVAL)
        after = consent_next(consent->state, CONSENT_END);
    else if (consent->until && consent->until <= scene->now)
        after = consent_next(consent->state, CONSENT_EXPIRE);
    else if (consent->until && consent->until - scene->now <= CONSENT_NEAR_MS)
        after = consent_next(consent->state, CONSENT_NEAR_END);
    if (after)
        consent->state = after;
    return 0;
}

int consent_get(const struct dialogue_scene *scene, const struct proposal *proposal, int64_t giver, struct consent *ret_consent)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_consent_records row;
    struct consent consent = { .proposal = proposal->id, .dialogue = proposal->dialogue, .giver = giver, .state = CONSENT_NONE };
    int result = sql_consent_records(scene->db, &(struct sql_consent_records_in){ .proposal = proposal->id, .giver = giver }, &stmt);
    while (result == 0 && (result = sql_consent_records_next(stmt, &row)) == 1) {
        int64_t numbers[NUMBERS];
        result = read_record(scene, proposal, &row, numbers);
        if (result == 0)
            result = apply_record(&consent, row.id, numbers);
    }
    if (result == 0 && consent.state == CONSENT_NONE)
        result = -ENOENT;
    if (result < 0)
        return result;
    result = pass_time(scene, proposal, &consent);
    if (result == 0)
        *ret_consent = consent;
    return result;
}

int consent_history(const struct dialogue_scene *scene, const struct proposal *proposal, int64_t giver, struct consent_step *ret_steps, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_consent_records row;
    size_t count = 0;
    int result = sql_consent_records(scene->db, &(struct sql_consent_records_in){ .proposal = proposal->id, .giver = giver }, &stmt);
    while (result == 0 && count < CONSENT_STEPS_MAX && (result = sql_consent_records_next(stmt, &row)) == 1) {
        int64_t numbers[NUMBERS];
        result = read_record(scene, proposal, &row, numbers);
        if (result == 0)
            ret_steps[count++] = (struct consent_step){ (enum consent_event)numbers[EVENT], numbers[AT], numbers[UNTIL], numbers[FROM_TODAY] != 0,
                                                        numbers[TEXT_VERSION], numbers[ASSURANCE], (enum consent_basis)numbers[BASIS] };
    }
    *ret_count = count;
    return result < 0 ? result : 0;
}

void consent_ask_list(const struct dialogue_scene *scene, int64_t giver)
{
    sql_consent_asked_ask(scene->db, &(struct sql_consent_asked_in){ .giver = giver, .asked = CONSENT_ASK, .count = CONSENT_LIST_MAX });
}

static int proposals_asked(const struct dialogue_scene *scene, int64_t giver, int64_t *ids, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_consent_asked row;
    size_t count = 0;
    int result = sql_consent_asked(scene->db, &(struct sql_consent_asked_in){ .giver = giver, .asked = CONSENT_ASK, .count = CONSENT_LIST_MAX }, &stmt);
    while (result == 0 && count < CONSENT_LIST_MAX && (result = sql_consent_asked_next(stmt, &row)) == 1) {
        ids[count++] = row.proposal;
        result = 0;
    }
    *ret_count = count;
    return result;
}

int consent_list(const struct dialogue_scene *scene, int64_t giver, const struct consent **ret_list, size_t *ret_count)
{
    size_t count = 0;
    int64_t *ids = arena_array(scene->arena, CONSENT_LIST_MAX, sizeof(*ids));
    struct consent *list = arena_array(scene->arena, CONSENT_LIST_MAX, sizeof(*list));
    int result = ids && list ? proposals_asked(scene, giver, ids, &count) : -ENOMEM;
    for (size_t i = 0; result == 0 && i < count; i++) {
        struct proposal proposal;
        result = proposal_get(scene, ids[i], &proposal);
        if (result == 0)
            result = consent_get(scene, &proposal, giver, &list[i]);
    }
    *ret_list = list;
    *ret_count = count;
    return result;
}

// What all givers have said by now: how many have agreed, from when on the person sees, and until when it holds.
struct sum {
    size_t granted;
    bool from_today;
    int64_t begins;   // ms: the last first yes
    int64_t until;
};

static int sum_up(const struct dialogue_scene *scene, const struct proposal *proposal, struct sum *ret_sum)
{
    struct sum sum = { .until = INT64_MAX };
    for (size_t i = 0; i < proposal->givers_count; i++) {
        struct consent consent;
        int result = consent_get(scene, proposal, proposal->givers[i].person, &consent);
        if (result < 0)
            return result;
        sum.granted += consent.record != 0;
        sum.from_today = sum.from_today || consent.from_today;
        if (consent.granted > sum.begins)
            sum.begins = consent.granted;
        if (consent.record && consent.until < sum.until)
            sum.until = consent.until;
    }
    *ret_sum = sum;
    return 0;
}

int consent_begins(const struct dialogue_scene *scene, const struct proposal *proposal, int64_t *ret_ms, bool *ret_from_today)
{
    struct sum sum;
    int result = sum_up(scene, proposal, &sum);
    if (result < 0)
        return result;
    *ret_ms = sum.granted < proposal->givers_count ? 0 : sum.begins;
    *ret_from_today = sum.from_today;
    return 0;
}

// The consent and what a record with the event would make of it. -EINVAL when it is not allowed.
static int check_event(const struct dialogue_scene *scene, const struct proposal *proposal, int64_t giver, enum consent_event event, struct consent *ret_consent)
{
    int result = consent_get(scene, proposal, giver, ret_consent);
    return result == 0 && !consent_next(ret_consent->state, event) ? -EINVAL : result;
}

static int note(const struct dialogue_scene *scene, const struct proposal *proposal, const struct consent *consent, enum consent_event event,
                const struct consent_answer *answer)
{
    bool gives = event == CONSENT_GRANT || event == CONSENT_RENEW;
    struct consent_record record = {
        .event = event, .basis = consent->basis, .until = gives ? consent_until(scene->now, answer->months) : 0,
        .from_today = event == CONSENT_RENEW ? consent->from_today : gives && answer->from_today, .assurance = answer->assurance,
        .text_version = answer->text_version,
    };
    return consent_record_add(scene, proposal, consent, &record);
}

// Once all have agreed, and as long as nothing has run out, the person is let in.
static int admit_if_agreed(const struct dialogue_scene *scene, struct proposal *proposal, const struct sum *sum, struct consent_effect *ret_effect)
{
    struct dialogue *whole;
    enum proposal_state after = proposal_next(proposal->state, PROPOSAL_AGREED);
    int result = dialogue_open_whole(scene, proposal->dialogue, &whole);
    if (result == 0 && whole->state != DIALOGUE_OPEN && whole->state != DIALOGUE_LOCKED)
        result = -ESHUTDOWN;
    if (result < 0 || sum->granted < proposal->givers_count || sum->until <= scene->now)
        return result;
    result = after ? proposal_admit(whole, proposal, sum->from_today, sum->until) : -EINVAL;
    if (result == 0)
        result = proposal_store(scene, proposal, after);
    ret_effect->dialogue = whole;
    return result;
}

int consent_grant(const struct dialogue_scene *scene, struct proposal *proposal, const struct consent_answer *answer, struct consent_effect *ret_effect)
{
    struct consent consent;
    struct sum sum;
    *ret_effect = (struct consent_effect){ .dialogue = NULL };
    int result = check_event(scene, proposal, answer->giver, CONSENT_GRANT, &consent);
    if (result == 0)
        result = note(scene, proposal, &consent, CONSENT_GRANT, answer);
    if (result == 0)
        result = sum_up(scene, proposal, &sum);
    return result < 0 ? result : admit_if_agreed(scene, proposal, &sum, ret_effect);
}

int consent_decline(const struct dialogue_scene *scene, struct proposal *proposal, const struct consent_answer *answer, struct consent_effect *ret_effect)
{
    struct consent consent;
    *ret_effect = (struct consent_effect){ .dialogue = NULL };
    int result = check_event(scene, proposal, answer->giver, CONSENT_DECLINE, &consent);
    enum proposal_state after = proposal_next(proposal->state, PROPOSAL_DECLINED);
    if (result == 0 && !after)
        result = -EINVAL;
    if (result == 0)
        result = note(scene, proposal, &consent, CONSENT_DECLINE, answer);
    return result < 0 ? result : proposal_store(scene, proposal, after);
}

// Ends what the proposal had opened: the person's part, or the link that waits for them.
static int close_access(const struct dialogue_scene *scene, const struct proposal *proposal, struct consent_effect *ret_effect)
{
    struct dialogue *whole;
    struct dialogue_terms terms;
    int result = dialogue_open_whole(scene, proposal->dialogue, &whole);
    if (result < 0)
        return result;
    ret_effect->dialogue = whole;
    if (proposal->person == 0) {
        result = proposal->invitation ? invitation_revoke(whole, proposal->invitation) : 0;
        return result == -ENOENT ? 0 : result;
    }
    result = dialogue_terms_of(whole, proposal->person, &terms);
    if (result == -ENOENT)
        return 0;
    ret_effect->removed = proposal->person;
    result = invitation_tidy(whole, proposal->person);
    return result < 0 ? result : dialogue_remove(whole, proposal->person);
}

int consent_withdraw(const struct dialogue_scene *scene, struct proposal *proposal, const struct consent_answer *answer, struct consent_effect *ret_effect)
{
    struct consent consent;
    *ret_effect = (struct consent_effect){ .dialogue = NULL };
    int result = check_event(scene, proposal, answer->giver, CONSENT_WITHDRAW, &consent);
    enum proposal_state after = proposal_next(proposal->state, PROPOSAL_WITHDRAWN);
    if (result == 0 && !after)
        result = -EINVAL;
    if (result == 0)
        result = note(scene, proposal, &consent, CONSENT_WITHDRAW, answer);
    if (result == 0 && after == PROPOSAL_REMOVED)
        result = close_access(scene, proposal, ret_effect);
    return result < 0 ? result : proposal_store(scene, proposal, after);
}

int consent_renew(const struct dialogue_scene *scene, struct proposal *proposal, const struct consent_answer *answer, struct consent_effect *ret_effect)
{
    struct consent consent;
    struct dialogue *whole;
    struct sum sum;
    *ret_effect = (struct consent_effect){ .dialogue = NULL };
    int result = check_event(scene, proposal, answer->giver, CONSENT_RENEW, &consent);
    if (result == 0)
        result = check_there(scene, &consent);
    if (result == 0)
        result = note(scene, proposal, &consent, CONSENT_RENEW, answer);
    if (result == 0)
        result = sum_up(scene, proposal, &sum);
    if (result == 0 && proposal->state == PROPOSAL_AWAITING)
        return admit_if_agreed(scene, proposal, &sum, ret_effect);
    if (result < 0)
        return result;
    proposal->terms.until = sum.until;
    result = dialogue_open_whole(scene, proposal->dialogue, &whole);
    if (result == 0 && proposal->person)
        result = dialogue_prolong(whole, proposal->person, sum.until);
    if (result == 0)
        result = proposal_store(scene, proposal, PROPOSAL_ACTIVE);
    ret_effect->dialogue = whole;
    return result;
}
