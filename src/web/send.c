// SPDX-License-Identifier: MPL-2.0
#include <errno.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "web/call.h"
#include "web/csrf.h"

#define HEADERS_MAX 20

struct headers {
    struct header list[HEADERS_MAX + ANSWER_HEADERS];
    size_t count;
};

#define LOCATION_BYTES 2000   // of a Location header
#define LINES_BYTES    (1u << 20)   // of what a person had written

static void add(struct headers *headers, const char *name, struct str value)
{
    headers->list[headers->count++] = (struct header){ name, value };
}

static void add_security(struct headers *headers, const struct call *call)
{
    if (call->answer.plain)
        add(headers, "Content-Security-Policy",
            STR("default-src 'none'; frame-ancestors 'none'; sandbox"));
    else
        add(headers, "Content-Security-Policy",
            STR("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src "
                "'self'; connect-src 'self'; "
                "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"));
    add(headers, "Cache-Control", STR("no-store"));
    add(headers, "X-Content-Type-Options", STR("nosniff"));
    // Not no-referrer: with that a browser sends "Origin: null" with our own forms, and csrf.c
    // could not tell them from another site's.
    add(headers, "Referrer-Policy", STR("same-origin"));
    add(headers, "Cross-Origin-Opener-Policy", STR("same-origin"));
    add(headers, "Cross-Origin-Resource-Policy", STR("same-origin"));
    add(headers, "Permissions-Policy",
        STR("camera=(), microphone=(), geolocation=(), payment=(), usb=()"));
    if (exchange_secure(call->request.exchange))
        add(headers, "Strict-Transport-Security", STR("max-age=63072000; includeSubDomains"));
}

// Once nothing else can be said: no memory even for the page that would say so.
static void send_bare(struct call *call)
{
    struct headers headers = { .count = 0 };
    add_security(&headers, call);
    buf_free(&call->answer.body);
    exchange_answer(call->request.exchange, 500, headers.list, headers.count, NULL);
}

static struct str number_text(struct arena *arena, int64_t number)
{
    struct str text = arena_int(arena, number);
    return text.ptr ? text : STR("60");
}

void call_send(struct call *call)
{
    struct answer *answer = &call->answer;
    if (answer->body.error || answer->kind != ANSWER_BODY) {
        log_event(LOG_ERROR, "no-answer", "route=%s errno=%d",
                  call->entry ? call->entry->route->path : "?", -answer->body.error);
        send_bare(call);
        return;
    }
    struct headers headers = { .count = 0 };
    if (answer->type)
        add(&headers, "Content-Type", str_from(answer->type));
    add_security(&headers, call);
    for (size_t i = 0; i < answer->count; i++)
        headers.list[headers.count++] = answer->headers[i];
    if (answer->source.fill) {
        struct source source = answer->source;
        answer->source = (struct source){ .length = 0 };
        exchange_answer_source(call->request.exchange, headers.list, headers.count, &source);
        return;
    }
    exchange_answer(call->request.exchange, answer->status ? answer->status : 200, headers.list,
                    headers.count, &answer->body);
}

// To the sign-in page, and back to where the person wanted to go, unless that is longer than the page takes and the library has room for.
static int send_to_sign_in(struct call *call)
{
    struct request *request = &call->request;
    _cleanup_(buf_free) struct buf location = buf_bounded(LOCATION_BYTES);
    buf_lit(&location, "/login?next=");
    html_url_part(&location, request->path);
    struct str query = exchange_query(request->exchange);
    if (query.len != 0) {
        html_url_part(&location, STR("?"));
        html_url_part(&location, query);
    }
    if (location.error == -ENOMEM)
        return location.error;
    answer_reset(&call->answer);
    call->answer.kind = ANSWER_BODY;
    call->answer.status = 303;
    struct str text = location.error ? STR("/login") : arena_str(request->arena, buf_view(&location));
    return text.ptr ? answer_header(&call->answer, "Location", text) : -ENOMEM;
}

static struct str allow_text(unsigned allowed)
{
    bool get = allowed & 1u << METHOD_GET, post = allowed & 1u << METHOD_POST;
    return get && post ? STR("GET, HEAD, POST") : get ? STR("GET, HEAD") : STR("POST");
}

// Whether the same may go well a little later: then there is a way back.
static bool passes(enum problem problem)
{
    return problem == PROBLEM_SIGN_IN || problem == PROBLEM_FORGED || problem == PROBLEM_CONFLICT || problem >= PROBLEM_TOO_MANY;
}

// All texts of several lines, an empty line between them.
static struct str all_lines(const struct form *form, const void *data, struct arena *arena)
{
    _cleanup_(buf_free) struct buf all = buf_bounded(LINES_BYTES);
    for (size_t i = 0; i < form->count; i++) {
        const struct str *text = (const void *)((const char *)data + form->fields[i].offset);
        if (form->fields[i].type != FORM_LINES || text->len == 0)
            continue;
        if (all.len)
            buf_lit(&all, "\n\n");
        buf_str(&all, *text);
    }
    struct str kept = all.error ? STR("") : arena_str(arena, buf_view(&all));
    return kept.ptr ? kept : STR("");
}

// What the person had written: a browser that asks for the page again has forgotten it. Nothing of what another site sends.
static struct str written(struct call *call, enum problem problem)
{
    struct request *request = &call->request;
    const struct form *form = request->route->form;
    bool flood = problem == PROBLEM_TOO_MANY && request->session.person == 0;
    bool typed = call->source == FORM_URLENCODED || call->source == FORM_MULTIPART;
    if (!form || !typed || flood || !csrf_same_origin(request->exchange, request->app->base_url))
        return STR("");
    void *data = NULL;
    struct form_errors errors = { .count = 0 };
    int r = form_parse(form, call->source, exchange_body(request->exchange), call->boundary, request->language,
                       request->arena, &data, &errors);
    return data && (r == 0 || r == -EINVAL) ? all_lines(form, data, request->arena) : STR("");
}

static struct problem_way way_on(struct call *call, enum problem problem)
{
    struct request *request = &call->request;
    struct problem_way way = { STR(""), STR("") };
    if (!request->route || request->route->method != METHOD_POST || request->wants_json)
        return way;
    if (passes(problem))
        way.back = route_page_above(call->router->routes, request->path, request->arena);
    way.text = written(call, problem);
    return way;
}

void call_send_problem(struct call *call, enum problem problem)
{
    struct request *request = &call->request;
    bool page = request->route && request->route->method == METHOD_GET && !request->wants_json &&
                !request->wants_fragment;
    int r;
    if (problem == PROBLEM_SIGN_IN && page) {
        r = send_to_sign_in(call);
    } else {
        struct problem_way way = way_on(call, problem);
        r = problem_answer(request, problem, &way);
        if (problem == PROBLEM_METHOD)
            answer_header(&call->answer, "Allow", allow_text(call->allowed));
        if (problem == PROBLEM_TOO_MANY)
            answer_header(&call->answer, "Retry-After",
                          number_text(request->arena, call->retry_after ? call->retry_after : 60));
    }
    if (r < 0)
        send_bare(call);
    else
        call_send(call);
}

void call_send_too_large(struct call *call, size_t limit, struct str back)
{
    if (problem_answer_too_large(&call->request, limit, back) < 0)
        send_bare(call);
    else
        call_send(call);
}
