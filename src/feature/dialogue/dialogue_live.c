// SPDX-License-Identifier: MPL-2.0
// A request's way into a dialogue, and what others' open pages are told of it.
#include "feature/dialogue/dialogue.h"

#include "base/cleanup.h"
#include "feature/dialogue/dialogue_sql.h"
#include "web/request.h"

#include <errno.h>

struct dialogue_scene dialogue_scene_of(struct request *request)
{
    return (struct dialogue_scene){ .db = request->db, .keys = request->keys, .arena = request->arena, .now = request->now, .vault = request->vault,
                                     .acting = request };
}

// Made of the path's text: a page that is shown again loads again.
static int read_number(struct request *request, const struct dialogue *dialogue)
{
    int64_t told;
    if (!strstr(request->route->path, "/post/{number#}"))
        return 0;
    int result = str_to_int(request->part[1], &told);
    if (result == 0)
        request->number[1] = dialogue_asked_number(dialogue, told);
    return result;
}

int dialogue_load(struct request *request)
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct dialogue *dialogue;
    int result = dialogue_open(&scene, request->number[0], request->session.person, &dialogue);
    if (result < 0)
        return result;
    request->entity = dialogue;
    bool reader = dialogue->terms.reads_only && (dialogue->relation == RELATION_RELATIVE || dialogue->relation == RELATION_EXTERNAL);
    request->subject.relation = reader ? RELATION_READER : dialogue->relation;
    request->subject.state = dialogue->state;
    request->event.dialogue = dialogue->id;
    return read_number(request, dialogue);
}

// The dialogue's pages, and the start pages of these persons.
static int tell(struct request *request, const struct news *news, const int64_t *persons, size_t count)
{
    struct str id = arena_int(request->arena, news->topic);
    int result = news->data.ptr && id.ptr ? request_tell(request, news) : -ENOMEM;
    for (size_t i = 0; i < count && result == 0; i++)
        result = request_tell(request, &(struct news){ .kind = NEWS_TOPIC, .topic = persons[i], .name = STR("dialogue"), .data = id, .number = INT64_MAX });
    return result;
}

int dialogue_tell_post(struct request *request, const struct dialogue *dialogue, int64_t number, const int64_t *persons, size_t count)
{
    struct news news = { .kind = NEWS_TOPIC, .topic = dialogue->id, .name = STR("post"), .data = arena_int(request->arena, number), .number = number };
    return tell(request, &news, persons, count);
}

int dialogue_tell(struct request *request, struct dialogue *dialogue, const char *name, struct str data)
{
    struct news news = { .kind = NEWS_TOPIC, .topic = dialogue->id, .name = str_from(name), .data = data, .number = INT64_MAX };
    const int64_t *persons = NULL;
    size_t count = 0;
    bool of_post = str_equal(news.name, STR("post")) || str_equal(news.name, STR("changed"));
    int result = of_post && data.ptr ? str_to_int(data, &news.number) : 0;   // of the post that it is about
    if (result == 0)
        result = dialogue_persons(dialogue, news.number, &persons, &count);
    return result < 0 ? result : tell(request, &news, persons, count);
}

// Ends when the reader's own access or that of somebody whose consent is needed does: whoever still may comes again.
int dialogue_listen(struct request *request, const struct dialogue *dialogue)
{
    int64_t own = dialogue->terms.until, all = dialogue->state == DIALOGUE_OPEN ? dialogue->lapses : 0;
    struct listening listening = { .topic = dialogue->id, .first = dialogue_first_visible(dialogue), .until = own ? own : INT64_MAX };
    if (all && all < listening.until)
        listening.until = all;
    return request_listen_on(request, &listening);
}

int dialogue_cut(struct request *request, struct dialogue *dialogue, int64_t person)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_dialogue_sides_ever row;
    int result = request_tell(request, &(struct news){ .kind = NEWS_LEFT, .topic = dialogue->id, .person = person });
    if (result == 0)
        result = sql_dialogue_sides_ever(request->db, &(struct sql_dialogue_sides_ever_in){ .parent = dialogue->id, .person = person }, &stmt);
    while (result == 0 && (result = sql_dialogue_sides_ever_next(stmt, &row)) == 1)
        result = request_tell(request, &(struct news){ .kind = NEWS_LEFT, .topic = row.dialogue, .person = person });
    return result;
}

struct seeing {
    int64_t dialogue, person, number;
};

static int move_mark(struct db *db, void *data)
{
    const struct seeing *seeing = data;
    return dialogue_mark_read(db, seeing->dialogue, seeing->person, seeing->number);
}

// What somebody has read is nobody else's business: it goes to their own streams.
int dialogue_seen(struct request *request, const struct dialogue *dialogue, int64_t number)
{
    struct seeing *seeing = arena_alloc(request->arena, sizeof(*seeing));
    if (!seeing)
        return -ENOMEM;
    *seeing = (struct seeing){ .dialogue = dialogue->id, .person = dialogue->member, .number = number };
    struct news read = { .kind = NEWS_PERSON, .topic = dialogue->id, .person = dialogue->member, .name = STR("read"),
                         .data = arena_int(request->arena, dialogue_told_number(dialogue, number)) };
    struct news moved = { .kind = NEWS_PERSON, .topic = dialogue->member, .person = dialogue->member, .name = STR("dialogue"),
                          .data = arena_int(request->arena, dialogue->id) };
    if (!read.data.ptr || !moved.data.ptr)
        return -ENOMEM;
    int result = request_with_record(request, move_mark, seeing);
    result = result < 0 ? result : request_tell(request, &read);
    return result < 0 ? result : request_tell(request, &moved);
}
