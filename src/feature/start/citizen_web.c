// SPDX-License-Identifier: MPL-2.0
// Starting a dialogue: find the citizen, then say what it is about. Citizens are found by exact match only.
#include "base/cleanup.h"
#include "base/encode.h"
#include "feature/account/account.h"
#include "feature/dialogue/dialogue.h"
#include "feature/reason/reason.h"
#include "feature/start/start_html.h"
#include "feature/start/start_json.h"
#include "feature/start/start_view.h"
#include "web/date.h"
#include "web/request.h"

#include <errno.h>
#include <sodium.h>

struct find_form {
    struct reason reason;
    struct str cpr, name;
    struct str birth;   // as typed
};

static const struct form_field find_fields[] = {
    REASON_FIELDS(struct find_form),
    FORM_FIELD(struct find_form, cpr, FORM_TEXT, TEXT("CPR number"), .min = 10, .max = 13),
    FORM_FIELD(struct find_form, name, FORM_TEXT, TEXT("Full name"), .min = 2, .max = 120),
    FORM_FIELD(struct find_form, birth, FORM_TEXT, TEXT("Date of birth"), .max = 20),
};
static const struct form find_form = FORM("CitizenForm", struct find_form, find_fields);

struct register_form {
    struct reason reason;   // that of the look-up which found nobody
    struct str cpr, name;
};

static const struct form_field register_fields[] = {
    REASON_FIELDS(struct register_form),
    FORM_FIELD(struct register_form, cpr, FORM_TEXT, TEXT("CPR number"), .required = true, .min = 10, .max = 13),
    FORM_FIELD(struct register_form, name, FORM_TEXT, TEXT("Full name"), .required = true, .min = 2, .max = 120),
};
static const struct form register_form = FORM("CitizenRegisterForm", struct register_form, register_fields);

struct topic_form {
    struct str citizen, topic, relation;
};

static const struct form_field topic_fields[] = {
    FORM_FIELD(struct topic_form, citizen, FORM_TEXT, TEXT("Citizen"), .required = true, .min = 1, .max = 100),
    FORM_FIELD(struct topic_form, topic, FORM_TEXT, TEXT("Topic"), .required = true, .min = 2,
               .max = DIALOGUE_TOPIC_MAX),
    FORM_FIELD(struct topic_form, relation, FORM_TEXT, TEXT("Relation"), .required = true, .min = 1,
               .max = DIALOGUE_WORDS_MAX),
};
static const struct form topic_form = FORM("DialogueForm", struct topic_form, topic_fields);

static const struct page citizen_page = { &start_citizen_json, start_citizen_any, TEXT("Start a dialogue") };
static const struct page topic_page = { &start_topic_json, start_topic_any, TEXT("Start a dialogue") };

static struct account_scene accounts_of(const struct request *request)
{
    return (struct account_scene){ request->db, request->keys, request->arena, request->now };
}

// "PERSON.PROOF": the proof binds the person to the session that found them, so that an id alone starts nothing.
static struct str make_token(struct request *request, int64_t person)
{
    uint8_t hash[LOOKUP_BYTES];
    struct str session = encode_hex(request->arena, bytes_from(request->session.key, SESSION_KEY));
    struct str said = arena_format(request->arena, "citizen %lld %s", (long long)person, session.ptr ? session.ptr : "");
    if (!session.ptr || !said.ptr)
        return (struct str){ NULL, 0 };
    keyring_lookup(request->keys, LOOKUP_TOKEN, said, hash);
    struct str proof = encode_hex(request->arena, bytes_from(hash, LOOKUP_BYTES));
    return proof.ptr ? arena_format(request->arena, "%lld.%s", (long long)person, proof.ptr) : proof;
}

static int read_token(struct request *request, struct str token, int64_t *ret_person)
{
    struct str rest = token;
    int64_t person;
    if (str_to_int(str_cut(&rest, '.'), &person) < 0)
        return -ENOENT;
    struct str expected = make_token(request, person);
    if (!expected.ptr)
        return -ENOMEM;
    if (expected.len != token.len || sodium_memcmp(expected.ptr, token.ptr, token.len) != 0)
        return -ENOENT;
    *ret_person = person;
    return 0;
}

static int get_citizen(struct request *request)
{
    struct start_view_citizen view = { .name = STR(""), .birth = STR(""), .cpr = STR(""), .reason = reason_view_of(request, NULL) };
    return request_page(request, &citizen_page, STR(""), &view);
}

static int again_citizen(struct request *request)
{
    const struct find_form *form = request_form(request, &find_form);
    struct start_view_citizen view = {
        .name = form->name, .birth = form->birth, .cpr = form->cpr, .reason = reason_view_of(request, &form->reason),
        .name_error = form_error_of(&request->errors, "name"), .birth_error = form_error_of(&request->errors, "birth"),
        .cpr_error = form_error_of(&request->errors, "cpr"),
    };
    return request_page(request, &citizen_page, STR(""), &view);
}

static int again_register(struct request *request)
{
    const struct register_form *form = request_form(request, &register_form);
    struct start_view_citizen view = {
        .name = form->name, .birth = STR(""), .cpr = form->cpr, .not_found = true, .reason = reason_view_of(request, &form->reason),
        .name_error = form_error_of(&request->errors, "name"), .cpr_error = form_error_of(&request->errors, "cpr"),
    };
    return request_page(request, &citizen_page, STR(""), &view);
}

// "born 14 May 2012"; empty when the date is not known.
static struct str birth_words(struct request *request, struct str birth)
{
    int64_t days;
    if (form_read_date(birth, &days) < 0)
        return STR("");
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    _cleanup_(buf_free) struct buf text = buf_bounded(500);
    struct text_value date = { "date", dates_date(&dates, days * DAY_MS + DAY_MS / 2) };
    text_format(&text, request_text(request, TEXT("born {date}")), &date, 1);
    return arena_str(request->arena, buf_view(&text));
}

static int show_topic(struct request *request, int64_t citizen, const struct topic_form *typed)
{
    struct account_scene scene = accounts_of(request);
    struct account account;
    int result = account_get(&scene, citizen, &account);
    if (result < 0)
        return result;
    struct start_view_topic view = {
        .citizen_token = make_token(request, citizen), .citizen = account.name, .birth = birth_words(request, account.birth),
        .topic = typed ? typed->topic : STR(""), .topic_error = form_error_of(&request->errors, "topic"),
        .relation = typed ? typed->relation : STR(""), .relation_error = form_error_of(&request->errors, "relation"),
    };
    if (!view.citizen_token.ptr)
        return -ENOMEM;
    result = avatar_make(request->arena, account.id, account.name, account.portrait, &view.avatar);
    if (result == 0)
        result = account_unit_name(&scene, request->session.unit, &view.unit);
    return result < 0 ? result : request_page(request, &topic_page, STR(""), &view);
}

static int find(struct request *request, const struct find_form *form, struct account *ret_account)
{
    struct account_scene scene = accounts_of(request);
    char cpr[10];
    int64_t birth;
    if (form->cpr.len) {
        if (account_read_cpr(form->cpr, cpr, &birth) < 0)
            return request_refuse(request, "cpr", TEXT("A CPR number has ten digits and begins with the date of birth."));
        return account_find_cpr(&scene, cpr, ret_account);
    }
    if (form->name.len == 0)
        return request_refuse(request, "name", TEXT("Write the citizen's full name, or the CPR number."));
    if (form_read_date(form->birth, &birth) < 0)
        return request_refuse(request, "birth", TEXT("Write the date as day, month and year, for example 24-12-2010."));
    return account_find_name_birth(&scene, form->name, birth, ret_account);
}

static int show_not_found(struct request *request, const struct find_form *form)
{
    struct start_view_citizen view = {
        .name = form->name, .birth = form->birth, .cpr = form->cpr, .not_found = true, .reason = reason_view_of(request, &form->reason) };
    return request_page(request, &citizen_page, STR(""), &view);
}

static int post_citizen(struct request *request)
{
    const struct find_form *form = request_form(request, &find_form);
    struct account account = { .id = 0 };
    int result = reason_check(request, &form->reason);
    if (result == 0)
        result = find(request, form, &account);
    bool found = result == 0 && account.role == ROLE_PUBLIC;
    if (result == 0 || result == -ENOENT)
        result = reason_keep(request, &form->reason, found ? account.id : 0, 0);
    if (result < 0)
        return result;
    if (!found)
        return show_not_found(request, form);
    request->event.object = account.id;
    return show_topic(request, account.id, NULL);
}

static int post_register(struct request *request)
{
    const struct register_form *form = request_form(request, &register_form);
    struct account_scene scene = accounts_of(request);
    struct account account;
    char cpr[10];
    int64_t birth;
    if (account_read_cpr(form->cpr, cpr, &birth) < 0)
        return request_refuse(request, "cpr", TEXT("A CPR number has ten digits and begins with the date of birth."));
    int result = reason_check(request, &form->reason);
    if (result == 0)
        result = account_find_cpr(&scene, cpr, &account);
    // Who is known already has been looked up: to refuse it would say so too, and leave nothing in the log.
    if (result == 0)
        request->event.kind = AUDIT_CITIZEN_LOOK_UP;
    else if (result == -ENOENT)
        result = account_register_citizen(&scene, form->name, cpr, birth, &account.id);
    if (result == 0)
        result = reason_keep(request, &form->reason, account.id, 0);
    if (result < 0)
        return result;
    request->event.object = account.id;
    return show_topic(request, account.id, NULL);
}

static int post_topic(struct request *request)
{
    const struct topic_form *form = request_form(request, &topic_form);
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct dialogue *dialogue;
    int64_t citizen;
    int result = read_token(request, form->citizen, &citizen);
    if (result == -ENOENT)
        return request_refuse(request, "topic", TEXT("Find the citizen again: you have signed in anew since."));
    if (result < 0)
        return result;
    if (!request->session.unit || citizen == request->session.person)
        return -EACCES;
    struct dialogue_new what = {
        .unit = request->session.unit, .citizen = citizen, .coordinator = request->session.person, .topic = form->topic,
        .citizen_words = STR(""), .coordinator_words = form->relation,
    };
    result = dialogue_start(&scene, &what, &dialogue);
    if (result == 0)
        result = dialogue_tell(request, dialogue, "members", STR("1"));
    if (result < 0)
        return result;
    request->event.dialogue = dialogue->id;
    request->event.object = citizen;
    return request_redirect(request, arena_format(request->arena, "/dialogue/%lld", (long long)dialogue->id));
}

static int again_topic(struct request *request)
{
    const struct topic_form *form = request_form(request, &topic_form);
    int64_t citizen;
    int result = read_token(request, form->citizen, &citizen);
    request->event.kind = AUDIT_CITIZEN_LOOK_UP;
    request->event.object = result == 0 ? citizen : 0;
    return result < 0 ? get_citizen(request) : show_topic(request, citizen, form);
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/dialogue/new", .permission = PERMISSION_EMPLOYEE, .audit = AUDIT_NONE, .handle = get_citizen,
      .answer = &start_citizen_json, .summary = "The form for finding a citizen." },
    { .method = METHOD_POST, .path = "/dialogue/new/citizen", .permission = PERMISSION_EMPLOYEE, .audit = AUDIT_CITIZEN_LOOK_UP, .form = &find_form,
      .handle = post_citizen, .again = again_citizen, .answer = &start_topic_json, .flags = ROUTE_LOOKS_UP, .summary = "Finds a citizen by exact match." },
    { .method = METHOD_POST, .path = "/dialogue/new/register", .permission = PERMISSION_EMPLOYEE, .audit = AUDIT_CITIZEN_REGISTER, .form = &register_form,
      .handle = post_register, .again = again_register, .answer = &start_topic_json, .flags = ROUTE_LOOKS_UP, .summary = "Makes a citizen known who is not yet." },
    { .method = METHOD_POST, .path = "/dialogue/new", .permission = PERMISSION_EMPLOYEE, .audit = AUDIT_DIALOGUE_START, .form = &topic_form,
      .handle = post_topic, .again = again_topic, .summary = "Starts a dialogue with the citizen that was found." },
};
FEATURE(citizen, routes);
