// SPDX-License-Identifier: MPL-2.0
// What somebody is to the citizen, changed by a coordinator; and handing the dialogue over.
#include <errno.h>

#include "feature/dialogue/dialogue.h"
#include "feature/moderation/moderation_html.h"
#include "feature/moderation/moderation_json.h"
#include "web/request.h"

enum { KIND_RELATIVE = 1, KIND_EXTERNAL };
static const char *const kinds[] = { "relative", "external", NULL };

struct relation_form {
    struct str relation;
    int64_t kind;
};

static const struct form_field relation_fields[] = {
    FORM_FIELD(struct relation_form, relation, FORM_TEXT, TEXT("Relation"), .required = true, .min = 1, .max = DIALOGUE_WORDS_MAX),
    FORM_FIELD(struct relation_form, kind, FORM_CHOICE, TEXT("Who is it?"), .choices = kinds),
};
static const struct form relation_form = FORM("RelationForm", struct relation_form, relation_fields);

static const struct page relation_page = { &moderation_relation_json, moderation_relation_any, TEXT("What somebody is to the citizen") };

static int find(struct request *request, struct dialogue_participant *ret_person)
{
    const struct dialogue_participant *people;
    size_t count;
    int result = dialogue_participants(request->entity, &people, &count);
    for (size_t i = 0; result == 0 && i < count; i++) {
        if (people[i].person == request->number[1] && people[i].ended == 0) {
            *ret_person = people[i];
            return 0;
        }
    }
    return result < 0 ? result : -ENOENT;
}

static int64_t kind_of(enum relation relation)
{
    return relation == RELATION_RELATIVE ? KIND_RELATIVE : relation == RELATION_EXTERNAL ? KIND_EXTERNAL : 0;
}

static int show(struct request *request)
{
    const struct dialogue *dialogue = request->entity;
    const struct relation_form *form = request_form(request, &relation_form);   // what was typed and refused
    struct dialogue_participant person;
    int result = find(request, &person);
    if (result < 0)
        return result;
    struct moderation_view_relation view = {
        .dialogue = dialogue->id, .person = person.person, .topic = dialogue->topic, .name = person.name,
        .relation = form ? form->relation : person.words, .kind = kind_of(person.relation),
        .may_take_over = person.relation == RELATION_PROFESSIONAL, .self = person.person == dialogue->member,
        .relation_error = form_error_of(&request->errors, "relation"), .error = form_error_of(&request->errors, ""),
    };
    request->event.kind = AUDIT_PARTICIPANT_READ;
    request->event.object = person.person;
    return request_page(request, &relation_page, STR(""), &view);
}

static int done(struct request *request)
{
    struct dialogue *dialogue = request->entity;
    request->event.object = request->number[1];
    int result = dialogue_tell(request, dialogue, "members", STR("1"));
    return result < 0 ? result : request_redirect(request, arena_format(request->arena, "/dialogue/%lld/participants", (long long)dialogue->id));
}

static int post_relation(struct request *request)
{
    const struct relation_form *form = request_form(request, &relation_form);
    struct dialogue_participant person;
    int result = find(request, &person);
    if (result == 0)
        result = dialogue_describe(request->entity, person.person, form->relation);
    if (result == 0 && form->kind && form->kind != kind_of(person.relation))
        result = dialogue_set_relation(request->entity, person.person, form->kind == KIND_RELATIVE ? RELATION_RELATIVE : RELATION_EXTERNAL);
    if (result == -EINVAL)
        return request_refuse(request, "", TEXT("Only relatives and people from outside can change places."));
    return result < 0 ? result : done(request);
}

// The one becomes coordinator and the other steps back, in one act.
static int post_hand_over(struct request *request)
{
    struct dialogue *dialogue = request->entity;
    int result = dialogue_set_coordinator(dialogue, request->number[1], true);
    if (result == -EINVAL)
        return request_refuse(request, "", TEXT("Only an employee who takes part can be coordinator."));
    if (result == 0)
        result = dialogue_set_coordinator(dialogue, dialogue->member, false);
    return result < 0 ? result : done(request);
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/participants/{person#}/relation", .permission = PERMISSION_PARTICIPANT_ADMINISTER,
      .audit = AUDIT_PARTICIPANT_READ, .load = dialogue_load, .handle = show, .answer = &moderation_relation_json,
      .summary = "What a participant is to the citizen." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/participants/{person#}/relation", .permission = PERMISSION_PARTICIPANT_ADMINISTER,
      .audit = AUDIT_PARTICIPANT_DESCRIBE, .form = &relation_form, .load = dialogue_load, .handle = post_relation, .again = show,
      .summary = "Changes what a participant is to the citizen." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/participants/{person#}/handover", .permission = PERMISSION_PARTICIPANT_ADMINISTER,
      .audit = AUDIT_HAND_OVER, .form = &form_empty, .load = dialogue_load, .handle = post_hand_over, .again = show,
      .summary = "Makes another employee the coordinator in one's own place." },
};
FEATURE(relation, routes);
