// SPDX-License-Identifier: MPL-2.0
// A request's way into a dialogue, and what others' open pages are told of it.
#include "feature/dialogue/dialogue.h"
#include "web/request.h"

#include <errno.h>

struct dialogue_scene dialogue_scene_of(const struct request *request)
{
    return (struct dialogue_scene){ .db = request->db, .keys = request->keys, .arena = request->arena, .now = request->now };
}

int dialogue_load(struct request *request)
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    struct dialogue *dialogue;
    int result = dialogue_open(&scene, request->number[0], request->session.person, &dialogue);
    if (result < 0)
        return result;
    request->entity = dialogue;
    request->subject.relation = dialogue->relation;
    request->subject.state = dialogue->state;
    request->event.dialogue = dialogue->id;
    return 0;
}

struct telling {
    int64_t dialogue;
    struct str name, data;
    struct str id;              // the dialogue's, for the start pages
    const int64_t *persons;
    size_t count;
};

static void tell(struct app *app, void *data)
{
    const struct telling *telling = data;
    hub_publish(app->hub, telling->dialogue, telling->name, telling->data);
    for (size_t i = 0; i < telling->count; i++)
        hub_publish(app->hub, telling->persons[i], STR("dialogue"), telling->id);
}

int dialogue_tell(struct request *request, struct dialogue *dialogue, const char *name, struct str data)
{
    struct telling *telling = arena_alloc(request->arena, sizeof(*telling));
    struct str id = arena_format(request->arena, "%lld", (long long)dialogue->id);
    if (!telling || !data.ptr || !id.ptr)
        return -ENOMEM;
    *telling = (struct telling){ .dialogue = dialogue->id, .name = str_from(name), .data = data, .id = id };
    int result = dialogue_persons(dialogue, &telling->persons, &telling->count);
    return result < 0 ? result : request_after(request, tell, telling);
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
