// SPDX-License-Identifier: MPL-2.0
#include "feature/dialogue/dialogue_page.h"

#include "base/random.h"
#include "base/utf8.h"
#include "feature/dialogue/dialogue_sql.h"
#include "feature/dialogue/thread.h"
#include "feature/inbox/inbox.h"
#include "web/person.h"

#include <assert.h>
#include <errno.h>

#define EXCERPT_CHARACTERS 80
#define YOUNG_POSTS        10   // of a dialogue whose citizen may not have heard of it

const char *dialogue_relation_text(enum relation relation)
{
    switch (relation) {
    case RELATION_CITIZEN:
        return TEXT("Citizen");
    case RELATION_RELATIVE:
        return TEXT("Relative");
    case RELATION_PROFESSIONAL:
        return TEXT("Professional");
    case RELATION_EXTERNAL:
        return TEXT("External");
    case RELATION_COORDINATOR:
        return TEXT("Coordinator");
    default:
        return TEXT("No longer here");
    }
}

static int make_avatars(struct dialogue_page *page)
{
    struct arena *arena = page->request->arena;
    page->avatars = arena_array(arena, page->people_count + 1, sizeof(*page->avatars));
    int result = page->avatars ? 0 : -ENOMEM;
    for (size_t i = 0; i < page->people_count && result == 0; i++) {
        const struct dialogue_participant *one = &page->people[i];
        result = avatar_make(arena, one->person, one->name, one->portrait, &page->avatars[i]);
    }
    return result;
}

void dialogue_page_ask(struct request *request)
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    int64_t id = request->number[0], person = request->session.person;
    dialogue_ask(&scene, id, person);
    dialogue_ask_draft(&scene, id, person);
    sql_dialogue_unit_ask(scene.db, &(struct sql_dialogue_unit_in){ .dialogue = id });
    absence_ask_sentences(request, id);
    file_ask_waiting(&scene, id, person);
    menu_ask(request);
}

void dialogue_page_ask_posts(struct request *request, struct dialogue_range range)
{
    struct dialogue *dialogue = request->entity;
    struct dialogue_page page = { .request = request, .dialogue = dialogue };
    struct dialogue_view_posts posts;
    int64_t first, last;
    if (!db_asks(request->db))
        return;
    page.dates = dates_begin(request->arena, request->language, request->now);
    dialogue_ask_participants(dialogue);
    if (thread_find(&page, range, &posts))
        return;
    bool asked = range.after >= 0 ? post_ask_after(dialogue, range.after, POST_PAGE, &first, &last)
                                  : post_ask_page(dialogue, range.before > 0 ? range.before : INT64_MAX, POST_PAGE, &first, &last);
    if (asked)
        file_ask_of_posts(dialogue, first, last);
}

int dialogue_page_begin(struct request *request, struct dialogue_page *ret_page)
{
    struct dialogue_page page = { .request = request, .dialogue = request->entity };
    page.dates = dates_begin(request->arena, request->language, request->now);
    int result = dialogue_participants(page.dialogue, &page.people, &page.people_count);
    if (result == 0)
        result = make_avatars(&page);
    if (result == 0)
        *ret_page = page;
    return result;
}

static const struct dialogue_participant *find_person(const struct dialogue_page *page, int64_t person)
{
    for (size_t i = 0; i < page->people_count; i++) {
        if (page->people[i].person == person)
            return &page->people[i];
    }
    return NULL;
}

struct str dialogue_page_excerpt(struct arena *arena, struct str text)
{
    size_t at = 0;
    for (size_t n = 0; n < EXCERPT_CHARACTERS && utf8_next(text, &at) != 0; n++)
        ;
    struct str line = at < text.len ? arena_format(arena, "%.*s…", (int)at, text.ptr) : arena_str(arena, text);
    for (size_t i = 0; line.ptr && i < line.len; i++) {
        if (line.ptr[i] == '\n')
            ((char *)(uintptr_t)line.ptr)[i] = ' ';
    }
    return line;
}

// A post that is only quoted has been shown as well: the log names it, once for each page.
static int note_quoted(struct dialogue_page *page, int64_t number)
{
    if (number >= page->first && number <= page->last)
        return 0;
    for (size_t i = 0; i < page->quoted_count; i++) {
        if (page->quoted[i] == number)
            return 0;
    }
    assert(page->quoted_count < sizeof(page->quoted) / sizeof(page->quoted[0]));
    page->quoted[page->quoted_count++] = number;
    return request_audit(page->request, &(struct audit_event){
        .kind = AUDIT_DIALOGUE_READ, .dialogue = page->dialogue->id, .first = number, .last = number });
}

// A post that is quoted: mostly the page shows it too.
static int quoted_post(const struct dialogue_page *page, int64_t number, struct post *ret_post)
{
    for (size_t i = 0; i < page->posts_count; i++) {
        if (page->posts[i].number == number) {
            *ret_post = page->posts[i];
            return 0;
        }
    }
    return post_get(page->dialogue, number, ret_post);
}

static int fill_reply(struct dialogue_page *page, int64_t answers, struct str *ret_author, struct str *ret_excerpt)
{
    struct post answered;
    int result = quoted_post(page, answers, &answered);
    if (result == 0)
        result = note_quoted(page, answers);
    if (result < 0)
        return result;
    const struct dialogue_participant *author = find_person(page, answered.author);
    *ret_author = author ? author->name : STR("");
    if (answered.hidden)
        *ret_excerpt = request_text(page->request, TEXT("The message is hidden by the coordinator."));
    else if (answered.text.len == 0)
        *ret_excerpt = request_text(page->request, TEXT("A picture or a file"));
    else
        *ret_excerpt = dialogue_page_excerpt(page->request->arena, answered.text);
    return ret_excerpt->ptr ? 0 : -ENOMEM;
}

static int fill_post(struct dialogue_page *page, const struct post *post, struct dialogue_view_post *ret_view)
{
    struct dialogue *dialogue = page->dialogue;
    const struct dialogue_participant *author = find_person(page, post->author);
    struct dialogue_view_post view = {
        .dialogue = dialogue->id, .number = dialogue_told_number(dialogue, post->number), .body = post->markup, .plain = post->plain, .text = post->text,
        .author = author ? author->name : STR("?"),
        .relation = author ? author->words : STR(""),
        .own = post->author == dialogue->member, .may_edit = post_editable(dialogue, post),
        .hidden = post->hidden,
        .may_reply = dialogue_is_open(dialogue) && !post->hidden, .edited = post->edited != 0 && !post->hidden,
        .clock = dates_clock(&page->dates, post->created),
        .posted = post->created, .day_number = dates_day_number(&page->dates, post->created), .reply_to = dialogue_told_number(dialogue, post->answers),
        .reply_earlier = post->answers_earlier, .day = STR(""), .day_key = STR(""),
        .reply_author = STR(""), .reply_excerpt = STR(""),
    };
    if (author && author->words.len == 0)
        view.relation = request_text(page->request, dialogue_relation_text(author->relation));
    int result = 0;
    if (author)
        view.avatar = page->avatars[author - page->people];
    else
        result = avatar_make(page->request->arena, post->author, view.author, false, &view.avatar);
    if (result == 0 && post->answers)
        result = fill_reply(page, post->answers, &view.reply_author, &view.reply_excerpt);
    if (result == 0)
        *ret_view = view;
    return result;
}

// A separator stands above the first post of each day. The first post of a page that continues another has one too: the page's script drops
// a separator that is there already.
static void separate_days(struct dialogue_page *page, struct dialogue_view_post *posts, size_t count)
{
    int64_t before = INT64_MIN;
    for (size_t i = 0; i < count; i++) {
        int64_t day = posts[i].day_number;
        if (day != before) {
            posts[i].day = dates_day(&page->dates, posts[i].posted);
            posts[i].day_key = dates_key(&page->dates, posts[i].posted);
        }
        before = day;
    }
}

// Notes what is shown. The reader's mark moves only when nothing before it was left out.
static int note_shown(struct dialogue_page *page, int64_t first, int64_t last)
{
    struct dialogue *dialogue = page->dialogue;
    struct request *request = page->request;
    request->event.first = first;
    request->event.last = last;
    bool further = first <= dialogue->read_number + 1 && last > dialogue->read_number;
    return further && request->route->method == METHOD_GET && request_is_seen(request) ? dialogue_seen(request, dialogue, last) : 0;
}

static int read_range(struct dialogue *dialogue, struct dialogue_range range, const struct post **ret_posts, size_t *ret_count)
{
    if (range.after >= 0)
        return post_after(dialogue, range.after, POST_PAGE, ret_posts, ret_count);
    return post_page(dialogue, range.before > 0 ? range.before : INT64_MAX, POST_PAGE, ret_posts, ret_count);
}

static int fill_posts(struct dialogue_page *page, const struct post *posts, size_t count, struct dialogue_view_post *views)
{
    int64_t read = page->dialogue->read_number;
    int result = 0;
    for (size_t i = 0; i < count && result == 0; i++)
        result = fill_post(page, &posts[i], &views[i]);
    if (result == 0)
        result = dialogue_page_files(page, posts, count, views);
    if (result < 0)
        return result;
    for (size_t i = 0; i < count; i++)
        views[i].first_new = !views[i].own && posts[i].number == read + 1 && read > 0;
    separate_days(page, views, count);
    return 0;
}

static int read_posts(struct dialogue_page *page, struct dialogue_range range, struct dialogue_view_posts *posts)
{
    const struct post *list = NULL;
    size_t count = 0;
    int result = read_range(page->dialogue, range, &list, &count);
    struct dialogue_view_post *views = result == 0 ? arena_array(page->request->arena, count + 1, sizeof(*views)) : NULL;
    if (!views)
        return result < 0 ? result : -ENOMEM;
    page->first = count ? list[0].number : 0;
    page->last = count ? list[count - 1].number : 0;
    page->posts = list;
    page->posts_count = count;
    posts->posts = views;
    posts->posts_count = count;
    result = fill_posts(page, list, count, views);
    return result < 0 ? result : thread_pack(page, range, posts);
}

int dialogue_page_posts(struct dialogue_page *page, struct dialogue_range range, struct dialogue_view_posts *ret_posts)
{
    struct dialogue *dialogue = page->dialogue;
    struct dialogue_view_posts posts = { .dialogue = dialogue->id };
    int result = thread_find(page, range, &posts) ? 0 : read_posts(page, range, &posts);
    if (result < 0)
        return result;
    int64_t first = page->first, last = page->last;
    if (first > dialogue_first_visible(dialogue) && range.after <= 0)
        posts.older_before = dialogue_told_number(dialogue, first);
    if (posts.posts_count && last < dialogue->last_number && range.before == 0)
        posts.newer_after = dialogue_told_number(dialogue, last);
    *ret_posts = posts;
    return posts.posts_count ? note_shown(page, first, last) : 0;
}

int dialogue_page_post(struct dialogue_page *page, int64_t number, struct dialogue_view_post *ret_post)
{
    struct post post;
    int result = post_get(page->dialogue, number, &post);
    page->first = page->last = number;
    if (result == 0)
        result = fill_post(page, &post, ret_post);
    if (result == 0)
        result = dialogue_page_files(page, &post, 1, ret_post);
    return result < 0 ? result : note_shown(page, number, number);
}

int dialogue_page_composer(struct dialogue_page *page, struct str text, int64_t answers, int64_t newest, struct dialogue_view_composer *ret_composer)
{
    uint64_t random;
    random_bytes(&random, sizeof(random));
    const struct dialogue_participant *self = find_person(page, page->dialogue->member);
    struct dialogue_view_composer composer = {
        .self = self ? self->name : STR(""),
        .dialogue = page->dialogue->id, .newest = dialogue_told_number(page->dialogue, newest), .text = text, .error = STR(""),
        .reply_to = dialogue_told_number(page->dialogue, answers), .key = arena_int(page->request->arena, (int64_t)(random >> 1 | 1)),
        .reply_author = STR(""), .reply_excerpt = STR(""),
    };
    int result = composer.key.ptr ? 0 : -ENOMEM;
    if (result == 0 && answers)
        result = fill_reply(page, answers, &composer.reply_author, &composer.reply_excerpt);
    if (result == 0)
        *ret_composer = composer;
    return result;
}

static void fill_person(const struct dialogue_page *page, size_t which, struct dialogue_view_person *ret_view)
{
    const struct dialogue_participant *participant = &page->people[which];
    *ret_view = (struct dialogue_view_person){
        .name = participant->name, .relation = participant->words, .avatar = page->avatars[which],
        .role = request_text(page->request, dialogue_relation_text(participant->relation)),
        .self = participant->person == page->dialogue->member,
    };
}

static int fill_people(struct dialogue_page *page, struct dialogue_view *view)
{
    struct dialogue_view_person *people = arena_array(page->request->arena, page->people_count + 1, sizeof(*people));
    if (!people)
        return -ENOMEM;
    for (size_t i = 0; i < page->people_count; i++) {
        if (page->people[i].ended)
            continue;
        fill_person(page, i, &people[view->people_count++]);
    }
    view->people = people;
    return 0;
}

static int unit_name(struct dialogue_page *page, struct str *ret_name)
{
    struct request *request = page->request;
    struct sql_dialogue_unit row;
    const struct dialogue *dialogue = page->dialogue;
    int result = sql_dialogue_unit(request->db, request->arena, &(struct sql_dialogue_unit_in){ .dialogue = dialogue->id }, &row);
    return result < 0 ? result : unit_open(request->keys, dialogue->unit, row.sealed, request->arena, ret_name);
}

static bool has_coordinator(const struct dialogue_page *page)
{
    for (size_t i = 0; i < page->people_count; i++) {
        if (page->people[i].relation == RELATION_COORDINATOR && !page->people[i].ended)
            return true;
    }
    return false;
}

// The last minute of a side talk, in words.
static struct str end_of(struct dialogue_page *page)
{
    struct dialogue *dialogue = page->dialogue;
    int64_t last = dialogue->ends - 1;
    if (!dialogue->parent)
        return STR("");
    struct str date = dates_date(&page->dates, last), clock = dates_clock(&page->dates, last), at = request_text(page->request, TEXT("at"));
    if (!date.ptr || !clock.ptr)
        return STR("");
    return arena_format(page->request->arena, "%s %.*s %s", date.ptr, (int)at.len, at.ptr, clock.ptr);
}

// While the dialogue is young: whether who runs it should tell the citizen of it.
static int ask_known(struct dialogue_page *page, bool *ret_unknown)
{
    struct dialogue *dialogue = page->dialogue;
    if (dialogue->relation != RELATION_COORDINATOR || dialogue->parent || dialogue->last_number > YOUNG_POSTS || dialogue->state != DIALOGUE_OPEN)
        return 0;
    return dialogue_unknown_to_citizen(dialogue, ret_unknown);
}

int dialogue_page_whole(struct dialogue_page *page, const struct dialogue_view_posts *posts, struct dialogue_view *ret_view)
{
    struct dialogue *dialogue = page->dialogue;
    struct request *request = page->request;
    const struct dialogue_participant *citizen = find_person(page, dialogue->citizen);
    struct dialogue_view view = {
        .id = dialogue->id, .topic = dialogue->topic, .citizen = citizen ? citizen->name : STR(""),
        .about_self = dialogue->citizen == dialogue->member, .page = *posts,
        .unread = dialogue->last_number - dialogue->read_number,
        .may_write = policy_allows(PERMISSION_DIALOGUE_WRITE, &request->subject),
        .locked = dialogue->state == DIALOGUE_LOCKED,
        .parent = dialogue->parent, .ends = end_of(page), .ended = dialogue->state == DIALOGUE_SIDE_ENDED,
        .reads_only = request->subject.relation == RELATION_READER && dialogue_is_open(dialogue),
        .may_invite = policy_allows(PERMISSION_PARTICIPANT_INVITE, &request->subject),
    };
    view.fresh = view.unread > 0 && view.unread >= (int64_t)posts->posts_count;
    int result = unit_name(page, &view.unit);
    if (result == 0)
        result = fill_people(page, &view);
    if (result == 0)
        result = menu_links(request, MENU_DIALOGUE, 0, &view.links, &view.links_count);
    if (result == 0)
        result = absence_sentences(request, dialogue->id, &view.away, &view.away_count);
    if (result == 0 && !has_coordinator(page))
        result = inbox_waits(request, dialogue->id, dialogue->unit, &view.unassigned);
    if (result == 0)
        result = ask_known(page, &view.unknown);
    view.orphan = !has_coordinator(page) && !view.unassigned && !dialogue->parent && (dialogue->state == DIALOGUE_OPEN || view.locked);
    if (result == 0)
        *ret_view = view;
    return result;
}
