// SPDX-License-Identifier: MPL-2.0
#include "web/answer.h"

#include <assert.h>
#include <errno.h>

#include "base/cleanup.h"
#include "web/csrf.h"
#include "web/frame.h"
#include "web/negotiate.h"
#include "web/packed.h"
#include "web/web_html.h"

void answer_reset(struct answer *answer)
{
    size_t *hint = answer->body_hint;
    buf_free(&answer->body);
    if (answer->source.fill)
        answer->source.done(answer->source.data);
    *answer = (struct answer){ .body_hint = hint, .body = buf_bounded(ANSWER_BODY_MAX) };
}

int answer_header(struct answer *answer, const char *name, struct str value)
{
    if (answer->count == ANSWER_HEADERS)
        return -E2BIG;
    answer->headers[answer->count++] = (struct header){ name, value };
    return 0;
}

void answer_body(struct answer *answer)
{
    buf_free(&answer->body);
    answer->body = buf_bounded(ANSWER_BODY_MAX);
    size_t hint = answer->body_hint ? __atomic_load_n(answer->body_hint, __ATOMIC_RELAXED) : 0;
    if (hint != 0)
        buf_reserve(&answer->body, hint);
}

// Remembers the length with an eighth to spare.
static int answer_finish(struct answer *answer)
{
    if (answer->body.error)
        return answer->body.error;
    if (answer->body_hint)
        __atomic_store_n(answer->body_hint, answer->body.len + answer->body.len / 8,
                         __ATOMIC_RELAXED);
    return 0;
}

// A text that stands there once already.
static bool is_repeated(const struct form_errors *errors, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (str_equal(errors->list[i].message, errors->list[at].message))
            return true;
    return false;
}

static int errors_unsaid(struct request *request, struct frame *frame)
{
    const struct form_errors *errors = &request->errors;
    if (errors->count == 0)
        return 0;
    struct form_error *list = arena_array(request->arena, errors->count, sizeof(*list));
    if (!list)
        return -ENOMEM;
    for (size_t i = 0; i < errors->count; i++)
        if (!(errors->said & 1U << i) && !is_repeated(errors, i))
            list[frame->errors_count++] = errors->list[i];
    frame->errors = list;
    return 0;
}

static int frame_of(struct request *request, struct str title, struct frame *ret_frame)
{
    const struct session *session = &request->session;
    struct frame frame = {
        .title = title,
        .demo = request->app->demo,
        .path = request->path,
    };
    if (session->person != 0) {
        frame.person = session->name;
        frame.employee = session->role == ROLE_EMPLOYEE || session->role == ROLE_ADMINISTRATOR;
        frame.session_seconds = (session->expires - request->now) / SECOND_MS;
        int r = menu_links(request, MENU_PERSON, 0, &frame.own, &frame.own_count);
        r = r ? r : menu_links(request, MENU_WORK, 0, &frame.work, &frame.work_count);
        if (r < 0)
            return r;
    }
    *ret_frame = frame;
    return errors_unsaid(request, ret_frame);
}

static int answer_packed(struct answer *answer)
{
    int r = answer_header(answer, "Vary", STR("Accept-Encoding"));
    return r ? r : answer_header(answer, "Content-Encoding", STR("gzip"));
}

int answer_html(struct request *request, void (*html)(struct html_out *out, const void *view),
                struct str title, const void *view)
{
    struct answer *answer = request->answer;
    struct frame frame = { .title = title };
    struct str token = STR("");
    int r = session_visitor(request);
    r = r || request->wants_fragment ? r : frame_of(request, title, &frame);
    r = r ? r : csrf_token(request->session.csrf, request->arena, &token);
    if (r < 0)
        return r;
    answer_body(answer);
    struct html_out out = {
        .buf = &answer->body, .language = request->language, .frame = &frame, .csrf = token
    };
    if (!request->wants_fragment)
        frame_top_html(&out, &frame);
    html(&out, view);
    if (!request->wants_fragment)
        frame_bottom_html(&out, &frame);
    answer->kind = ANSWER_BODY;
    answer->type = "text/html; charset=utf-8";
    if (packed_end(&out))
        r = answer_packed(answer);
    return r ? r : answer_finish(answer);
}

static int answer_json(struct request *request, const struct view *view, const void *data)
{
    struct answer *answer = request->answer;
    answer_body(answer);
    view_json(&answer->body, view, data);
    answer->kind = ANSWER_BODY;
    answer->type = "application/json";
    return answer_finish(answer);
}

int request_page(struct request *request, const struct page *page, struct str title,
                 const void *view)
{
    struct answer *answer = request->answer;
    if (request->errors.count != 0)
        answer->status = 422;
    if (request->wants_json)
        return page->view ? answer_json(request, page->view, view) : -EPROTONOSUPPORT;
    if (!page->html)
        return -EPROTONOSUPPORT;
    return answer_html(request, page->html,
                       title.len != 0 ? title : request_text(request, page->title), view);
}

void request_status(struct request *request, unsigned status)
{
    request->answer->status = status;
}

struct location {
    struct str location;
};

static const struct view_field location_fields[] = {
    VIEW_STR(struct location, location, "Path of the page that shows the result"),
};
static const struct view location_view = VIEW("Location", struct location, location_fields);

// A path on this server, of printable ASCII (the rest percent-encoded already).
static bool path_is_local(struct str path)
{
    if (path.len == 0 || path.ptr[0] != '/' || path.len > 2000 ||
        (path.len > 1 && path.ptr[1] == '/'))
        return false;
    for (size_t i = 0; i < path.len; i++)
        if (path.ptr[i] <= 0x20 || path.ptr[i] >= 0x7f || path.ptr[i] == '\\')
            return false;
    return true;
}

static int redirect(struct request *request, struct str address)
{
    struct answer *answer = request->answer;
    if (request->wants_json)
        return answer_json(request, &location_view, &(struct location){ address });
    answer->kind = ANSWER_BODY;
    if (request->wants_fragment) {
        answer->status = 204;
        return answer_header(answer, "HX-Redirect", address);
    }
    answer->status = 303;
    return answer_header(answer, "Location", address);
}

int request_redirect(struct request *request, struct str path)
{
    return path_is_local(path) ? redirect(request, path) : -EINVAL;
}

int request_redirect_out(struct request *request, struct url url)
{
    struct str to = exchange_header(request->exchange, "Sec-Fetch-Dest");
    if (request->route->method == METHOD_GET || !to.ptr || !str_equal(to, STR("document")))
        return redirect(request, url.text);
    // Chromium holds the page's form-action against every redirect that follows from a form,
    // through all of a provider's own. A page that leads on by itself ends that chain.
    struct leave_page page = { url };
    _cleanup_(buf_free) struct buf refresh = buf_bounded(4096);
    buf_lit(&refresh, "0; url=");
    buf_str(&refresh, url.text);
    struct str line =
        refresh.error ? (struct str){ NULL, 0 } : arena_str(request->arena, buf_view(&refresh));
    if (!line.ptr)
        return -ENOMEM;
    int r = answer_header(request->answer, "Refresh", line);
    return r ? r
             : answer_html(request, leave_any, request_text(request, TEXT("On to signing in")),
                           &page);
}

int request_bytes(struct request *request, const char *type, struct bytes bytes)
{
    struct answer *answer = request->answer;
    answer_body(answer);
    buf_put(&answer->body, bytes.ptr, bytes.len);
    answer->kind = ANSWER_BODY;
    answer->type = type;
    answer->plain = true;
    return answer_finish(answer);
}

// Puts a new task behind the last one of a list.
static int task_add(struct request *request, struct answer_task **list, struct answer_task task)
{
    struct answer_task *copy = arena_alloc(request->arena, sizeof(*copy));
    if (!copy)
        return -ENOMEM;
    *copy = task;
    while (*list)
        list = &(*list)->next;
    *list = copy;
    return 0;
}

int request_audit(struct request *request, const struct audit_event *event)
{
    struct answer_event *copy = arena_alloc(request->arena, sizeof(*copy));
    if (!copy)
        return -ENOMEM;
    copy->event = *event;
    if (copy->event.person == 0)
        copy->event.person = request->session.person;
    struct answer_event **end = &request->answer->events;
    while (*end)
        end = &(*end)->next;
    *end = copy;
    return 0;
}

int request_after(struct request *request, void (*run)(struct app *app, void *data), void *data)
{
    return task_add(request, &request->answer->afters,
                    (struct answer_task){ .run = run, .data = data });
}

int request_tell(struct request *request, const struct news *news)
{
    struct news *copy = arena_alloc(request->arena, sizeof(*copy));
    struct news **end = &request->answer->news;
    if (!copy)
        return -ENOMEM;
    *copy = *news;
    copy->next = NULL;
    while (*end)
        end = &(*end)->next;
    *end = copy;
    return 0;
}

bool request_is_seen(const struct request *request)
{
    return !negotiate_unseen(request->exchange);
}

int request_with_record(struct request *request, int (*apply)(struct db *db, void *data),
                        void *data)
{
    return task_add(request, &request->answer->records,
                    (struct answer_task){ .apply = apply, .data = data });
}

int request_listen_on(struct request *request, const struct listening *listening)
{
    assert(request->route->flags & ROUTE_STREAM);
    request->answer->kind = ANSWER_STREAM;
    request->answer->listening = *listening;
    return 0;
}

int request_listen(struct request *request, int64_t topic)
{
    return request_listen_on(request, &(struct listening){ .topic = topic, .until = INT64_MAX });
}

int request_refuse(struct request *request, const char *field, const char *english)
{
    form_error_add(&request->errors, field, request_text(request, english));
    return -EINVAL;
}

static bool cookie_value_sound(struct str value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '-' && c != '_' && c != '.')
            return false;
    }
    return true;
}

int request_cookie(struct request *request, const char *name, struct str value, int64_t max_age)
{
    assert(cookie_value_sound(value));
    _cleanup_(buf_free) struct buf text = buf_bounded(4096);
    buf_str(&text, str_from(name));
    buf_char(&text, '=');
    buf_str(&text, value);
    buf_lit(&text, "; Path=/; HttpOnly; SameSite=Lax");
    if (max_age != COOKIE_SESSION) {
        buf_lit(&text, "; Max-Age=");
        buf_int(&text, max_age);
    }
    if (exchange_secure(request->exchange))
        buf_lit(&text, "; Secure");
    if (text.error)
        return text.error;
    struct str line = arena_str(request->arena, buf_view(&text));
    return line.ptr ? answer_header(request->answer, "Set-Cookie", line) : -ENOMEM;
}
