// SPDX-License-Identifier: MPL-2.0
#include "favourite.h"
#include "favourite_html.h"
#include "favourite_view.h"
#include "feature/dialogue/dialogue.h"
#include "web/request.h"

static const struct view_field view_fields[] = {
    VIEW_ID(struct favourite_view, dialogue, "The dialogue."),
    VIEW_STR(struct favourite_view, topic, "Its topic."),
    VIEW_BOOL(struct favourite_view, favourite, "The reader has marked it."),
};
static const struct view favourite_json = VIEW("Favourite", struct favourite_view, view_fields);
static const struct page favourite_page = { &favourite_json, favourite_any, NULL };

struct favourite_form {
    bool value;
};

static const struct form_field form_fields[] = {
    FORM_FIELD(struct favourite_form, value, FORM_FLAG, TEXT("Save")),
};
static const struct form favourite_form = FORM("FavouriteForm", struct favourite_form, form_fields);

static int show(struct request *request)
{
    const struct dialogue *dialogue = request->entity;
    struct favourite_view view = { .dialogue = dialogue->id, .topic = dialogue->topic };
    int result = favourite_get(request->db, request->arena, request->session.person, dialogue->id, &view.favourite);
    return result < 0 ? result : request_page(request, &favourite_page, dialogue->topic, &view);
}

static int change(struct request *request)
{
    const struct dialogue *dialogue = request->entity;
    const struct favourite_form *form = request_form(request, &favourite_form);
    int result = favourite_set(request->db, request->session.person, dialogue->id, form->value, request->now);
    if (result < 0)
        return result;
    return request_redirect(request, arena_format(request->arena, "/dialogue/%lld/favourite", (long long)dialogue->id));
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/dialogue/{dialogue#}/favourite", .permission = PERMISSION_DIALOGUE_READ, .audit = AUDIT_DIALOGUE_READ,
      .load = dialogue_load, .handle = show, .answer = &favourite_json, .summary = "Whether one has marked the dialogue." },
    { .method = METHOD_POST, .path = "/dialogue/{dialogue#}/favourite", .permission = PERMISSION_DIALOGUE_READ, .audit = AUDIT_PROFILE_CHANGE,
      .form = &favourite_form, .load = dialogue_load, .handle = change, .again = show, .summary = "Marks the dialogue, or takes the mark away." },
};
FEATURE(favourite, routes);
