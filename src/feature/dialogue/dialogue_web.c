// SPDX-License-Identifier: MPL-2.0
#include "feature/dialogue/dialogue_html.h"
#include "feature/dialogue/dialogue_json.h"
#include "feature/dialogue/dialogue_page.h"

#include <errno.h>

struct range_form {
    int64_t before, after, at, reply;
};

static const struct form_field range_fields[] = {
    FORM_FIELD(struct range_form, before, FORM_INT, TEXT("Before"), .min = 1, .max = INT64_MAX),
    FORM_FIELD(struct range_form, at, FORM_INT, TEXT("At"), .min = 1, .max = INT64_MAX),
    FORM_FIELD(struct range_form, reply, FORM_INT, TEXT("Answer to"), .min = 1, .max = INT64_MAX),
};
static const struct form range_form = FORM("DialogueRange", struct range_form, range_fields);

static const struct form_field posts_fields[] = {
    FORM_FIELD(struct range_form, before, FORM_INT, TEXT("Before"), .min = 1, .max = INT64_MAX),
    FORM_FIELD(struct range_form, after, FORM_INT, TEXT("After"), .min = 0, .max = INT64_MAX),
};
static const struct form posts_form = FORM("PostRange", struct range_form, posts_fields);

struct post_form {
    struct str text;
    struct str files;
    int64_t reply_to;
    int64_t key;
    int64_t after;
    bool attach;   // from a page without script: keep what is written, and choose pictures first
};

static const struct form_field post_fields[] = {
    FORM_FIELD(struct post_form, text, FORM_LINES, TEXT("Message"), .max = POST_TEXT_MAX),
    FORM_FIELD(struct post_form, files, FORM_TEXT, TEXT("Pictures and files"), .max = 25 * FILE_POST_MAX),
    FORM_FIELD(struct post_form, reply_to, FORM_INT, TEXT("Answer to"), .min = 1, .max = INT64_MAX),
    FORM_FIELD(struct post_form, key, FORM_ID, TEXT("Key"), .min = 1, .max = INT64_MAX),
    FORM_FIELD(struct post_form, after, FORM_INT, TEXT("After"), .min = 0, .max = INT64_MAX),
    FORM_FIELD(struct post_form, attach, FORM_FLAG, TEXT("Add pictures or files")),
};
static const struct form post_form = FORM("PostForm", struct post_form, post_fields);

struct edit_form {
    struct str text;
};

static const struct form_field edit_fields[] = {
    FORM_FIELD(struct edit_form, text, FORM_LINES, TEXT("Message"), .required = true, .min = 1, .max = POST_TEXT_MAX),
};
static const struct form edit_form = FORM("PostEditForm", struct edit_form, edit_fields);

static const struct form_field draft_fields[] = {
    FORM_FIELD(struct edit_form, text, FORM_LINES, TEXT("Message"), .max = DIALOGUE_DRAFT_MAX),
};
static const struct form draft_form = FORM("DraftForm", struct edit_form, draft_fields);

static const struct page dialogue_page = { &dialogue_json, dialogue_any, NULL };
static const struct page people_page = { &dialogue_people_json, dialogue_people_any, NULL };
static const struct page posts_page = { &dialogue_posts_json, dialogue_fragment_any, NULL };
static const struct page post_page_single = { &dialogue_post_json, dialogue_post_any, NULL };
static const struct page edit_page = { &dialogue_edit_json, dialogue_edit_any, TEXT("Change your message") };
static const struct page menu_page = { &dialogue_menu_json, dialogue_menu_any, TEXT("About this message") };
static const struct page history_page = { &dialogue_history_json, dialogue_history_any, TEXT("Earlier texts") };
static const struct page composer_page = { NULL, dialogue_composer_any, NULL };
static const struct page draft_page = { &dialogue_draft_json, dialogue_draft_any, NULL };

// Posts that are shown above a post which was asked for, so that the reader sees what it belongs to.
#define CONTEXT_POSTS 10

// Which posts the page opens with: those that were asked for, or the oldest unread in view, or the newest.
static struct dialogue_range opening_range(const struct dialogue *dialogue, const struct range_form *query)
{
    if (query->before)
        return (struct dialogue_range){ .before = dialogue_asked_number(dialogue, query->before), .after = -1 };
    int64_t at = dialogue_asked_number(dialogue, query->at);
    if (!at && dialogue->last_number - dialogue->read_number > POST_PAGE - CONTEXT_POSTS)
        at = dialogue->read_number + 1;
    if (!at || at > dialogue->last_number - (POST_PAGE - CONTEXT_POSTS))
        return (struct dialogue_range){ .after = -1 };
    return (struct dialogue_range){ .after = at > CONTEXT_POSTS ? at - CONTEXT_POSTS - 1 : 0 };
}

// A part of the posts is put where it belongs on a page that is there; a whole page may begin and end anywhere.
static void lead_both_ways(const struct dialogue_page *page, struct dialogue_view_posts *posts)
{
    const struct dialogue *dialogue = page->dialogue;
    if (posts->posts_count == 0)
        return;
    posts->older_before = page->first > dialogue_first_visible(dialogue) ? dialogue_told_number(dialogue, page->first) : 0;
    posts->newer_after = page->last < dialogue->last_number ? dialogue_told_number(dialogue, page->last) : 0;
}

static int show_dialogue(struct request *request, struct dialogue_range range, struct str text, int64_t reply)
{
    struct dialogue_page page;
    struct dialogue_view_posts posts;
    struct dialogue_view view;
    dialogue_page_ask_posts(request, range);
    int result = dialogue_page_begin(request, &page);
    if (result == 0)
        result = dialogue_page_posts(&page, range, &posts);
    if (result == 0)
        lead_both_ways(&page, &posts);
    if (result == 0)
        result = dialogue_page_whole(&page, &posts, &view);
    if (result == 0 && view.may_write)
        result = dialogue_page_composer(&page, text, reply, page.last, &view.composer);
    if (result == 0 && view.may_write)
        result = file_tray_fill(request, page.dialogue, &view.tray);
    if (result < 0)
        return result;
    view.composer.error = form_error_first(&request->errors);
    return request_page(request, &dialogue_page, page.dialogue->topic, &view);
}

static int get_dialogue(struct request *request)
{
    struct dialogue *dialogue = request->entity;
    const struct range_form *query = request->query;
    struct str draft;
    int result = dialogue_draft_get(dialogue, &draft);
    return result < 0 ? result : show_dialogue(request, opening_range(dialogue, query), draft, dialogue_asked_number(dialogue, query->reply));
}

static int get_people(struct request *request)
{
    struct dialogue_page page;
    struct dialogue_view_posts none = { .dialogue = 0 };
    struct dialogue_view view;
    int result = dialogue_page_begin(request, &page);
    if (result == 0)
        result = dialogue_page_whole(&page, &none, &view);
    return result < 0 ? result : request_page(request, &people_page, page.dialogue->topic, &view);
}

static int show_posts(struct request *request, struct dialogue_range range)
{
    struct dialogue_page page;
    struct dialogue_view_posts posts;
    dialogue_page_ask_posts(request, range);
    int result = dialogue_page_begin(request, &page);
    if (result == 0)
        result = dialogue_page_posts(&page, range, &posts);
    return result < 0 ? result : request_page(request, &posts_page, page.dialogue->topic, &posts);
}

static int get_posts(struct request *request)
{
    const struct dialogue *dialogue = request->entity;
    const struct range_form *query = request->query;
    if (query->before)
        return show_posts(request, (struct dialogue_range){ .before = dialogue_asked_number(dialogue, query->before), .after = -1 });
    return show_posts(request, (struct dialogue_range){ .after = dialogue_asked_number(dialogue, query->after) });
}

static int get_post(struct request *request)
{
    struct dialogue_page page;
    struct dialogue_view_post view;
    int result = dialogue_page_begin(request, &page);
    if (result == 0)
        result = dialogue_page_post(&page, request->number[1], &view);
    return result < 0 ? result : request_page(request, &post_page_single, page.dialogue->topic, &view);
}

static int get_menu(struct request *request)
{
    struct dialogue_page page;
    struct dialogue_view_menu view = { .whole = !request->wants_fragment };
    int result = dialogue_page_begin(request, &page);
    if (result == 0)
        result = dialogue_page_post(&page, request->number[1], &view.post);
    if (result < 0)
        return result;
    view.topic = page.dialogue->topic;
    view.regret = view.post.own && view.post.may_reply && page.dialogue->relation != RELATION_COORDINATOR;
    view.excerpt = view.post.hidden ? request_text(request, TEXT("The message is hidden by the coordinator."))
                                    : dialogue_page_excerpt(request->arena, view.post.text);
    result = view.excerpt.ptr ? menu_links(request, MENU_POST, view.post.number, &view.links, &view.links_count) : -ENOMEM;
    return result < 0 ? result : request_page(request, &menu_page, STR(""), &view);
}

static struct str number_text(struct request *request, int64_t number)
{
    return arena_int(request->arena, number);
}

struct str dialogue_post_address(struct request *request, const struct dialogue *dialogue, int64_t number)
{
    long long told = dialogue_told_number(dialogue, number);
    return arena_format(request->arena, "/dialogue/%lld?at=%lld#post-%lld", (long long)dialogue->id, told, told);
}

// All of it in one way to the database's server and back; so the readers are asked for before anything is written.
static void ask_post(struct request *request)
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    const struct post_form *form = request_form(request, &post_form);
    dialogue_ask(&scene, request->number[0], request->session.person);
    dialogue_ask_persons(&scene, request->number[0]);
    post_ask_once(&scene, request->number[0], request->session.person, form->key);
}

static int keep_and_choose(struct request *request, const struct post_form *form)
{
    struct dialogue *dialogue = request->entity;
    int result = dialogue_draft_put(dialogue, form->text);
    long long id = dialogue->id, reply = form->reply_to;
    request->event.kind = AUDIT_DRAFT_WRITE;
    if (result < 0)
        return result;
    return request_redirect(request, reply ? arena_format(request->arena, "/dialogue/%lld/files?reply=%lld", id, reply)
                                           : arena_format(request->arena, "/dialogue/%lld/files", id));
}

static int write_post(struct request *request)
{
    struct dialogue *dialogue = request->entity;
    const struct post_form *form = request_form(request, &post_form);
    struct post_new what = { .text = form->text, .answers = dialogue_asked_number(dialogue, form->reply_to), .once = form->key };
    const int64_t *persons;
    size_t persons_count;
    int64_t number;
    bool again;
    if (form->text.len == 0 && form->files.len == 0)
        return request_refuse(request, "text", TEXT("Write something first, or add a picture."));
    int result = dialogue_persons(dialogue, dialogue->last_number + 1, &persons, &persons_count);
    if (result == 0)
        result = post_write(dialogue, &what, &number, &again);
    if (result == -ENOENT)
        return request_refuse(request, "reply_to", TEXT("The message that you answer is not there."));
    if (result == 0 && !again)
        result = dialogue_attach(request, number, form->files);
    if (result == 0)
        result = dialogue_draft_put(dialogue, STR(""));
    if (result == 0 && !again)
        result = dialogue_tell_post(request, dialogue, number, persons, persons_count);
    if (result < 0)
        return result;
    request->event.object = number;
    if (request->wants_json || request->wants_fragment)
        return show_posts(request, (struct dialogue_range){ .after = request->wants_json ? number - 1 : dialogue_asked_number(dialogue, form->after) });
    return request_redirect(request, dialogue_post_address(request, dialogue, number));
}

static int post_post(struct request *request)
{
    const struct post_form *form = request_form(request, &post_form);
    return form->attach && !request->wants_json ? keep_and_choose(request, form) : write_post(request);
}

static int again_post(struct request *request)
{
    const struct dialogue *dialogue = request->entity;
    const struct post_form *form = request_form(request, &post_form);
    request->event.kind = AUDIT_DIALOGUE_READ;
    if (!request->wants_fragment)
        return show_dialogue(request, (struct dialogue_range){ .after = -1 }, form->text, dialogue_asked_number(dialogue, form->reply_to));
    struct dialogue_page page;
    struct dialogue_view_composer composer;
    int result = dialogue_page_begin(request, &page);
    if (result == 0)
        result = dialogue_page_composer(&page, form->text, 0, dialogue_asked_number(dialogue, form->after), &composer);
    if (result < 0)
        return result;
    composer.error = form_error_first(&request->errors);
    return request_page(request, &composer_page, STR(""), &composer);
}

static int show_edit(struct request *request, const struct post *post, struct str text)
{
    struct dialogue *dialogue = request->entity;
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    struct dialogue_view_edit view = {
        .dialogue = dialogue->id, .number = dialogue_told_number(dialogue, post->number), .topic = dialogue->topic, .text = text,
        .error = form_error_of(&request->errors, "text"), .until = dates_clock(&dates, post->created + POST_EDIT_MS),
    };
    return request_page(request, &edit_page, STR(""), &view);
}

static int get_edit(struct request *request)
{
    struct dialogue *dialogue = request->entity;
    struct post post;
    int result = post_get(dialogue, request->number[1], &post);
    if (result < 0)
        return result;
    if (!post_editable(dialogue, &post))
        return -EACCES;
    request->event.first = request->event.last = post.number;
    return show_edit(request, &post, post.text);
}

static int post_edit_form(struct request *request)
{
    struct dialogue *dialogue = request->entity;
    const struct edit_form *form = request_form(request, &edit_form);
    int64_t number = request->number[1];
    int result = post_edit(dialogue, number, form->text);
    if (result == -ETIME)
        return request_refuse(request, "text", TEXT("More than five minutes have passed, so the text can no longer be changed. Write a new message instead."));
    if (result == 0)
        result = dialogue_tell(request, dialogue, "changed", number_text(request, number));
    if (result < 0)
        return result;
    request->event.object = number;
    return request_redirect(request, dialogue_post_address(request, dialogue, number));
}

static int again_edit(struct request *request)
{
    const struct edit_form *form = request_form(request, &edit_form);
    struct post post;
    int result = post_get(request->entity, request->number[1], &post);
    if (result < 0)
        return result;
    request->event.kind = AUDIT_DIALOGUE_READ;
    request->event.first = request->event.last = post.number;
    return show_edit(request, &post, form->text);
}

static int fill_version(struct request *request, struct dates *dates, const struct post *post, struct dialogue_view_version *ret_view)
{
    *ret_view = (struct dialogue_view_version){
        .body = post->markup, .text = post->text, .at = post->created, .iso = dates_iso(dates, post->created), .written = dates_moment(dates, post->created),
    };
    return ret_view->written.ptr ? 0 : -ENOMEM;
}

static int get_history(struct request *request)
{
    const struct post *posts;
    size_t count;
    struct dialogue_page page;
    struct dialogue_view_post newest;
    int result = dialogue_page_begin(request, &page);
    if (result == 0)
        result = dialogue_page_post(&page, request->number[1], &newest);
    if (result == 0)
        result = post_history(page.dialogue, request->number[1], &posts, &count);
    struct dialogue_view_version *versions = result == 0 ? arena_array(request->arena, count, sizeof(*versions)) : NULL;
    if (!versions)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; result == 0 && i < count; i++)
        result = fill_version(request, &page.dates, &posts[count - 1 - i], &versions[i]);
    if (result < 0)
        return result;
    versions[0].current = true;
    struct dialogue_view_history view = {
        .dialogue = page.dialogue->id, .number = newest.number, .topic = page.dialogue->topic, .author = newest.author,
        .versions = versions, .versions_count = count,
    };
    return request_page(request, &history_page, STR(""), &view);
}

static int post_draft(struct request *request)
{
    const struct edit_form *form = request_form(request, &draft_form);
    struct dialogue_view_draft view = { .saved = request->now };
    int result = dialogue_draft_put(request->entity, form->text);
    // A page that left itself (the script's leave) is loaded anew, with the text in it.
    if (result == 0 && !request->wants_json && !request->wants_fragment)
        return request_redirect(request, arena_format(request->arena, "/dialogue/%lld", (long long)request->number[0]));
    return result < 0 ? result : request_page(request, &draft_page, STR(""), &view);
}

static int get_live(struct request *request)
{
    return dialogue_listen(request, request->entity);
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}", .permission = PERMISSION_DIALOGUE_READ, .audit = AUDIT_DIALOGUE_READ,
      .query = &range_form, .ask = dialogue_page_ask, .load = dialogue_load, .handle = get_dialogue, .answer = &dialogue_json,
      .summary = "A dialogue with its participants and up to 50 posts." },
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/people", .permission = PERMISSION_DIALOGUE_READ, .audit = AUDIT_PARTICIPANT_READ,
      .load = dialogue_load, .handle = get_people, .answer = &dialogue_people_json, .summary = "Who takes part, without the posts." },
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/posts", .permission = PERMISSION_DIALOGUE_READ, .audit = AUDIT_DIALOGUE_READ,
      .query = &posts_form, .load = dialogue_load, .handle = get_posts, .answer = &dialogue_posts_json, .summary = "Up to 50 posts before or after a number." },
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/post/{number#}", .permission = PERMISSION_DIALOGUE_READ, .audit = AUDIT_DIALOGUE_READ,
      .load = dialogue_load, .handle = get_post, .answer = &dialogue_post_json, .summary = "One post." },
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/post/{number#}/menu", .permission = PERMISSION_DIALOGUE_READ, .audit = AUDIT_DIALOGUE_READ,
      .load = dialogue_load, .handle = get_menu, .answer = &dialogue_menu_json, .summary = "What one can do with a post." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/post", .permission = PERMISSION_DIALOGUE_WRITE, .audit = AUDIT_POST_WRITE,
      .form = &post_form, .ask = ask_post, .load = dialogue_load, .handle = post_post, .again = again_post, .answer = &dialogue_posts_json,
      .summary = "Writes a post. The same key sent twice writes once." },
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/post/{number#}/edit", .permission = PERMISSION_DIALOGUE_WRITE, .audit = AUDIT_DIALOGUE_READ,
      .load = dialogue_load, .handle = get_edit, .answer = &dialogue_edit_json, .summary = "One's own post, to be changed within five minutes." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/post/{number#}/edit", .permission = PERMISSION_DIALOGUE_WRITE, .audit = AUDIT_POST_EDIT,
      .form = &edit_form, .load = dialogue_load, .handle = post_edit_form, .again = again_edit, .summary = "Changes one's own post; the earlier text is kept." },
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/post/{number#}/history", .permission = PERMISSION_DIALOGUE_READ,
      .audit = AUDIT_POST_HISTORY_READ, .load = dialogue_load, .handle = get_history, .answer = &dialogue_history_json, .summary = "All texts that a post has had." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/draft", .permission = PERMISSION_DIALOGUE_WRITE, .audit = AUDIT_DRAFT_WRITE,
      .form = &draft_form, .load = dialogue_load, .handle = post_draft, .answer = &dialogue_draft_json, .summary = "Keeps what one is writing." },
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/live", .permission = PERMISSION_DIALOGUE_READ, .audit = AUDIT_DIALOGUE_READ,
      .load = dialogue_load, .handle = get_live, .flags = ROUTE_STREAM,
      .summary = "Events: post, changed, members. They say that something is new, never what." },
};
FEATURE(dialogue, routes);
