// SPDX-License-Identifier: MPL-2.0
#include "feature/account/account.h"
#include "feature/participant/invitation.h"
#include "feature/participant/participant_html.h"
#include "feature/participant/participant_json.h"
#include "feature/participant/participant_page.h"
#include "feature/participant/participant_sql.h"
#include "web/date.h"
#include "web/menu.h"

#include <errno.h>

struct list_form {
    struct str search;
    int64_t made;
};

static const struct form_field list_fields[] = {
    FORM_FIELD(struct list_form, search, FORM_TEXT, TEXT("Name"), .min = 2, .max = 60),
    FORM_FIELD(struct list_form, made, FORM_ID, TEXT("Invitation"), .min = 1, .max = INT64_MAX),
};
static const struct form list_form = FORM("ParticipantList", struct list_form, list_fields);

struct employee_form {
    int64_t person;
    struct str relation;
};

static const struct form_field employee_fields[] = {
    FORM_FIELD(struct employee_form, person, FORM_ID, TEXT("Person"), .required = true, .min = 1, .max = INT64_MAX),
    FORM_FIELD(struct employee_form, relation, FORM_TEXT, TEXT("Relation"), .required = true, .min = 1, .max = DIALOGUE_WORDS_MAX),
};
static const struct form employee_form = FORM("EmployeeInviteForm", struct employee_form, employee_fields);

enum { KIND_RELATIVE = 1, KIND_EXTERNAL };
static const char *const kinds[] = { "relative", "external", NULL };

struct invite_form {
    struct str name, email, relation;
    int64_t kind;
    int64_t until;
    bool reading;
};

static const struct form_field invite_fields[] = {
    FORM_FIELD(struct invite_form, kind, FORM_CHOICE, TEXT("Who is it?"), .required = true, .choices = kinds),
    FORM_FIELD(struct invite_form, name, FORM_TEXT, TEXT("Name"), .required = true, .min = 2, .max = 120),
    FORM_FIELD(struct invite_form, relation, FORM_TEXT, TEXT("Relation"), .required = true, .min = 1, .max = DIALOGUE_WORDS_MAX),
    FORM_FIELD(struct invite_form, email, FORM_EMAIL, TEXT("E-mail"), .required = true, .max = 254),
    FORM_FIELD(struct invite_form, until, FORM_DATE, TEXT("Last day")),
    FORM_FIELD(struct invite_form, reading, FORM_FLAG, TEXT("May only read")),
};
static const struct form invite_form = FORM("InviteForm", struct invite_form, invite_fields);

struct reason_form {
    struct str reason;
};

static const struct form_field reason_fields[] = {
    FORM_FIELD(struct reason_form, reason, FORM_TEXT, TEXT("Reason"), .required = true, .min = 1, .max = 200),
};
static const struct form reason_form = FORM("ReasonForm", struct reason_form, reason_fields);

struct coordinator_form {
    bool value;
};

static const struct form_field coordinator_fields[] = {
    FORM_FIELD(struct coordinator_form, value, FORM_FLAG, TEXT("Coordinator")),
};
static const struct form coordinator_form = FORM("CoordinatorForm", struct coordinator_form, coordinator_fields);

static const struct page list_page = { &participant_json, participant_any, TEXT("Who takes part") };

static int show_list(struct request *request, const struct participant_ask *ask)
{
    struct participant_view view;
    int result = participant_page(request, ask, &view);
    return result < 0 ? result : request_page(request, &list_page, STR(""), &view);
}

static int get_list(struct request *request)
{
    const struct list_form *query = request->query;
    if (query->search.len)
        request->event.kind = AUDIT_STAFF_SEARCH;
    return show_list(request, &(struct participant_ask){ .search = query->search, .made = query->made });
}

// Any refused form of the page: the list again; what was wrong stands at the field, or above when it has none.
static int again_list(struct request *request)
{
    request->event.kind = AUDIT_PARTICIPANT_READ;
    return show_list(request, &(struct participant_ask){ .search = STR("") });
}

static int go_to_list(struct request *request, int64_t made)
{
    const struct dialogue *dialogue = request->entity;
    struct str path = made
        ? arena_format(request->arena, "/dialogue/%lld/participants?made=%lld", (long long)dialogue->id, (long long)made)
        : arena_format(request->arena, "/dialogue/%lld/participants", (long long)dialogue->id);
    return path.ptr ? request_redirect(request, path) : -ENOMEM;
}

static int tell_members(struct request *request)
{
    return dialogue_tell(request, request->entity, "members", STR("1"));
}

static int post_employee(struct request *request)
{
    const struct employee_form *form = request_form(request, &employee_form);
    struct account account;
    struct account_scene scene = { request->db, request->keys, request->arena, request->now };
    int result = account_get(&scene, form->person, &account);
    // Nobody is told whether a citizen with that number exists: only employees can be added so.
    if (result == -ENOENT || (result == 0 && account.role != ROLE_EMPLOYEE))
        return request_refuse(request, "", TEXT("That person is not in the staff list."));
    if (result == 0)
        result = participant_check_consent(request);
    if (result == 0)
        result = dialogue_admit(request->entity, account.id, RELATION_PROFESSIONAL, form->relation);
    if (result == -EEXIST)
        return request_refuse(request, "", TEXT("That person takes part already."));
    if (result == -E2BIG)
        return request_refuse(request, "", TEXT("There is no room for more people in this dialogue."));
    if (result == 0)
        result = tell_members(request);
    request->event.object = form->person;
    return result < 0 ? result : go_to_list(request, 0);
}

static int post_invitation(struct request *request)
{
    const struct invite_form *form = request_form(request, &invite_form);
    struct dialogue *dialogue = request->entity;
    struct invitation_new what = {
        .relation = form->kind == KIND_EXTERNAL ? RELATION_EXTERNAL : RELATION_RELATIVE,
        .name = form->name, .email = form->email, .words = form->relation, .reads_only = form->reading,
        .until = form->until == FORM_NO_DATE ? 0 : clock_day_begin(form->until + 1),
    };
    int64_t id;
    if (what.until && what.until <= request->now)
        return request_refuse(request, "until", TEXT("The last day is over already. Choose a later one."));
    if (dialogue->relation != RELATION_COORDINATOR && what.relation != RELATION_RELATIVE)
        return request_refuse(request, "kind", TEXT("You can invite your relatives. Ask the coordinator to invite others."));
    int result = participant_check_consent(request);
    if (result == 0)
        result = invitation_make(dialogue, &what, &id);
    if (result == -E2BIG)
        return request_refuse(request, "", TEXT("Too many invitations wait already. Take some of them back first."));
    request->event.object = id;
    return result < 0 ? result : go_to_list(request, id);
}

static int again_invitation(struct request *request)
{
    const struct invite_form *form = request_form(request, &invite_form);
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    request->event.kind = AUDIT_PARTICIPANT_READ;
    return show_list(request, &(struct participant_ask){ .search = STR(""), .invite = {
        .name = form->name, .name_error = form_error_of(&request->errors, "name"),
        .email = form->email, .email_error = form_error_of(&request->errors, "email"),
        .relation = form->relation, .relation_error = form_error_of(&request->errors, "relation"),
        .kind = form->kind, .kind_error = form_error_of(&request->errors, "kind"),
        .until = form->until == FORM_NO_DATE ? STR("") : dates_key(&dates, clock_day_begin(form->until)),
        .until_error = form_error_of(&request->errors, "until"), .reading = form->reading,
    } });
}

static int post_revoke(struct request *request)
{
    struct dialogue *dialogue = request->entity;
    struct invitation invitation;
    int64_t id = request->number[1];
    int result = invitation_get(dialogue, id, &invitation);
    if (result == 0 && dialogue->relation != RELATION_COORDINATOR && invitation.inviter != dialogue->member)
        return -ENOENT;
    if (result == 0)
        result = invitation_revoke(dialogue, id);
    request->event.object = id;
    return result < 0 ? result : go_to_list(request, 0);
}

// Why a person can't be taken out, in words.
static int refuse_end(struct request *request, int result)
{
    if (result == -EPERM)
        return request_refuse(request, "", TEXT("The dialogue is about the citizen, who always takes part."));
    if (result == -EBUSY)
        return request_refuse(request, "", TEXT("A dialogue needs a coordinator. Make somebody else coordinator first."));
    return result;
}

static int keep_reason(struct request *request, int64_t person, struct str reason)
{
    struct dialogue *dialogue = request->entity;
    struct data_key *key;
    struct bytes sealed;
    struct seal_place place = { .type = SEAL_REASON, .dialogue = dialogue->id, .epoch = dialogue->epoch, .object = person };
    int result = dialogue_key(dialogue, dialogue->epoch, &key);
    if (result == 0)
        result = seal(key, &place, str_bytes(reason), request->arena, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_participant_exclusion_add(request->db, &(struct sql_participant_exclusion_add_in){
        .dialogue = dialogue->id, .person = person, .at = request->now, .excluded_by = dialogue->member, .epoch = dialogue->epoch,
        .reason = sealed });
    return rows < 0 ? (int)rows : 0;
}

// The links that a person has made lead nobody in once they are gone themself.
static int end_part(struct dialogue *dialogue, int64_t person)
{
    int result = invitation_tidy(dialogue, person);
    return result < 0 ? result : dialogue_end(dialogue, person);
}

static int post_exclude(struct request *request)
{
    const struct reason_form *form = request_form(request, &reason_form);
    struct dialogue *dialogue = request->entity;
    int64_t person = request->number[1];
    if (person == dialogue->member)
        return request_refuse(request, "", TEXT("You can't exclude yourself. You can leave the dialogue."));
    int result = end_part(dialogue, person);
    if (result == 0)
        result = keep_reason(request, person, form->reason);
    if (result == 0)
        result = dialogue_cut(request, dialogue, person);
    if (result == 0)
        result = tell_members(request);
    request->event.object = person;
    return result < 0 ? refuse_end(request, result) : go_to_list(request, 0);
}

static int post_leave(struct request *request)
{
    struct dialogue *dialogue = request->entity;
    int result = end_part(dialogue, dialogue->member);
    if (result == 0)
        result = dialogue_cut(request, dialogue, dialogue->member);
    if (result == 0)
        result = tell_members(request);
    return result < 0 ? refuse_end(request, result) : request_redirect(request, STR("/"));
}

static int post_coordinator(struct request *request)
{
    const struct coordinator_form *form = request_form(request, &coordinator_form);
    int64_t person = request->number[1];
    int result = dialogue_set_coordinator(request->entity, person, form->value);
    if (result == -EINVAL)
        return request_refuse(request, "", TEXT("Only an employee who takes part can be coordinator."));
    if (result == 0)
        result = tell_members(request);
    request->event.object = person;
    return result < 0 ? refuse_end(request, result) : go_to_list(request, 0);
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/participants", .permission = PERMISSION_DIALOGUE_READ, .audit = AUDIT_PARTICIPANT_READ,
      .query = &list_form, .load = dialogue_load, .handle = get_list, .answer = &participant_json,
      .summary = "Who takes part, who is invited, and a search in the staff list." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/participants/employee", .permission = PERMISSION_PARTICIPANT_ADD,
      .audit = AUDIT_PARTICIPANT_ADD, .form = &employee_form, .load = dialogue_load, .handle = post_employee, .again = again_list,
      .summary = "Lets an employee take part." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/participants/{person#}/exclude", .permission = PERMISSION_PARTICIPANT_ADMINISTER,
      .audit = AUDIT_PARTICIPANT_EXCLUDE, .form = &reason_form, .load = dialogue_load, .handle = post_exclude, .again = again_list,
      .summary = "Ends a person's access at once." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/participants/{person#}/coordinator", .permission = PERMISSION_PARTICIPANT_ADMINISTER,
      .audit = AUDIT_PARTICIPANT_COORDINATE, .form = &coordinator_form, .load = dialogue_load, .handle = post_coordinator, .again = again_list,
      .summary = "Makes an employee coordinator, or takes that back." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/leave", .permission = PERMISSION_DIALOGUE_LEAVE, .audit = AUDIT_PARTICIPANT_LEAVE,
      .form = &form_empty, .load = dialogue_load, .handle = post_leave, .again = again_list, .summary = "Leaves a dialogue." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/invitations", .permission = PERMISSION_PARTICIPANT_INVITE, .audit = AUDIT_INVITATION_MAKE,
      .form = &invite_form, .load = dialogue_load, .handle = post_invitation, .again = again_invitation,
      .summary = "Makes an invitation by link." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/invitations/{invitation#}/revoke", .permission = PERMISSION_PARTICIPANT_INVITE,
      .audit = AUDIT_INVITATION_REVOKE, .form = &form_empty, .load = dialogue_load, .handle = post_revoke, .again = again_list,
      .summary = "Takes an invitation back." },
};
FEATURE(participant, routes);

MENU_ITEM(participants, .menu = MENU_DIALOGUE, .order = 10, .text = TEXT("Who takes part"), .path = "/dialogue/{dialogue}/participants",
          .permission = PERMISSION_DIALOGUE_READ);
