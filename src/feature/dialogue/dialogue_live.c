// SPDX-License-Identifier: MPL-2.0
// A request's way into a dialogue, and what others' open pages are told of it.
#include "feature/dialogue/dialogue.h"
#include "web/request.h"

#include <errno.h>

struct dialogue_scene dialogue_scene_of(const struct request *request)
{
    return (struct dialogue_scene){ .db = request->db, .keys = request->keys, .arena = request->arena, .now = request->now, .vault = request->vault };
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

struct telling {
    int64_t dialogue;
    struct str name, data;
    int64_t number;             // of the post that it is about
    struct str id;              // the dialogue's, for the start pages
    const int64_t *persons;
    size_t count;
};

static void tell(struct app *app, void *data)
{
    const struct telling *telling = data;
    hub_publish_from(app->hub, telling->dialogue, telling->name, telling->data, telling->number, clock_now(app->clock));
    for (size_t i = 0; i < telling->count; i++)
        hub_publish(app->hub, telling->persons[i], STR("dialogue"), telling->id);
}

int dialogue_tell(struct request *request, struct dialogue *dialogue, const char *name, struct str data)
{
    struct telling *telling = arena_alloc(request->arena, sizeof(*telling));
    struct str id = arena_int(request->arena, dialogue->id);
    if (!telling || !data.ptr || !id.ptr)
        return -ENOMEM;
    *telling = (struct telling){ .dialogue = dialogue->id, .name = str_from(name), .data = data, .id = id, .number = INT64_MAX };
    bool of_post = str_equal(telling->name, STR("post")) || str_equal(telling->name, STR("changed"));
    int result = of_post ? str_to_int(data, &telling->number) : 0;
    if (result == 0)
        result = dialogue_persons(dialogue, telling->number, &telling->persons, &telling->count);
    return result < 0 ? result : request_after(request, tell, telling);
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

struct cutting {
    int64_t dialogue, person;
};

static void cut(struct app *app, void *data)
{
    const struct cutting *cutting = data;
    app_access_withdrawn(app);
    hub_cut_person(app->hub, cutting->dialogue, cutting->person);
}

int dialogue_cut(struct request *request, struct dialogue *dialogue, int64_t person)
{
    struct cutting *cutting = arena_alloc(request->arena, sizeof(*cutting));
    if (!cutting)
        return -ENOMEM;
    *cutting = (struct cutting){ dialogue->id, person };
    return request_after(request, cut, cutting);
}

struct seeing {
    int64_t dialogue, person, number;
    struct str id, up_to;   // the dialogue's and the post's number as text
};

static int move_mark(struct db *db, void *data)
{
    const struct seeing *seeing = data;
    return dialogue_mark_read(db, seeing->dialogue, seeing->person, seeing->number);
}

// What somebody has read is nobody else's business: it goes to their own streams.
static void tell_seen(struct app *app, void *data)
{
    const struct seeing *seeing = data;
    hub_publish_person(app->hub, seeing->dialogue, seeing->person, STR("read"), seeing->up_to);
    hub_publish_person(app->hub, seeing->person, seeing->person, STR("dialogue"), seeing->id);
}

int dialogue_seen(struct request *request, const struct dialogue *dialogue, int64_t number)
{
    struct seeing *seeing = arena_alloc(request->arena, sizeof(*seeing));
    if (!seeing)
        return -ENOMEM;
    *seeing = (struct seeing){
        .dialogue = dialogue->id, .person = dialogue->member, .number = number,
        .id = arena_int(request->arena, dialogue->id), .up_to = arena_int(request->arena, dialogue_told_number(dialogue, number)),
    };
    if (!seeing->id.ptr || !seeing->up_to.ptr)
        return -ENOMEM;
    int result = request_with_record(request, move_mark, seeing);
    return result < 0 ? result : request_after(request, tell_seen, seeing);
}
