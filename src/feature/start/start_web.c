// SPDX-License-Identifier: MPL-2.0
// The start page.
#include "base/cleanup.h"
#include "feature/account/account.h"
#include "feature/consent/consent.h"
#include "feature/dialogue/dialogue.h"
#include "feature/inbox/inbox.h"
#include "feature/insight/insight.h"
#include "feature/journal/journal.h"
#include "feature/start/start_html.h"
#include "feature/start/start_json.h"
#include "feature/start/start_sql.h"
#include "feature/start/start_view.h"
#include "web/date.h"
#include "web/menu.h"
#include "web/request.h"

#include <errno.h>

#define DIALOGUES_MAX 200
#define WAITING_MAX 50
#define LATE_MS (2 * DAY_MS)
#define AHEAD 32   // dialogues whose rows, three each, are asked for together: of DB_ASKED_MAX

static const struct page start_page = { &start_json, start_any, TEXT("My dialogues") };

// Who was looked up: it is the same few again and again.
struct known {
    struct known *next;
    struct account account;
};

struct maker {
    struct request *request;
    struct dates dates;
    struct account_scene accounts;
    struct dialogue_scene scene;
    struct known *people;
};

static const struct account *known(const struct maker *maker, int64_t person)
{
    const struct known *one = maker->people;
    while (one && one->account.id != person)
        one = one->next;
    return one ? &one->account : NULL;
}

static int look_up(struct maker *maker, int64_t person, const struct account **ret_account)
{
    *ret_account = known(maker, person);
    if (*ret_account)
        return 0;
    struct known *one = arena_alloc(maker->request->arena, sizeof(*one));
    int result = one ? account_get(&maker->accounts, person, &one->account) : -ENOMEM;
    if (result < 0)
        return result;
    one->next = maker->people;
    maker->people = one;
    *ret_account = &one->account;
    return 0;
}

// Asks ahead for a dialogue and two people of it (0: nobody).
static void ask(struct maker *maker, int64_t dialogue, int64_t one, int64_t other)
{
    dialogue_ask(&maker->scene, dialogue, maker->request->session.person);
    if (one && !known(maker, one))
        account_ask(&maker->accounts, one);
    if (other && !known(maker, other))
        account_ask(&maker->accounts, other);
}

static bool may_read(const struct maker *maker, const struct dialogue *dialogue)
{
    struct policy_subject subject = { maker->request->session.role, dialogue->relation, dialogue->state };
    return policy_allows(PERMISSION_DIALOGUE_READ, &subject);
}

static int fill_avatar(struct maker *maker, int64_t person, struct str *ret_name, struct avatar *ret_avatar)
{
    const struct account *account;
    int result = look_up(maker, person, &account);
    if (result < 0)
        return result;
    *ret_name = account->name;
    return avatar_make(maker->request->arena, person, account->name, account->portrait, ret_avatar);
}

// What was written last, as far as the reader may see it; otherwise when they came.
struct newest {
    int64_t author, at;   // author 0: nobody
};

static struct newest newest_of(const struct dialogue *dialogue, const struct sql_start_dialogues *row)
{
    bool seen = row->last_number >= dialogue_first_visible(dialogue);
    if (row->last_number == 0)
        return (struct newest){ .at = row->last_at };
    return (struct newest){ .author = seen && !row->last_author_null ? row->last_author : 0, .at = seen ? row->last_at : dialogue->since };
}

static int fill_dialogue(struct maker *maker, const struct sql_start_dialogues *row, struct start_view_dialogue *ret_view)
{
    struct dialogue *dialogue;
    struct avatar avatar;
    struct str citizen;
    int64_t self = maker->request->session.person;
    int result = dialogue_open(&maker->scene, row->id, self, &dialogue);
    if (result == 0 && !may_read(maker, dialogue))
        result = -ENOENT;
    if (result < 0)
        return result;
    struct newest newest = newest_of(dialogue, row);
    struct start_view_dialogue view = {
        .id = dialogue->id, .topic = dialogue->topic, .citizen = STR(""), .last_author = STR(""),
        .last_own = newest.author == self,
        .when = dates_short(&maker->dates, newest.at), .iso = dates_iso(&maker->dates, newest.at),
        .last_at = newest.author ? newest.at : 0, .unread = dialogue->last_number - dialogue->read_number,
        .side = dialogue->parent != 0,
        .closed = dialogue->state == DIALOGUE_CLOSED || dialogue->state == DIALOGUE_JOURNALISED || dialogue->state == DIALOGUE_SIDE_ENDED,
        .locked = dialogue->state == DIALOGUE_LOCKED,
    };
    result = fill_avatar(maker, dialogue->citizen, &citizen, &avatar);
    if (result < 0)
        return result;
    if (dialogue->citizen != self)
        view.citizen = citizen;
    view.avatar = avatar;
    if (newest.author)
        result = fill_avatar(maker, newest.author, &view.last_author, &view.avatar);
    if (result == 0)
        *ret_view = view;
    return result;
}

static struct sql_start_dialogues_in dialogues_of(const struct request *request)
{
    return (struct sql_start_dialogues_in){ .person = request->session.person, .count = DIALOGUES_MAX };
}

static struct sql_start_waiting_in waiting_of(const struct request *request)
{
    return (struct sql_start_waiting_in){ .unit = request->session.unit, .open = DIALOGUE_OPEN, .count = WAITING_MAX };
}

static int read_dialogues(struct maker *maker, struct sql_start_dialogues *rows, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    size_t count = 0;
    struct sql_start_dialogues_in in = dialogues_of(maker->request);
    int result = sql_start_dialogues(maker->request->db, &in, &stmt);
    while (result == 0 && count < DIALOGUES_MAX && (result = sql_start_dialogues_next(stmt, &rows[count])) == 1) {
        count++;
        result = 0;
    }
    *ret_count = count;
    return result;
}

static int fill_dialogues(struct maker *maker, struct start_view *view)
{
    struct arena *arena = maker->request->arena;
    struct sql_start_dialogues *rows = arena_array(arena, DIALOGUES_MAX, sizeof(*rows));
    size_t count = 0;
    int result = rows ? read_dialogues(maker, rows, &count) : -ENOMEM;
    struct start_view_dialogue *list = result == 0 ? arena_array(arena, count + 1, sizeof(*list)) : NULL;
    if (!list)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; i < count && result == 0; i++) {
        for (size_t next = i; i % AHEAD == 0 && next < count && next < i + AHEAD; next++)
            ask(maker, rows[next].id, rows[next].citizen, rows[next].last_author_null ? 0 : rows[next].last_author);
        result = fill_dialogue(maker, &rows[i], &list[view->dialogues_count]);
        if (result == 0)
            view->unread += list[view->dialogues_count++].unread;
        else if (result == -ENOENT)   // over or locked; or a membership that the program did not make
            result = 0;
    }
    view->dialogues = list;
    return result;
}

// What waits in a dialogue that the reader takes part in is named; of the others only whose turn it is.
static int fill_waiting_one(struct maker *maker, const struct sql_start_waiting *row, struct start_view_waiting *ret_view)
{
    struct dialogue *dialogue;
    const struct account *account;
    struct start_view_waiting view = {
        .topic = STR(""), .citizen = STR(""), .coordinator = STR(""), .away = STR(""), .since = row->since,
        .waited = dates_duration(&maker->dates, maker->request->now - row->since), .late = maker->request->now - row->since > LATE_MS,
    };
    int result = row->coordinator_null ? -ENOENT : look_up(maker, row->coordinator, &account);
    if (result == 0)
        view.coordinator = account->name;
    if (result == 0 || result == -ENOENT)
        result = dialogue_open(&maker->scene, row->id, maker->request->session.person, &dialogue);
    // Who came later is not told that somebody has waited since before.
    if (result == 0 && may_read(maker, dialogue) && (dialogue_first_visible(dialogue) <= 1 || row->since >= dialogue->since)) {
        view.id = dialogue->id;
        view.topic = dialogue->topic;
        result = look_up(maker, dialogue->citizen, &account);
        view.citizen = result == 0 ? account->name : STR("");
    }
    if (result == -ENOENT)
        result = 0;
    // Somebody else may have to step in.
    if (result == 0 && view.late && !row->coordinator_null)
        result = absence_sentence(maker->request, row->coordinator, &view.away);
    if (result == 0)
        *ret_view = view;
    return result;
}

static int read_waiting(struct maker *maker, struct sql_start_waiting *rows, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    size_t count = 0;
    struct sql_start_waiting_in in = waiting_of(maker->request);
    int result = sql_start_waiting(maker->request->db, &in, &stmt);
    while (result == 0 && count < WAITING_MAX && (result = sql_start_waiting_next(stmt, &rows[count])) == 1) {
        count++;
        result = 0;
    }
    *ret_count = count;
    return result;
}

static int fill_waiting(struct maker *maker, struct start_view *view)
{
    struct arena *arena = maker->request->arena;
    struct start_view_waiting *list = arena_array(arena, WAITING_MAX, sizeof(*list));
    struct sql_start_waiting *rows = arena_array(arena, WAITING_MAX, sizeof(*rows));
    int result = list && rows ? account_unit_name(&maker->accounts, maker->request->session.unit, &view->unit) : -ENOMEM;
    if (result == 0)
        result = read_waiting(maker, rows, &view->waiting_count);
    for (size_t i = 0; i < view->waiting_count && result == 0; i++) {
        for (size_t next = i; i % AHEAD == 0 && next < view->waiting_count && next < i + AHEAD; next++)
            ask(maker, rows[next].id, rows[next].citizen, rows[next].coordinator_null ? 0 : rows[next].coordinator);
        result = fill_waiting_one(maker, &rows[i], &list[i]);
    }
    view->waiting = list;
    view->has_waiting = true;
    return result;
}

static int fill_notice(struct maker *maker, const struct consent_notice *notice, struct start_view_notice *ret_view)
{
    static const char *const texts[] = {
        [CONSENT_NOTICE_ASKED] = TEXT("May {name} take part? Say yes or no"),
        [CONSENT_NOTICE_SOON] = TEXT("Your yes to {name} runs out after {date}. May {name} stay?"),
        [CONSENT_NOTICE_OVER] = TEXT("Your yes to {name} has run out, and the dialogue is locked. May {name} stay?"),
        [CONSENT_NOTICE_OTHERS] = TEXT("The consent for {name} runs out after {date}"),
    };
    _cleanup_(buf_free) struct buf text = buf_bounded(1000);
    struct arena *arena = maker->request->arena;
    struct text_value values[] = { { "name", notice->name }, { "date", dates_date(&maker->dates, notice->until - 1) } };
    bool other = notice->kind == CONSENT_NOTICE_OTHERS;
    text_format(&text, request_text(maker->request, texts[notice->kind]), values, 2);
    struct str path = other ? arena_format(arena, "/dialogue/%lld/consent", (long long)notice->dialogue)
                            : arena_format(arena, "/consents/%lld", (long long)notice->proposal);
    *ret_view = (struct start_view_notice){
        .text = arena_str(arena, buf_view(&text)), .url = url_local(arena, path), .urgent = notice->kind != CONSENT_NOTICE_ASKED };
    return path.ptr && ret_view->text.ptr ? 0 : -ENOMEM;
}

static int fill_notices(struct maker *maker, struct start_view *view)
{
    const struct consent_notice *notices;
    size_t count;
    int result = consent_notices(&maker->scene, maker->request->session.person, &notices, &count);
    struct start_view_notice *views = result == 0 ? arena_array(maker->request->arena, count + 1, sizeof(*views)) : NULL;
    if (!views)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; result == 0 && i < count; i++)
        result = fill_notice(maker, &notices[i], &views[i]);
    view->notices = views;
    view->notices_count = count;
    return result;
}

// "(3) My dialogues": what is new shows among the browser's tabs.
static struct str title_of(struct request *request, int64_t unread)
{
    struct str title = request_text(request, start_page.title);
    return unread ? arena_format(request->arena, "(%lld) %.*s", (long long)unread, (int)title.len, title.ptr) : title;
}

static void ask_start(struct request *request)
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct account_scene accounts = { request->db, request->keys, request->arena, request->now };
    struct sql_start_dialogues_in dialogues = dialogues_of(request);
    struct sql_start_waiting_in waiting = waiting_of(request);
    bool employee = request->session.role == ROLE_EMPLOYEE;
    sql_start_dialogues_ask(request->db, &dialogues);
    consent_ask_notices(&scene, request->session.person);
    insight_ask_waiting(&accounts, request->session.person);
    if (employee && request->session.unit) {
        account_ask_unit_name(&accounts, request->session.unit);
        sql_start_waiting_ask(request->db, &waiting);
    }
    if (employee)
        journal_ask_late(request->db, request->app, request->session.person, request->now);
    menu_ask(request);
}

static int get_start(struct request *request)
{
    struct maker maker = {
        .request = request, .dates = dates_begin(request->arena, request->language, request->now),
        .accounts = { request->db, request->keys, request->arena, request->now }, .scene = dialogue_scene_of(request),
    };
    struct str name = request->session.name;
    struct insight_waiting waiting = { 0 };
    struct start_view view = { .first_name = str_cut(&name, ' '), .unit = STR(""),
                               .employee = request->session.role == ROLE_EMPLOYEE,
                               .administers = request->session.role == ROLE_ADMINISTRATOR, .may_write = request->session.role == ROLE_PUBLIC };
    int result = fill_dialogues(&maker, &view);
    if (result == 0)
        result = fill_notices(&maker, &view);
    if (result == 0)
        result = insight_waiting(&maker.accounts, request->session.person, &waiting);
    view.questions = waiting.questions;
    view.checks = waiting.checks;
    view.answers = waiting.answers;
    if (result == 0 && view.employee && request->session.unit)
        result = fill_waiting(&maker, &view);
    if (result == 0 && view.employee)
        result = journal_late(request->db, request->arena, request->app, request->session.person, request->now, &view.unfiled);
    return result < 0 ? result : request_page(request, &start_page, title_of(request, view.unread), &view);
}

static int get_live(struct request *request)
{
    return request_listen(request, request->session.person);
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_DIALOGUE_LIST, .ask = ask_start, .handle = get_start,
      .answer = &start_json, .summary = "One's own dialogues; for employees also what waits in their unit." },
    { .method = METHOD_GET, .path = "/live", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_NONE, .handle = get_live, .flags = ROUTE_STREAM,
      .summary = "Events: dialogue. Something is new in one of one's dialogues." },
};
FEATURE(start, routes);
