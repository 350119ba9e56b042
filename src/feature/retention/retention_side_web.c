// SPDX-License-Identifier: MPL-2.0
// Filing a side talk that nobody can file any more who may read it: the program does it, and who has it done sees nothing of it. docs/adr/0022-left-talks.md.
#include "base/cleanup.h"
#include "feature/journal/journal.h"
#include "feature/retention/erasure_side.h"
#include "feature/retention/retention_page.h"

#include <errno.h>

#define FILINGS_MAX 8   // entries that are made at once; what is left over is filed the next time

// What the prepare has made for the handler.
struct made {
    int64_t side;
    struct journal_filing filings[FILINGS_MAX];
    size_t count;
};

// The first talk beside the path's dialogue that nobody can file, opened as the program. -ENOENT.
static int find_left(struct retention_maker *maker, struct dialogue **ret_side)
{
    struct retention_due due;
    struct erasure_sides sides;
    int result = retention_due_of_path(maker, &due);
    if (result == 0)
        result = erasure_sides_look(&maker->scene, due.dialogue, &sides);
    if (result == 0 && sides.left == 0)
        result = -ENOENT;
    if (result < 0)
        return result;
    const struct retention_scene *scene = &maker->scene;
    return dialogue_open_whole(&(struct dialogue_scene){ .db = scene->db, .keys = scene->keys, .arena = scene->arena, .now = scene->now }, sides.first_left, ret_side);
}

// Who has it filed stands in the package, and is not among the people of the talk.
static int read_ask(struct retention_maker *maker, struct journal_ask *ask)
{
    struct request *request = maker->request;
    struct account account;
    int result = account_get(&maker->accounts, request->session.person, &account);
    if (result == 0)
        *ask = (struct journal_ask){ .day = maker->dates.today, .theme = request_text(request, TEXT("Side talk of employees")),
                                     .language = request->language, .by = account.id, .by_name = account.name };
    return result;
}

// Asks the policy itself: the handler has not run yet.
static int make(struct request *request, struct arena *arena)
{
    struct retention_maker maker;
    struct dialogue *side;
    struct journal_ask ask;
    struct made *made = arena_alloc(request->arena, sizeof(*made));
    struct policy_subject subject = { .role = request->session.role, .relation = RELATION_NONE, .state = DIALOGUE_NONE };
    int result = made ? retention_begin(request, &maker) : -ENOMEM;
    if (result == 0 && !policy_allows(request->route->permission, &subject))
        result = -EACCES;
    if (result < 0)
        return result;
    maker.scene.arena = arena;
    result = find_left(&maker, &side);
    if (result == 0 && !maker.scene.delivers)
        return request_refuse(request, "", TEXT("The journal is not connected to the system."));
    if (result == 0)
        result = read_ask(&maker, &ask);
    made->side = result == 0 ? side->id : 0;
    if (result == 0)
        result = journal_draft_missing(side, request->app, &ask, made->filings, FILINGS_MAX, &made->count);
    request->prepared = made;
    return result == -EBUSY ? request_refuse(request, "", TEXT("Others are filing just now. Try again in a moment.")) : result;
}

static int prepare_side(struct request *request)
{
    return journal_prepare(request, make);
}

static int add_entries(struct request *request, struct dialogue *side, const struct made *made)
{
    int result = 0;
    for (size_t i = 0; result == 0 && i < made->count; i++) {
        const struct journal_filing *filing = &made->filings[i];
        result = journal_add(side, &filing->ask, &filing->draft);
        if (result == 0)
            result = request_audit(request, &(struct audit_event){ .kind = AUDIT_JOURNAL_MAKE, .person = request->session.person, .dialogue = side->id,
                .object = filing->draft.id, .first = filing->ask.first, .last = filing->ask.last });
    }
    return result;
}

// Looks again: somebody may have filed it meanwhile.
static int post_side(struct request *request)
{
    const struct made *made = request->prepared;
    struct retention_maker maker;
    struct dialogue *side;
    int result = retention_begin(request, &maker);
    if (result == 0)
        result = find_left(&maker, &side);
    if (result == 0 && side->id != made->side)
        result = -ENOENT;
    if (result == 0)
        result = add_entries(request, side, made);
    if (result == 0)
        result = journal_retry_failed(side);
    if (result < 0)
        return result;
    // It stands in the log of the dialogue beside which it was.
    request->event.dialogue = side->parent;
    request->event.object = side->id;
    return request_redirect(request, arena_format(request->arena, "/admin/retention/dialogue/%lld", (long long)side->parent));
}

static int again_side(struct request *request)
{
    request->event.kind = AUDIT_RETENTION_READ;
    return retention_show_ask(request, STR(""));
}

static const struct route routes[] = {
    { .method = METHOD_POST, .path = "/admin/retention/dialogue/{dialogue#}/side", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_SIDE_TALK_FILE,
      .form = &form_empty, .prepare = prepare_side, .handle = post_side, .again = again_side,
      .summary = "Files a talk of employees beside it that nobody can file any more; nothing of it is shown." },
};
FEATURE(retention_side, routes);
