// SPDX-License-Identifier: MPL-2.0
// Which relatives a citizen has let into their dialogues, how far and until when; all on one page.
#include "base/cleanup.h"
#include "base/clock.h"
#include "feature/access/access_html.h"
#include "feature/access/access_sql.h"
#include "feature/access/access_view.h"
#include "feature/dialogue/dialogue.h"
#include "web/menu.h"

#include <errno.h>

#define DIALOGUES_MAX 100
#define PARTS_MAX 300

struct access_form {
    int64_t until;
    bool reading;
};

static const struct form_field access_fields[] = {
    FORM_FIELD(struct access_form, until, FORM_DATE, TEXT("Last day")),
    FORM_FIELD(struct access_form, reading, FORM_FLAG, TEXT("May only read")),
};
static const struct form access_form = FORM("AccessForm", struct access_form, access_fields);

static const struct view_field part_fields[] = {
    VIEW_ID(struct access_view_part, dialogue, "The dialogue."),
    VIEW_ID(struct access_view_part, person, "The relative."),
    VIEW_STR(struct access_view_part, topic, "The dialogue's topic."),
    VIEW_STR(struct access_view_part, name, "Name."),
    VIEW_STR(struct access_view_part, relation, "What they are to the citizen, in words."),
    VIEW_TIME(struct access_view_part, ends, "When the access ends; null: no end."),
    VIEW_BOOL(struct access_view_part, reads_only, "May only read."),
    VIEW_BOOL(struct access_view_part, over, "Its time is over."),
};
static const struct view part_json = VIEW("AccessPart", struct access_view_part, part_fields);
static const struct view_field view_fields[] = {
    VIEW_LIST(struct access_view, parts, &part_json, "Each relative in each dialogue."),
};
static const struct view access_json = VIEW("Access", struct access_view, view_fields);
static const struct page access_page = { &access_json, access_any, TEXT("Whom have I let in?") };

struct maker {
    struct request *request;
    struct access_view_part *parts;
    size_t count;
};

static struct str day_text(struct request *request, int64_t ends)
{
    struct civil date = clock_civil(ends - 1);
    return arena_format(request->arena, "%04d-%02d-%02d", date.year, date.month, date.day);
}

// What was typed and refused.
static void show_again(struct request *request, struct access_view_part *part)
{
    const struct access_form *form = request_form(request, &access_form);
    if (!form)
        return;
    part->until_error = form_error_of(&request->errors, "until");
    part->until = form->until == FORM_NO_DATE ? STR("") : day_text(request, clock_day_begin(form->until + 1));
    part->reads_only = form->reading;
}

static int add_part(struct maker *maker, struct dialogue *dialogue, const struct dialogue_participant *person)
{
    struct dialogue_terms terms;
    struct access_view_part *part = &maker->parts[maker->count];
    int result = dialogue_terms_of(dialogue, person->person, &terms);
    if (result < 0)
        return result == -ENOENT ? 0 : result;
    *part = (struct access_view_part){
        .dialogue = dialogue->id, .person = person->person, .topic = dialogue->topic, .name = person->name, .relation = person->words,
        .until = terms.until ? day_text(maker->request, terms.until) : STR(""), .ends = terms.until, .reads_only = terms.reads_only,
        .by_consent = terms.locks, .over = terms.until && terms.until <= maker->request->now,
    };
    if (maker->request->number[0] == part->dialogue && maker->request->number[1] == part->person)
        show_again(maker->request, part);
    maker->count++;
    return avatar_make(maker->request->arena, person->person, person->name, person->portrait, &part->avatar);
}

static int add_dialogue(struct maker *maker, int64_t id)
{
    struct dialogue_scene scene = dialogue_scene_of(maker->request);
    const struct dialogue_participant *people;
    struct dialogue *dialogue;
    size_t count;
    int result = dialogue_open(&scene, id, maker->request->session.person, &dialogue);
    if (result == 0)
        result = dialogue_participants(dialogue, &people, &count);
    for (size_t i = 0; result == 0 && i < count && maker->count < PARTS_MAX; i++) {
        if (people[i].relation == RELATION_RELATIVE && people[i].ended == 0)
            result = add_part(maker, dialogue, &people[i]);
    }
    return result == -ENOENT ? 0 : result;
}

static int show(struct request *request)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_access_own row;
    struct maker maker = {
        .request = request, .parts = arena_array(request->arena, PARTS_MAX, sizeof(*maker.parts)),
    };
    int result = maker.parts ? sql_access_own(request->db,
        &(struct sql_access_own_in){ .person = request->session.person, .count = DIALOGUES_MAX }, &stmt) : -ENOMEM;
    while (result == 0 && (result = sql_access_own_next(stmt, &row)) == 1)
        result = add_dialogue(&maker, row.id);
    struct access_view view = { .parts = maker.parts, .parts_count = maker.count, .error = form_error_of(&request->errors, "") };
    request->event.kind = AUDIT_ACCESS_READ;
    return result < 0 ? result : request_page(request, &access_page, STR(""), &view);
}

// The person of the path, who must be a relative here.
static int check_relative(struct request *request)
{
    const struct dialogue_participant *people;
    size_t count;
    int result = dialogue_participants(request->entity, &people, &count);
    for (size_t i = 0; result == 0 && i < count; i++) {
        if (people[i].person == request->number[1] && people[i].relation == RELATION_RELATIVE && people[i].ended == 0)
            return 0;
    }
    return result < 0 ? result : -ENOENT;
}

static int done(struct request *request)
{
    struct dialogue *dialogue = request->entity;
    request->event.object = request->number[1];
    int result = dialogue_cut(request, dialogue, request->number[1]);
    if (result == 0)
        result = dialogue_tell(request, dialogue, "members", STR("1"));
    return result < 0 ? result : request_redirect(request, STR("/access"));
}

static int change(struct request *request)
{
    const struct access_form *form = request_form(request, &access_form);
    int64_t until = form->until == FORM_NO_DATE ? 0 : clock_day_begin(form->until + 1);
    if (until && until <= request->now)
        return request_refuse(request, "until", TEXT("The last day is over already. Choose a later one."));
    int result = check_relative(request);
    if (result == 0)
        result = dialogue_limit(request->entity, request->number[1], until, form->reading);
    if (result == -EINVAL)
        return request_refuse(request, "", TEXT("A consent says how long. You can change it there."));
    return result < 0 ? result : done(request);
}

static int end(struct request *request)
{
    int result = check_relative(request);
    if (result == 0)
        result = dialogue_end(request->entity, request->number[1]);
    return result < 0 ? result : done(request);
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/access", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_ACCESS_READ, .handle = show,
      .answer = &access_json, .summary = "Which relatives one has let into the dialogues about oneself." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/access/{person#}", .permission = PERMISSION_ACCESS_GIVE, .audit = AUDIT_ACCESS_CHANGE,
      .form = &access_form, .load = dialogue_load, .handle = change, .again = show, .summary = "Says until when a relative has access, and whether to read only." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/access/{person#}/end", .permission = PERMISSION_ACCESS_GIVE, .audit = AUDIT_PARTICIPANT_EXCLUDE,
      .form = &form_empty, .load = dialogue_load, .handle = end, .again = show, .summary = "Takes a relative's access back." },
};
FEATURE(access, routes);

static bool is_public(struct request *request, int64_t number)
{
    return request->session.role == ROLE_PUBLIC;
}

MENU_ITEM(access, .menu = MENU_PERSON, .order = 30, .text = TEXT("Whom have I let in?"), .path = "/access", .permission = PERMISSION_SIGNED_IN,
          .wanted = is_public);
