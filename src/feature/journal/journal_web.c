// SPDX-License-Identifier: MPL-2.0
#include "base/cleanup.h"
#include "feature/dialogue/post.h"
#include "feature/journal/journal_adapter.h"
#include "feature/journal/journal_form.h"
#include "feature/journal/journal_html.h"
#include "feature/journal/journal_json.h"
#include "feature/journal/journal_page.h"
#include "web/date.h"
#include "web/menu.h"

#include <errno.h>

#define READING_MAX ((size_t)96 << 20)

static const struct page list_page = { &journal_json, journal_any, TEXT("The journal") };
static const struct page new_page = { &journal_new_json, journal_new_any, TEXT("File messages") };
static const struct page call_page = { &journal_call_json, journal_call_any, TEXT("Note from a phone call") };
static const struct page important_page = { &journal_important_json, journal_important_any, TEXT("Important for the case?") };
static const struct page mine_page = { &journal_mine_json, journal_mine_any, TEXT("To be filed") };

struct post_form {
    int64_t post;
};

static const struct form_field post_fields[] = {
    FORM_FIELD(struct post_form, post, FORM_ID, TEXT("Message"), .min = 1, .max = INT64_MAX),
};
static const struct form post_form = FORM("JournalPost", struct post_form, post_fields);

struct mark_form {
    bool value;
};

static const struct form_field mark_fields[] = {
    FORM_FIELD(struct mark_form, value, FORM_FLAG, TEXT("Important for the case?")),
};
static const struct form mark_form = FORM("JournalMarkForm", struct mark_form, mark_fields);

static int get_list(struct request *request)
{
    struct journal_view view = { .dialogue = 0 };
    int result = journal_page(request, &view);
    return result < 0 ? result : request_page(request, &list_page, STR(""), &view);
}

// "2026-11-22", as the browser's date field wants it; empty for no date.
static struct str day_text(struct request *request, int64_t day)
{
    struct civil date = clock_date(day == FORM_NO_DATE ? 0 : day);
    return day == FORM_NO_DATE ? STR("") : arena_format(request->arena, "%04d-%02d-%02d", date.year, date.month, date.day);
}

static int show_new(struct request *request, const struct journal_new_form *form)
{
    struct dialogue *dialogue = request->entity;
    struct form_errors *errors = &request->errors;
    const struct journal_range *ranges;
    size_t count;
    struct str author;
    struct journal_view_new view = {
        .dialogue = dialogue->id, .topic = dialogue->topic, .posts = dialogue->last_number - dialogue_first_visible(dialogue) + 1,
        .scope = form->scope, .post = form->post, .excerpt = STR(""), .theme = form->theme, .theme_error = form_error_of(errors, "theme"),
        .day = day_text(request, form->day), .day_error = form_error_of(errors, "day"), .from = day_text(request, form->from), .to = day_text(request, form->to),
        .period_error = form_error_of(errors, "from"), .error = form_error_of(errors, ""),
    };
    if (view.error.len == 0)
        view.error = form_error_of(errors, "scope");
    int result = journal_missing(dialogue, &ranges, &count);
    for (size_t i = 0; result == 0 && i < count; i++)
        view.missing += ranges[i].last - ranges[i].first + 1;
    if (result == 0 && form->post)
        result = journal_page_excerpt(request, dialogue_asked_number(dialogue, form->post), &author, &view.excerpt);
    if (view.scope == JOURNAL_SCOPE_UNSET)
        view.scope = form->post ? JOURNAL_ONE : view.missing ? JOURNAL_REST : JOURNAL_ALL;
    return result < 0 ? result : request_page(request, &new_page, STR(""), &view);
}

static int64_t today(struct request *request)
{
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    return dates.today;
}

static int get_new(struct request *request)
{
    const struct post_form *query = request->query;
    return show_new(request, &(struct journal_new_form){ .post = query->post, .from = FORM_NO_DATE, .to = FORM_NO_DATE, .theme = STR(""),
                                                         .day = today(request) });
}

static int again_new(struct request *request)
{
    request->event.kind = AUDIT_JOURNAL_READ;
    return show_new(request, request_form(request, &journal_new_form));
}

// Why no draft could be made, in words.
static int refuse_draft(struct request *request, int result)
{
    if (result == -EMSGSIZE)
        return request_refuse(request, "", TEXT("That is too much for one entry. Choose a shorter period."));
    if (result == -EBUSY)
        return request_refuse(request, "", TEXT("Others are filing just now. Try again in a moment."));
    return result;
}

// Asks the policy itself: the handler has not run yet.
static int make_draft(struct request *request, struct arena *arena, int (*look)(struct request *, struct dialogue *, struct journal_ask *))
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct dialogue *dialogue;
    struct journal_filing *made = arena_alloc(request->arena, sizeof(*made));
    scene.arena = arena;
    int result = made ? dialogue_open(&scene, request->number[0], request->session.person, &dialogue) : -ENOMEM;
    if (result < 0)
        return result;
    struct policy_subject subject = { .role = request->session.role, .relation = dialogue->relation, .state = dialogue->state };
    if (!policy_allows(request->route->permission, &subject))
        return dialogue->relation == RELATION_FORMER ? -ENOENT : -EACCES;
    result = look(request, dialogue, &made->ask);
    if (result == 0)
        result = journal_draft_make(dialogue, request->app, &made->ask, &made->draft);
    request->prepared = made;
    return refuse_draft(request, result);
}

int journal_prepare(struct request *request, int (*make)(struct request *request, struct arena *arena))
{
    struct arena *arena;
    int result = arena_new(READING_MAX, &arena);
    if (result < 0)
        return result;
    result = db_begin_read(request->db);
    if (result == 0) {
        result = make(request, arena);
        db_commit(request->db);
    }
    keyring_trim(request->keys);
    arena_free(arena);
    return result;
}

static int look_at_new(struct request *request, struct dialogue *dialogue, struct journal_ask *ask)
{
    return journal_form_range(request, dialogue, request_form(request, &journal_new_form), ask);
}

static int make_new(struct request *request, struct arena *arena)
{
    return make_draft(request, arena, look_at_new);
}

static int prepare_new(struct request *request)
{
    return journal_prepare(request, make_new);
}

static int add_entry(struct request *request)
{
    const struct dialogue *dialogue = request->entity;
    const struct journal_filing *made = request->prepared;
    int result = journal_add(request->entity, &made->ask, &made->draft);
    if (result < 0)
        return result;
    request->event.object = made->draft.id;
    request->event.first = made->ask.first;
    request->event.last = made->ask.last;
    return request_redirect(request, arena_format(request->arena, "/dialogue/%lld/journal/%lld", (long long)dialogue->id, (long long)made->draft.id));
}

static int show_call(struct request *request, const struct journal_call_form *form)
{
    const struct dialogue *dialogue = request->entity;
    struct form_errors *errors = &request->errors;
    struct journal_view_call view = {
        .dialogue = dialogue->id, .topic = dialogue->topic, .may_post = policy_allows(PERMISSION_DIALOGUE_WRITE, &request->subject),
        .theme = form->theme, .theme_error = form_error_of(errors, "theme"), .who = form->who, .who_error = form_error_of(errors, "who"),
        .day = day_text(request, form->day), .day_error = form_error_of(errors, "day"), .clock = form->clock,
        .clock_error = form_error_of(errors, "clock"), .text = form->text, .text_error = form_error_of(errors, "text"), .post = form->post,
        .error = form_error_of(errors, ""),
    };
    return request_page(request, &call_page, STR(""), &view);
}

static int get_call(struct request *request)
{
    struct civil now = clock_civil(request->now);
    return show_call(request, &(struct journal_call_form){ .who = STR(""), .theme = STR(""), .text = STR(""), .day = today(request),
                                                           .clock = arena_format(request->arena, "%02d:%02d", now.hour, now.minute) });
}

static int again_call(struct request *request)
{
    request->event.kind = AUDIT_JOURNAL_READ;
    return show_call(request, request_form(request, &journal_call_form));
}

static int look_at_call(struct request *request, struct dialogue *dialogue, struct journal_ask *ask)
{
    return journal_form_call(request, request_form(request, &journal_call_form), ask);
}

static int make_call(struct request *request, struct arena *arena)
{
    return make_draft(request, arena, look_at_call);
}

static int prepare_call(struct request *request)
{
    return journal_prepare(request, make_call);
}

// The note as a message, so that everybody can read what was said.
static int write_call(struct request *request)
{
    const struct journal_call_form *form = request_form(request, &journal_call_form);
    struct dialogue *dialogue = request->entity;
    struct str title = request_text(request, TEXT("Phone call with"));
    struct post_new what = { .text = arena_format(request->arena, "%.*s %.*s\n\n%.*s", (int)title.len, title.ptr, (int)form->who.len, form->who.ptr,
                                                  (int)form->text.len, form->text.ptr) };
    int64_t number;
    bool again;
    int result = what.text.ptr ? post_write(dialogue, &what, &number, &again) : -ENOMEM;
    if (result == 0)
        result = dialogue_tell(request, dialogue, "post", arena_format(request->arena, "%lld", (long long)number));
    if (result == 0)
        result = request_audit(request, &(struct audit_event){ .kind = AUDIT_POST_WRITE, .person = request->session.person,
            .dialogue = dialogue->id, .object = number });
    return result;
}

static int post_call(struct request *request)
{
    const struct journal_call_form *form = request_form(request, &journal_call_form);
    if (form->post && !policy_allows(PERMISSION_DIALOGUE_WRITE, &request->subject))
        return request_refuse(request, "", TEXT("This dialogue is closed. You can read it, but nobody can write here."));
    int result = form->post ? write_call(request) : 0;
    return result < 0 ? result : add_entry(request);
}

static bool is_filed(const struct journal_range *ranges, size_t count, int64_t number)
{
    for (size_t i = 0; i < count; i++) {
        if (ranges[i].first <= number && number <= ranges[i].last)
            return false;
    }
    return true;
}

static int get_important(struct request *request)
{
    struct dialogue *dialogue = request->entity;
    int64_t number = request->number[1];
    struct journal_view_important view = { .dialogue = dialogue->id, .number = dialogue_told_number(dialogue, number), .topic = dialogue->topic };
    struct journal_mark mark;
    const struct journal_range *ranges;
    size_t count;
    int result = journal_page_excerpt(request, number, &view.author, &view.excerpt);
    if (result == 0)
        result = journal_missing(dialogue, &ranges, &count);
    if (result < 0)
        return result;
    view.filed = is_filed(ranges, count, number);
    result = journal_mark_get(dialogue, number, &mark);
    if (result < 0 && result != -ENOENT)
        return result;
    view.important = result == 0;
    request->event.object = number;
    return request_page(request, &important_page, STR(""), &view);
}

static int post_important(struct request *request)
{
    const struct mark_form *form = request_form(request, &mark_form);
    const struct dialogue *dialogue = request->entity;
    int64_t number = request->number[1];
    int result = journal_mark_set(request->entity, number, form->value);
    request->event.object = number;
    return result < 0 ? result : request_redirect(request, dialogue_post_address(request, dialogue, number));
}

static int post_finish(struct request *request)
{
    struct dialogue *dialogue = request->entity;
    int result = journal_finish(dialogue, journal_adapter_wanted(request->app->config));
    if (result == -EINVAL)
        return request_refuse(request, "", TEXT("The dialogue must be closed, and everything filed and sent."));
    if (result == 0)
        result = dialogue_tell(request, dialogue, "members", STR("1"));
    return result < 0 ? result : request_redirect(request, arena_format(request->arena, "/dialogue/%lld/journal", (long long)dialogue->id));
}

static int get_mine(struct request *request)
{
    struct journal_view_mine view;
    int result = journal_page_mine(request, &view);
    return result < 0 ? result : request_page(request, &mine_page, STR(""), &view);
}

static const struct route routes[] = {
    JOURNAL_GET("/dialogue/{dialogue#}/journal", AUDIT_JOURNAL_READ, .handle = get_list, .answer = &journal_json,
                .summary = "What was filed of a dialogue, and what was not."),
    JOURNAL_GET("/dialogue/{dialogue#}/journal/new", AUDIT_JOURNAL_READ, .query = &post_form, .handle = get_new, .answer = &journal_new_json,
                .summary = "The form for filing messages."),
    JOURNAL_POST("/dialogue/{dialogue#}/journal", AUDIT_JOURNAL_MAKE, .form = &journal_new_form, .prepare = prepare_new, .handle = add_entry,
                 .again = again_new, .summary = "Files messages: all, those that are not filed, those of a period, or one."),
    JOURNAL_GET("/dialogue/{dialogue#}/journal/call", AUDIT_JOURNAL_READ, .handle = get_call, .answer = &journal_call_json,
                .summary = "The form for a note from a phone call."),
    JOURNAL_POST("/dialogue/{dialogue#}/journal/call", AUDIT_JOURNAL_MAKE, .form = &journal_call_form, .prepare = prepare_call, .handle = post_call,
                 .again = again_call, .summary = "Files a note from a phone call."),
    JOURNAL_GET("/dialogue/{dialogue#}/post/{number#}/important", AUDIT_JOURNAL_READ, .handle = get_important, .answer = &journal_important_json,
                .summary = "Whether a post is marked as important for the case."),
    JOURNAL_POST("/dialogue/{dialogue#}/post/{number#}/important", AUDIT_JOURNAL_MARK, .form = &mark_form, .handle = post_important,
                 .again = get_important, .summary = "Marks a post as important for the case, or takes the mark away."),
    JOURNAL_POST("/dialogue/{dialogue#}/journal/finish", AUDIT_JOURNAL_MAKE, .form = &form_empty, .handle = post_finish, .again = get_list,
                 .summary = "Confirms that all of a closed dialogue is filed. Nobody writes in it again."),
    { .method = METHOD_GET, .path = "/journal", .permission = PERMISSION_EMPLOYEE, .audit = AUDIT_DIALOGUE_LIST, .handle = get_mine,
      .answer = &journal_mine_json, .summary = "Dialogues where important posts wait to be filed." },
};
FEATURE(journal, routes);

MENU_ITEM(journal, .menu = MENU_DIALOGUE, .order = 40, .text = TEXT("The journal"), .path = "/dialogue/{dialogue}/journal",
          .permission = PERMISSION_DIALOGUE_JOURNAL);
MENU_ITEM(journal_important, .menu = MENU_POST, .order = 50, .text = TEXT("Important for the case?"),
          .path = "/dialogue/{dialogue}/post/{number}/important", .permission = PERMISSION_DIALOGUE_JOURNAL);
MENU_ITEM(journal_one, .menu = MENU_POST, .order = 60, .text = TEXT("File this message"), .path = "/dialogue/{dialogue}/journal/new?post={number}",
          .permission = PERMISSION_DIALOGUE_JOURNAL);
MENU_ITEM(journal_mine, .menu = MENU_WORK, .order = 40, .text = TEXT("To be filed"), .path = "/journal", .permission = PERMISSION_EMPLOYEE);
