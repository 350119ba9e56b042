// SPDX-License-Identifier: MPL-2.0
// Who must agree to new participants, and who is proposed: the coordinator's pages; citizens propose their relatives.
#include "feature/consent/consent_json.h"
#include "feature/consent/consent_page.h"
#include "feature/consent/propose_html.h"
#include "feature/participant/invitation.h"
#include "web/menu.h"

#include "base/cleanup.h"

#include <errno.h>

static const struct page list_page = { &propose_list_json, propose_list_any, TEXT("Consent") };
static const struct page propose_page = { &propose_json, propose_any, TEXT("Propose somebody") };

// In the order of the choices, which is that of enum consent_basis.
static const char *const bases[] = { "none", "own", "attorney", "custody", NULL };

struct giver_form {
    int64_t person;
    int64_t basis;
};

static const struct form_field giver_fields[] = {
    FORM_FIELD(struct giver_form, person, FORM_ID, TEXT("Person"), .required = true, .min = 1, .max = INT64_MAX),
    FORM_FIELD(struct giver_form, basis, FORM_CHOICE, TEXT("As what"), .required = true, .choices = bases),
};
static const struct form giver_form = FORM("ConsentGiverForm", struct giver_form, giver_fields);

struct person_query {
    int64_t person;
};

static const struct form_field person_fields[] = {
    FORM_FIELD(struct person_query, person, FORM_ID, TEXT("Person"), .min = 1, .max = INT64_MAX),
};
static const struct form person_query = FORM("ProposeQuery", struct person_query, person_fields);

enum { KIND_RELATIVE = 1, KIND_EXTERNAL };
static const char *const kinds[] = { "relative", "external", NULL };

struct propose_form {
    int64_t person, kind;
    struct str name, email, relation, purpose, statute, reason;
};

static const struct form_field propose_fields[] = {
    FORM_FIELD(struct propose_form, person, FORM_ID, TEXT("Person"), .min = 1, .max = INT64_MAX),
    FORM_FIELD(struct propose_form, kind, FORM_CHOICE, TEXT("Who is it?"), .choices = kinds),
    FORM_FIELD(struct propose_form, name, FORM_TEXT, TEXT("Name"), .min = 2, .max = 120),
    FORM_FIELD(struct propose_form, email, FORM_EMAIL, TEXT("E-mail"), .max = 254),
    FORM_FIELD(struct propose_form, relation, FORM_TEXT, TEXT("Relation"), .required = true, .min = 1, .max = DIALOGUE_WORDS_MAX),
    FORM_FIELD(struct propose_form, purpose, FORM_TEXT, TEXT("Purpose"), .required = true, .min = 2, .max = CONSENT_PURPOSE_MAX),
    FORM_FIELD(struct propose_form, statute, FORM_TEXT, TEXT("Law and section"), .max = 120),
    FORM_FIELD(struct propose_form, reason, FORM_TEXT, TEXT("Reason"), .max = CONSENT_PURPOSE_MAX),
};
static const struct form propose_form = FORM("ProposeForm", struct propose_form, propose_fields);

static const char *basis_text(enum consent_basis basis)
{
    switch (basis) {
    case CONSENT_BASIS_ATTORNEY:
        return TEXT("Must say yes, with power of attorney");
    case CONSENT_BASIS_CUSTODY:
        return TEXT("Must say yes, with custody");
    default:
        return TEXT("Must say yes");
    }
}

static const char *state_text(enum proposal_state state)
{
    static const char *const texts[PROPOSAL_STATE_COUNT] = {
        [PROPOSAL_PROPOSED] = TEXT("Proposed"), [PROPOSAL_AWAITING] = TEXT("Waits for answers"), [PROPOSAL_ACTIVE] = TEXT("All have said yes"),
        [PROPOSAL_REJECTED] = TEXT("Did not come in"), [PROPOSAL_REMOVED] = TEXT("No longer here"), [PROPOSAL_LAPSED] = TEXT("A consent has run out"),
    };
    return (unsigned)state < PROPOSAL_STATE_COUNT && texts[state] ? texts[state] : TEXT("Proposed");
}

static int fill_givers(struct consent_maker *maker, struct dialogue *dialogue, struct propose_view_list *view)
{
    const struct dialogue_participant *people;
    struct consent_rule rule;
    size_t count;
    int result = consent_rule_get(&maker->scene, dialogue->id, &rule);
    if (result == 0)
        result = dialogue_participants(dialogue, &people, &count);
    struct propose_view_giver *givers = result == 0 ? arena_array(maker->request->arena, count + 1, sizeof(*givers)) : NULL;
    if (!givers)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; result == 0 && i < count; i++) {
        const struct dialogue_participant *one = &people[i];
        if (one->ended || (one->relation != RELATION_CITIZEN && one->relation != RELATION_RELATIVE))
            continue;
        struct propose_view_giver giver = { .dialogue = dialogue->id, .person = one->person, .name = one->name, .relation = one->words,
                                            .citizen = one->relation == RELATION_CITIZEN, .basis = STR("") };
        for (size_t k = 0; k < rule.count; k++) {
            giver.asked = giver.asked || rule.givers[k].person == one->person;
            if (rule.givers[k].person == one->person)
                giver.basis = request_text(maker->request, basis_text(rule.givers[k].basis));
        }
        result = avatar_make(maker->request->arena, one->person, one->name, one->portrait, &giver.avatar);
        givers[view->givers_count++] = giver;
    }
    view->givers = givers;
    view->any = rule.count > 0;
    return result;
}

// "Emil: said yes, … Mette: asked …"
static int say_givers(struct consent_maker *maker, const struct proposal *proposal, struct str *ret_text)
{
    _cleanup_(buf_free) struct buf text = buf_bounded(2000);
    for (size_t i = 0; i < proposal->givers_count; i++) {
        struct account account;
        struct consent consent;
        int result = account_get(&maker->accounts, proposal->givers[i].person, &account);
        if (result == 0)
            result = consent_get(&maker->scene, proposal, proposal->givers[i].person, &consent);
        if (result < 0)
            return result;
        if (i)
            buf_lit(&text, " · ");
        buf_str(&text, account.name);
        buf_lit(&text, ": ");
        buf_str(&text, consent_status(maker, &consent));
    }
    *ret_text = arena_str(maker->request->arena, buf_view(&text));
    return ret_text->ptr ? 0 : -ENOMEM;
}

static int fill_proposals(struct consent_maker *maker, struct dialogue *dialogue, struct propose_view_list *view)
{
    const struct proposal *list;
    size_t count;
    int result = proposal_list(&maker->scene, dialogue->id, &list, &count);
    struct propose_view_item *items = result == 0 ? arena_array(maker->request->arena, count + 1, sizeof(*items)) : NULL;
    if (!items)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; result == 0 && i < count; i++) {
        struct propose_view_item item = { .dialogue = dialogue->id, .proposal = list[i].id, .relation = list[i].words,
            .status = request_text(maker->request, state_text(list[i].state)), .may_take_back = proposal_next(list[i].state, PROPOSAL_TAKEN_BACK) };
        result = consent_who(maker, &list[i], &item.name, &item.avatar);
        if (result == 0)
            result = say_givers(maker, &list[i], &item.givers);
        items[i] = item;
    }
    view->proposals = items;
    view->proposals_count = count;
    return result;
}

static void add_name(struct consent_maker *maker, struct buf *names, struct str name, bool first, bool last)
{
    if (!first)
        buf_str(names, last ? arena_format(maker->request->arena, " %s ", request_text(maker->request, TEXT("and")).ptr) : STR(", "));
    buf_str(names, name);
}

// Whose invitations a giver's choice takes back.
static int name_unasked(struct consent_maker *maker, struct dialogue *dialogue, struct propose_view_list *view)
{
    _cleanup_(buf_free) struct buf names = buf_bounded(INVITATION_OPEN_MAX * 1000);
    const struct invitation *list;
    size_t count;
    int result = invitation_list_unasked(dialogue, &list, &count);
    for (size_t i = 0; result == 0 && i < count; i++)
        add_name(maker, &names, list[i].name, i == 0, i + 1 == count);
    view->unasked = arena_str(maker->request->arena, buf_view(&names));
    view->unasked_count = result == 0 ? (int64_t)count : 0;
    return result == 0 && !view->unasked.ptr ? -ENOMEM : result;
}

static int get_list(struct request *request)
{
    struct dialogue *dialogue = request->entity;
    struct consent_maker maker = consent_maker_of(request);
    struct propose_view_list view = { .dialogue = dialogue->id, .topic = dialogue->topic, .error = form_error_of(&request->errors, "") };
    int result = fill_givers(&maker, dialogue, &view);
    if (result == 0)
        result = name_unasked(&maker, dialogue, &view);
    if (result == 0)
        result = fill_proposals(&maker, dialogue, &view);
    return result < 0 ? result : request_page(request, &list_page, STR(""), &view);
}

static int again_list(struct request *request)
{
    request->event.kind = AUDIT_CONSENT_READ;
    return get_list(request);
}

static int go_to_list(struct request *request)
{
    const struct dialogue *dialogue = request->entity;
    return request_redirect(request, arena_format(request->arena, "/dialogue/%lld/consent", (long long)dialogue->id));
}

// The log names each invitation that goes with the choice.
static int note_taken_back(struct request *request, const struct invitation *list, size_t count)
{
    int result = 0;
    for (size_t i = 0; result == 0 && i < count; i++)
        result = request_audit(request, &(struct audit_event){ .kind = AUDIT_INVITATION_REVOKE, .dialogue = list[i].dialogue, .object = list[i].id });
    return result;
}

static int post_giver(struct request *request)
{
    const struct giver_form *form = request_form(request, &giver_form);
    enum consent_basis basis = (enum consent_basis)(form->basis - 1);
    const struct invitation *unasked = NULL;
    size_t count = 0;
    int result = basis ? invitation_list_unasked(request->entity, &unasked, &count) : 0;
    if (result == 0)
        result = consent_rule_set(request->entity, form->person, basis);
    if (result == 0)
        result = note_taken_back(request, unasked, count);
    request->event.object = form->person;
    if (result == -EINVAL)
        return request_refuse(request, "", TEXT("Only the citizen, and relatives who can see all messages, can be asked."));
    if (result == -E2BIG)
        return request_refuse(request, "", TEXT("No more than five can be asked."));
    return result < 0 ? result : go_to_list(request);
}

static int post_take_back(struct request *request)
{
    int result = proposal_take_back(request->entity, request->number[1]);
    request->event.object = request->number[1];
    if (result == -EINVAL || result == -ESTALE)
        return request_refuse(request, "", TEXT("It has been answered already. You see how it stands below."));
    return result < 0 ? result : go_to_list(request);
}

// Who will be asked, in words.
static int name_givers(struct consent_maker *maker, int64_t dialogue, struct str *ret_names)
{
    _cleanup_(buf_free) struct buf text = buf_bounded(2000);
    struct consent_rule rule;
    int result = consent_rule_get(&maker->scene, dialogue, &rule);
    for (size_t i = 0; result == 0 && i < rule.count; i++) {
        struct account account;
        result = account_get(&maker->accounts, rule.givers[i].person, &account);
        if (result == 0)
            add_name(maker, &text, account.name, i == 0, i + 1 == rule.count);
    }
    *ret_names = arena_str(maker->request->arena, buf_view(&text));
    return result == 0 && !ret_names->ptr ? -ENOMEM : result;
}

// An employee who is to be proposed: nobody is told whether another person with that number exists.
static int find_employee(struct consent_maker *maker, int64_t person, struct account *ret_account)
{
    int result = account_get(&maker->accounts, person, ret_account);
    return result == 0 && ret_account->role != ROLE_EMPLOYEE ? -ENOENT : result;
}

static int show_propose(struct request *request, const struct propose_form *form)
{
    struct dialogue *dialogue = request->entity;
    struct consent_maker maker = consent_maker_of(request);
    struct account account = { .name = STR(""), .title = STR("") };
    struct form_errors *errors = &request->errors;
    bool may_law = policy_allows(PERMISSION_CONSENT_ADMINISTER, &request->subject), named = !form->person;
    struct propose_view view = {
        .dialogue = dialogue->id, .topic = dialogue->topic, .person = form->person, .kind = form->kind,
        .may_external = dialogue->relation == RELATION_COORDINATOR, .may_law = may_law,
        .law = form->statute.len || form->reason.len, .name = form->name, .name_error = named ? form_error_of(errors, "name") : STR(""),
        .email = form->email, .email_error = named ? form_error_of(errors, "email") : STR(""),
        .relation = form->relation, .relation_error = form_error_of(errors, "relation"),
        .purpose = form->purpose, .purpose_error = form_error_of(errors, "purpose"), .statute = form->statute,
        .statute_error = may_law ? form_error_of(errors, "statute") : STR(""), .reason = form->reason,
        .reason_error = may_law ? form_error_of(errors, "reason") : STR(""),
        .error = form_error_of(errors, ""),
    };
    int result = form->person ? find_employee(&maker, form->person, &account) : 0;
    if (result == 0)
        result = name_givers(&maker, dialogue->id, &view.givers);
    if (result == 0)
        result = avatar_make(request->arena, form->person, account.name, account.portrait, &view.avatar);
    view.person_name = account.name;
    view.person_title = account.title;
    if (form->person && !form->relation.ptr)
        view.relation = account.title;
    return result < 0 ? result : request_page(request, &propose_page, STR(""), &view);
}

static int get_propose(struct request *request)
{
    const struct person_query *query = request->query;
    return show_propose(request, &(struct propose_form){ .person = query->person });
}

static int again_propose(struct request *request)
{
    request->event.kind = AUDIT_CONSENT_READ;
    return show_propose(request, request_form(request, &propose_form));
}

// What the fields say together.
static int check_form(struct request *request, const struct propose_form *form)
{
    const struct dialogue *dialogue = request->entity;
    bool coordinator = dialogue->relation == RELATION_COORDINATOR;
    if (!form->person && !form->name.len)
        return request_refuse(request, "name", TEXT("Write the name."));
    if (!form->person && !form->email.len)
        return request_refuse(request, "email", TEXT("Write the e-mail address."));
    if (!coordinator && (form->person || form->kind == KIND_EXTERNAL))
        return request_refuse(request, "", TEXT("You can invite your relatives. Ask the coordinator to invite others."));
    if (form->reason.len && !form->statute.len)
        return request_refuse(request, "statute", TEXT("Write which law it is, and which section."));
    if (form->statute.len && !form->reason.len)
        return request_refuse(request, "reason", TEXT("Write why the law applies here. The citizen sees it."));
    return !coordinator && form->statute.len ? -EACCES : 0;
}

// The page that the proposer sees next: one's own answer, when one is asked oneself.
static int go_on(struct request *request, struct consent_maker *maker, int64_t id, bool law)
{
    const struct dialogue *dialogue = request->entity;
    struct proposal proposal;
    struct consent consent;
    int result = proposal_get(&maker->scene, id, &proposal);
    if (result == 0 && law)
        result = dialogue_tell(request, request->entity, "members", STR("1"));
    if (result < 0)
        return result;
    if (!law && consent_get(&maker->scene, &proposal, request->session.person, &consent) == 0)
        return request_redirect(request, arena_format(request->arena, "/consents/%lld", (long long)id));
    if (dialogue->relation != RELATION_COORDINATOR)
        return request_redirect(request, arena_format(request->arena, "/dialogue/%lld/participants", (long long)dialogue->id));
    return go_to_list(request);
}

static int post_propose(struct request *request)
{
    const struct propose_form *form = request_form(request, &propose_form);
    struct consent_maker maker = consent_maker_of(request);
    struct account account = { .name = form->name };
    int64_t id;
    int result = check_form(request, form);
    if (result == 0 && form->person)
        result = find_employee(&maker, form->person, &account);
    if (result < 0)
        return result == -ENOENT ? request_refuse(request, "", TEXT("That person is not in the staff list.")) : result;
    struct proposal_new what = {
        .person = form->person, .name = account.name, .words = form->relation, .email = form->email, .purpose = form->purpose,
        .statute = form->statute, .reason = form->reason,
        .relation = form->person ? RELATION_PROFESSIONAL : form->kind == KIND_EXTERNAL ? RELATION_EXTERNAL : RELATION_RELATIVE,
    };
    result = proposal_make(request->entity, &what, consent_months_max(request->app->config), &id);
    request->event.object = form->person;
    if (result == -EEXIST)
        return request_refuse(request, "", TEXT("That person takes part, or is proposed already."));
    if (result == -EINVAL)
        return request_refuse(request, "", TEXT("Nobody is to be asked in this dialogue. Choose who must say yes first."));
    if (result == -E2BIG)
        return request_refuse(request, "", TEXT("Too many wait already. Take some of them back first."));
    return result < 0 ? result : go_on(request, &maker, id, form->statute.len > 0);
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/consent", .permission = PERMISSION_CONSENT_ADMINISTER, .audit = AUDIT_CONSENT_READ,
      .load = dialogue_load, .handle = get_list, .answer = &propose_list_json, .summary = "Who must agree to new participants, and who was proposed." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/consent/givers", .permission = PERMISSION_CONSENT_ADMINISTER, .audit = AUDIT_CONSENT_RULE,
      .form = &giver_form, .load = dialogue_load, .handle = post_giver, .again = again_list, .summary = "Makes somebody a giver, or no longer." },
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/consent/propose", .permission = PERMISSION_PARTICIPANT_INVITE, .audit = AUDIT_CONSENT_READ,
      .query = &person_query, .load = dialogue_load, .handle = get_propose, .answer = &propose_json, .summary = "The form for proposing somebody." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/consent/propose", .permission = PERMISSION_PARTICIPANT_INVITE, .audit = AUDIT_CONSENT_ASK,
      .form = &propose_form, .load = dialogue_load, .handle = post_propose, .again = again_propose, .summary = "Proposes somebody: the givers are asked." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/consent/{proposal#}/take-back", .permission = PERMISSION_CONSENT_ADMINISTER,
      .audit = AUDIT_CONSENT_TAKE_BACK, .form = &form_empty, .load = dialogue_load, .handle = post_take_back, .again = again_list,
      .summary = "Takes back a proposal that waits." },
};
FEATURE(propose, routes);

MENU_ITEM(consent, .menu = MENU_DIALOGUE, .order = 40, .text = TEXT("Consent"), .path = "/dialogue/{dialogue}/consent",
          .permission = PERMISSION_CONSENT_ADMINISTER);
