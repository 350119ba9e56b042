// SPDX-License-Identifier: MPL-2.0
#include "feature/admin/employment.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "feature/admin/admin_sql.h"
#include "feature/consent/consent.h"
#include "feature/coordinator/coordinator.h"
#include "feature/insight/insight.h"
#include "feature/participant/invitation.h"

#include <errno.h>

struct ending {
    struct request *request;
    const struct account *person;
    int64_t successor;
    struct str name, title;   // the successor's; the title as relation in words where they are new
};

static int read_successor(struct ending *ending)
{
    struct account_scene scene = { ending->request->db, ending->request->keys, ending->request->arena, ending->request->now };
    struct account account;
    if (ending->successor == 0)
        return 0;
    int result = ending->successor == ending->person->id ? -ENOENT : account_get(&scene, ending->successor, &account);
    if (result == -ENOENT || (result == 0 && account.role != ROLE_EMPLOYEE))
        return -EINVAL;
    ending->name = account.name;
    ending->title = account.title;
    return result;
}

// The successor comes to a dialogue, or rises in it, and the person goes.
static int hand_over(struct ending *ending, struct dialogue *dialogue)
{
    int result = dialogue_admit(dialogue, ending->successor, RELATION_PROFESSIONAL, ending->title);
    if (result == -EEXIST)
        result = 0;
    if (result == 0)
        result = dialogue_set_coordinator(dialogue, ending->successor, true);
    return result < 0 ? result : dialogue_end(dialogue, ending->person->id);
}

// Where others must agree, the person goes first: the unit knows that there is no coordinator until they have said yes.
static int hand_over_by_consent(struct ending *ending, struct dialogue *dialogue, bool *ret_asked)
{
    struct request *request = ending->request;
    struct coordinator_new next = { .person = ending->successor, .by = request->session.person, .name = ending->name, .words = ending->title,
                                    .purpose = request_text(request, TEXT("Takes over from a colleague who has left.")) };
    int result = dialogue_remove(dialogue, ending->person->id);
    if (result == 0)
        result = coordinator_appoint(&dialogue->scene, dialogue->id, &next, ret_asked);
    return result == -EEXIST ? 0 : result;   // was proposed before
}

static int replace(struct ending *ending, struct dialogue *dialogue)
{
    struct audit_event event = { .kind = AUDIT_PARTICIPANT_ADD, .person = ending->request->session.person, .dialogue = dialogue->id,
                                 .object = ending->successor };
    struct consent_rule rule;
    bool asked = false;
    if (ending->successor == 0)
        return -EBUSY;
    int result = consent_rule_get(&dialogue->scene, dialogue->id, &rule);
    if (result == 0)
        result = rule.count ? hand_over_by_consent(ending, dialogue, &asked) : hand_over(ending, dialogue);
    if (asked)
        event.kind = AUDIT_CONSENT_ASK;
    return result < 0 ? result : request_audit(ending->request, &event);
}

// Works as the person who leaves: the administrator has no key.
static int end_in(struct ending *ending, int64_t id)
{
    struct request *request = ending->request;
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct dialogue *dialogue;
    struct audit_event event = { .kind = AUDIT_PARTICIPANT_EXCLUDE, .person = request->session.person, .dialogue = id, .object = ending->person->id };
    int result = dialogue_open(&scene, id, ending->person->id, &dialogue);
    if (result == -ENOENT) {
        log_event(LOG_ERROR, "employment-dialogue-refused", "dialogue=%lld", (long long)id);
        return 0;
    }
    if (result == 0 && dialogue->parent)   // a talk beside a dialogue: their part in it goes with that in the dialogue
        return 0;
    if (result == 0)   // the links that they have made lead nobody in
        result = invitation_tidy(dialogue, ending->person->id);
    if (result == 0)
        result = dialogue_end(dialogue, ending->person->id);
    if (result == -EBUSY)
        result = replace(ending, dialogue);
    if (result == 0)
        result = dialogue_tell(request, dialogue, "members", STR("1"));
    return result < 0 ? result : request_audit(request, &event);
}

static int end_everywhere(struct ending *ending)
{
    struct request *request = ending->request;
    struct db_stmt *stmt;
    struct sql_admin_part_of row;
    size_t count = 0;
    int64_t *ids = arena_array(request->arena, EMPLOYMENT_DIALOGUES_MAX, sizeof(*ids));
    int result = ids ? sql_admin_part_of(request->db, &(struct sql_admin_part_of_in){
        .person = ending->person->id, .count = EMPLOYMENT_DIALOGUES_MAX + 1 }, &stmt) : -ENOMEM;
    if (result < 0)
        return result;
    while ((result = sql_admin_part_of_next(stmt, &row)) == 1) {
        if (count == EMPLOYMENT_DIALOGUES_MAX) {
            result = -E2BIG;
            break;
        }
        ids[count++] = row.dialogue;
    }
    db_end(stmt);
    for (size_t i = 0; result == 0 && i < count; i++)
        result = end_in(ending, ids[i]);
    return result;
}

int employment_end(struct request *request, const struct account *person, int64_t successor)
{
    struct ending ending = { .request = request, .person = person, .successor = successor, .name = STR(""), .title = STR("") };
    struct account_scene scene = { request->db, request->keys, request->arena, request->now };
    int result = read_successor(&ending);
    if (result == 0)
        result = end_everywhere(&ending);
    if (result == 0)   // whoever comes back is appointed anew
        result = reviewer_end(&scene, person->id);
    if (result == 0)
        result = account_employ(&scene, person->id, &(struct account_employment){
            .role = ROLE_FORMER, .unit = person->unit, .name = person->name, .title = person->title });
    if (result < 0)
        return result;
    int64_t rows = sql_admin_sign_out(request->db, &(struct sql_admin_sign_out_in){ .person = person->id });
    return rows < 0 ? (int)rows : request_tell(request, &(struct news){ .kind = NEWS_GONE, .person = person->id });
}
