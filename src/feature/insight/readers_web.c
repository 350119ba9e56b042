// SPDX-License-Identifier: MPL-2.0
// Who has read a message: worked out from the log, so that it says the same as the log.
#include "base/cleanup.h"
#include "feature/dialogue/post.h"
#include "feature/insight/insight_json.h"
#include "feature/insight/log_words.h"
#include "feature/insight/readers_html.h"
#include "feature/insight/readers_sql.h"
#include "feature/insight/readers_view.h"
#include "web/menu.h"

#include <errno.h>

#define STRANGERS_MAX 50

static const struct page readers_page = { &readers_json, readers_any, TEXT("Who has read it?") };

// How often somebody was shown the message. Page, live stream and menu have a record each: together they are one visit.
struct shown {
    int64_t first, last;   // when
    int64_t visits;
    int64_t record;        // the newest of it
};

struct maker {
    struct people people;
    struct dialogue *dialogue;
    struct post post;
    const struct dialogue_participant *persons;
    size_t persons_count;
    struct shown *reads;                 // of each of 'persons'; visits 0: none
    const int64_t *able;                 // who may see the message now
    size_t able_count;
};

static int label(struct maker *maker, int64_t person, enum relation relation, struct readers_view_one *view, enum sight *ret_sight)
{
    struct people_label made;
    bool self = person == maker->dialogue->member;
    *ret_sight = self ? SIGHT_NAME : policy_sight(maker->dialogue->relation, relation);
    int result = people_label(&maker->people, person, relation, *ret_sight, &made);
    if (result == 0)
        *view = (struct readers_view_one){ .avatar = made.avatar, .who = made.who, .unit = made.unit, .self = self, .first = STR(""), .what = STR("") };
    return result;
}

static int fill_one(struct maker *maker, size_t which, struct readers_view_one *ret_view)
{
    const struct dialogue_participant *person = &maker->persons[which];
    const struct shown *read = &maker->reads[which];
    enum sight sight;
    struct readers_view_one view;
    int result = label(maker, person->person, person->relation, &view, &sight);
    if (result < 0)
        return result;
    view.author = person->person == maker->post.author;
    view.former = person->ended != 0;
    view.read = read->visits > 0 || view.author;
    if (read->visits > 0 && sight >= SIGHT_ROLE) {
        view.first = people_when(&maker->people, read->first);
        view.first_at = read->first;
        view.times = read->visits;
        view.record = view.self || view.author ? 0 : read->record;
    }
    *ret_view = view;
    return 0;
}

static bool is_able(const struct maker *maker, int64_t person)
{
    for (size_t i = 0; i < maker->able_count; i++) {
        if (maker->able[i] == person)
            return true;
    }
    return false;
}

// Only who may see the message can be waited for.
static int fill_people(struct maker *maker, struct readers_view *view)
{
    struct arena *arena = maker->people.request->arena;
    struct readers_view_one *read = arena_array(arena, maker->persons_count + 1, sizeof(*read));
    struct readers_view_one *unread = arena_array(arena, maker->persons_count + 1, sizeof(*unread));
    if (!read || !unread)
        return -ENOMEM;
    for (size_t i = 0; i < maker->persons_count; i++) {
        struct readers_view_one one;
        int result = fill_one(maker, i, &one);
        if (result < 0)
            return result;
        if (one.read)
            read[view->read_count++] = one;
        else if (is_able(maker, maker->persons[i].person))
            unread[view->unread_count++] = one;
    }
    view->read = read;
    view->unread = unread;
    return 0;
}

static void note(struct maker *maker, const struct sql_readers_of_post *row)
{
    for (size_t i = 0; i < maker->persons_count; i++) {
        struct shown *shown = &maker->reads[i];
        if (maker->persons[i].person != row->person)
            continue;
        if (shown->visits == 0)
            shown->first = row->moment;
        if (shown->visits == 0 || row->moment - shown->last > LOG_VISIT_MS)
            shown->visits++;
        shown->last = row->moment;
        shown->record = row->record;
        return;
    }
}

static int read_log(struct maker *maker)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_readers_of_post row;
    struct request *request = maker->people.request;
    maker->reads = arena_array(request->arena, maker->persons_count + 1, sizeof(*maker->reads));
    int result = maker->reads ? sql_readers_of_post(request->db, &(struct sql_readers_of_post_in){
        .dialogue = maker->dialogue->id, .number = maker->post.number, .document = AUDIT_DOCUMENT_MADE, .preview = AUDIT_FILE_PREVIEW,
        .search = AUDIT_SEARCH }, &stmt) : -ENOMEM;
    while (result == 0 && (result = sql_readers_of_post_next(stmt, &row)) == 1) {
        note(maker, &row);
        result = 0;
    }
    return result;
}

static int fill_stranger(struct maker *maker, const struct sql_readers_strangers *row, struct readers_view_one *view)
{
    enum sight sight;
    int result = label(maker, row->person, RELATION_NONE, view, &sight);
    if (result < 0)
        return result;
    const struct audit_event event = { .kind = (enum audit_kind)row->kind, .person = row->person, .dialogue = maker->dialogue->id };
    view->what = log_words_sentence(&maker->people, &(struct log_sentence){ .event = &event, .who = view->who, .topic = maker->dialogue->topic, .person = STR("") });
    view->first = people_when(&maker->people, row->first);
    view->first_at = row->first;
    view->times = log_words(event.kind)->group == LOG_READ ? row->visits : row->times;
    view->record = view->self ? 0 : row->record;
    return 0;
}

// What nobody asked for: looks of people who never took part.
static int fill_strangers(struct maker *maker, struct readers_view *view)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_readers_strangers row;
    struct request *request = maker->people.request;
    struct readers_view_one *list = arena_array(request->arena, STRANGERS_MAX, sizeof(*list));
    int result = list ? sql_readers_strangers(request->db, &(struct sql_readers_strangers_in){
        .dialogue = maker->dialogue->id, .apart = LOG_VISIT_MS }, &stmt) : -ENOMEM;
    while (result == 0 && view->strangers_count < STRANGERS_MAX && (result = sql_readers_strangers_next(stmt, &row)) == 1) {
        result = 0;
        if (log_words((enum audit_kind)row.kind)->flags & LOG_TO_CITIZEN)
            result = fill_stranger(maker, &row, &list[view->strangers_count++]);
    }
    view->strangers = list;
    return result;
}

static int get_readers(struct request *request)
{
    struct maker maker = { .dialogue = request->entity };
    int64_t number = request->number[1];
    struct readers_view view = { .dialogue = maker.dialogue->id, .number = dialogue_told_number(maker.dialogue, number), .topic = maker.dialogue->topic };
    struct people_label author;
    int result = post_get(maker.dialogue, number, &maker.post);
    if (result == 0)
        result = people_begin(request, &maker.people);
    if (result == 0)
        result = dialogue_participants(maker.dialogue, &maker.persons, &maker.persons_count);
    if (result == 0)
        result = dialogue_persons(maker.dialogue, number, &maker.able, &maker.able_count);
    if (result == 0)
        result = read_log(&maker);
    if (result == 0)
        result = fill_people(&maker, &view);
    if (result == 0 && (maker.dialogue->citizen == maker.dialogue->member || maker.dialogue->relation == RELATION_COORDINATOR))
        result = fill_strangers(&maker, &view);
    if (result == 0)   // whoever sees the message sees who wrote it
        result = people_label(&maker.people, maker.post.author, RELATION_NONE, SIGHT_NAME, &author);
    if (result < 0)
        return result;
    view.author = author.who;
    view.written = people_when(&maker.people, maker.post.created);
    request->event.object = number;
    return request_page(request, &readers_page, STR(""), &view);
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/post/{number#}/readers", .permission = PERMISSION_DIALOGUE_READ, .audit = AUDIT_READERS_READ,
      .load = dialogue_load, .handle = get_readers, .answer = &readers_json, .summary = "Who has read a message, and who has not." },
};
FEATURE(readers, routes);

MENU_ITEM(readers, .menu = MENU_POST, .order = 60, .text = TEXT("Who has read it?"), .path = "/dialogue/{dialogue}/post/{number}/readers",
          .permission = PERMISSION_DIALOGUE_READ);
