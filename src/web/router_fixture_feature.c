// SPDX-License-Identifier: MPL-2.0
// The small feature that the router's tests visit. See router_fixture.h for what it serves.
#include <errno.h>
#include <semaphore.h>

#include "audit/audit_sql.h"
#include "web/router_fixture.h"
#include "web/server.h"

struct word {
    struct str word;
    int64_t number;
};

static const struct view_field word_fields[] = {
    VIEW_STR(struct word, word, "A word"),
    VIEW_INT(struct word, number, "A number"),
};
static const struct view word_view = VIEW("TestWord", struct word, word_fields);

static void word_html(struct html_out *out, const void *data)
{
    const struct word *word = data;
    buf_lit(out->buf, "<p>word: ");
    html_text(out->buf, word->word);
    buf_lit(out->buf, "; number: ");
    html_number(out->buf, word->number);
    buf_lit(out->buf, "</p><input name=\"csrf\" value=\"");
    html_text(out->buf, out->csrf);
    buf_lit(out->buf, "\">");
}

static const struct page word_page = { &word_view, word_html, TEXT("Your session") };

static int show(struct request *request, struct str word, int64_t number)
{
    return request_page(request, &word_page, STR("Test"), &(struct word){ word, number });
}

struct word_form {
    struct str word;
    int64_t person;
};

static const struct form_field query_fields[] = {
    { .name = "word", .type = FORM_TEXT, .offset = offsetof(struct word_form, word), .max = 20, .label = TEXT("Language") },
};
static const struct form word_query = FORM("TestQuery", struct word_form, query_fields);

static const struct form_field room_fields[] = {
    { .name = "word", .type = FORM_TEXT, .offset = offsetof(struct word_form, word), .required = true, .max = 20, .label = TEXT("Language") },
};
static const struct form room_form = FORM("TestRoomForm", struct word_form, room_fields);

static const struct form_field login_fields[] = {
    { .name = "person", .type = FORM_ID, .offset = offsetof(struct word_form, person), .required = true, .label = TEXT("Language") },
};
static const struct form login_form = FORM("TestLoginForm", struct word_form, login_fields);
static const struct form empty_form = { "TestEmptyForm", sizeof(struct word_form), NULL, 0 };

static int page_show(struct request *request)
{
    const struct word_form *query = request->query;
    return show(request, query->word, 0);
}

static int mine_show(struct request *request)
{
    return show(request, request->session.name, request->session.person);
}

static int raw_show(struct request *request)
{
    return show(request, request->part[0], 0);
}

// Room N is of person N; who has the number N - 10 was in it once.
static int room_load(struct request *request)
{
    int64_t room = request->number[0];
    if (room > 2000)
        return -ENOENT;
    request->subject.state = DIALOGUE_OPEN;
    request->event.dialogue = room;
    if (request->session.person == room)
        request->subject.relation = RELATION_CITIZEN;
    if (request->session.person + 10 == room)
        request->subject.relation = RELATION_FORMER;
    return 0;
}

static int room_show(struct request *request)
{
    const struct word_form *form = request->form;
    request->event.kind = AUDIT_DIALOGUE_READ;
    struct str message = form_error_of(&request->errors, "word");
    return show(request, message.len != 0 ? message : form ? form->word : STR("room"), request->number[0]);
}

static void tell(struct app *app, void *data)
{
    const struct word_form *form = data;
    hub_publish(app->hub, 7, STR("wrote"), form->word);
}

static int room_write(struct request *request)
{
    struct word_form *form = request->form;
    if (str_equal(form->word, STR("bad")))
        return request_refuse(request, "word", TEXT("Sign in"));
    int r = request_after(request, tell, form);
    r = r ? r : request_audit(request, &(struct audit_event){ .kind = AUDIT_DRAFT_WRITE, .dialogue = request->number[0] });
    return r ? r : request_redirect(request, STR("/test/mine"));
}

static int live(struct request *request)
{
    return request_listen(request, 7);
}

static int withdrawing_show(struct request *request, bool always)
{
    static int64_t runs;   // the tests ask one at a time
    if (runs++ == 0 || always)
        app_access_withdrawn(request->app);
    return show(request, STR("runs"), runs);
}

static int again_show(struct request *request)
{
    return withdrawing_show(request, false);
}

static int always_show(struct request *request)
{
    return withdrawing_show(request, true);
}

static sem_t held, let_go, prepared;

void installation_hold_none(void)
{
    sem_init(&held, 0, 0);
    sem_init(&let_go, 0, 0);
    sem_init(&prepared, 0, 0);
}

void installation_prepared(struct installation *installation)
{
    sem_wait(&prepared);
}

void installation_held(struct installation *installation)
{
    sem_wait(&held);
}

void installation_let_go(struct installation *installation)
{
    sem_post(&let_go);
}

static int prepare(struct request *request)
{
    struct word *word = arena_alloc(request->arena, sizeof(*word));
    if (!word)
        return -ENOMEM;
    word->word = STR("prepared");
    request->prepared = word;
    sem_post(&prepared);
    return 0;
}

static int prepared_show(struct request *request)
{
    const struct word *word = request->prepared;
    return show(request, word->word, 0);
}

static int broken_show(struct request *request)
{
    return -EIO;
}

static int login(struct request *request)
{
    const struct word_form *form = request->form;
    int r = session_begin(request, form->person, 2);
    return r ? r : request_redirect(request, STR("/test/mine"));
}

static int logout(struct request *request)
{
    int r = session_end(request);
    return r ? r : request_redirect(request, STR("/test/page"));
}

static int out(struct request *request)
{
    return request_redirect_out(request, url_external(request->arena, STR("https://elsewhere.example/authorize?x=1&y=2")));
}

static int hold(struct request *request)
{
    sem_post(&held);
    sem_wait(&let_go);
    return show(request, STR("held"), 0);
}

struct other {
    struct write_job job;
    struct audit *audit;
};

static int other_apply(struct write_job *job, struct db *db)
{
    const struct other *other = (const struct other *)job;
    return audit_append(other->audit, db, &(struct audit_event){ .kind = AUDIT_SIGN_IN, .person = ANNE });
}

int installation_add_record(struct app *app)
{
    struct other other = { .job = { .apply = other_apply }, .audit = app->audit };
    return writer_run(app->writer, &other.job);
}

static int seen_show(struct request *request)
{
    const struct word_form *query = request->query;
    static bool withdrawn;
    struct sql_audit_newest row;
    int r = sql_audit_newest(request->db, request->arena, &row);
    r = r ? r : installation_add_record(request->app);
    if (str_equal(query->word, STR("withdraw")) && !withdrawn)
        app_access_withdrawn(request->app);
    withdrawn |= query->word.len != 0;
    return r ? r : show(request, STR("newest"), row.seq);
}

#define GET(p, perm, kind, handler, ...) \
    { .method = METHOD_GET, .path = p, .permission = perm, .audit = kind, .handle = handler, .summary = "Test", __VA_ARGS__ }
#define POST(p, perm, kind, handler, f, ...) \
    { .method = METHOD_POST, .path = p, .permission = perm, .audit = kind, .handle = handler, .form = f, .summary = "Test", __VA_ARGS__ }

static const struct route routes[] = {
    GET("/test/page", PERMISSION_ANYONE, AUDIT_NONE, page_show, .query = &word_query),
    GET("/test/mine", PERMISSION_SIGNED_IN, AUDIT_DIALOGUE_LIST, mine_show),
    GET("/test/raw/{name}", PERMISSION_ANYONE, AUDIT_NONE, raw_show),
    GET("/test/room/{room#}", PERMISSION_DIALOGUE_READ, AUDIT_DIALOGUE_READ, room_show, .load = room_load),
    POST("/test/room/{room#}", PERMISSION_DIALOGUE_WRITE, AUDIT_POST_WRITE, room_write, &room_form, .load = room_load, .again = room_show),
    GET("/test/live", PERMISSION_SIGNED_IN, AUDIT_DIALOGUE_READ, live, .flags = ROUTE_STREAM),
    GET("/test/again", PERMISSION_SIGNED_IN, AUDIT_DIALOGUE_LIST, again_show),
    GET("/test/always", PERMISSION_SIGNED_IN, AUDIT_DIALOGUE_LIST, always_show),
    GET("/test/prepared", PERMISSION_ANYONE, AUDIT_NONE, prepared_show, .prepare = prepare),
    GET("/test/hold", PERMISSION_ANYONE, AUDIT_NONE, hold),
    GET("/test/seen", PERMISSION_ANYONE, AUDIT_NONE, seen_show, .query = &word_query),
    GET("/test/broken", PERMISSION_ANYONE, AUDIT_NONE, broken_show),
    POST("/test/login", PERMISSION_ANYONE, AUDIT_SIGN_IN, login, &login_form),
    POST("/test/logout", PERMISSION_SIGNED_IN, AUDIT_SIGN_OUT, logout, &empty_form),
    GET("/test/out", PERMISSION_ANYONE, AUDIT_NONE, out, .flags = ROUTE_WRITES),
    POST("/test/out", PERMISSION_ANYONE, AUDIT_NONE, out, &empty_form),
};
FEATURE(test, routes);
