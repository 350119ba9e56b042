// SPDX-License-Identifier: MPL-2.0
#include "web/call.h"

#include <errno.h>

#include "web/csrf.h"
#include "web/negotiate.h"
#include "web/server_address.h"

bool call_writes(const struct call *call)
{
    return call->request.route->method == METHOD_POST ||
           (call->request.route->flags & ROUTE_WRITES);
}

void call_enter(struct call *call, const struct worker *worker)
{
    call->request.db = worker->db;
    call->request.keys = worker->keys;
    call->request.vault = worker->vault;
    call->request.now = clock_now(call->router->app->clock);
    // Before the request, not only after the last one: keys that were destroyed meanwhile must not open anything.
    keyring_trim(worker->keys);
}

static enum problem limit_check(struct call *call)
{
    struct request *request = &call->request;
    bool post = str_equal(exchange_method(request->exchange), STR("POST"));
    const struct session *session = &request->session;
    struct address_key address = { 0 };
    if (session->person == 0)
        address_read(exchange_address(request->exchange), &address);   // one subscriber has a whole network of IPv6 addresses
    struct bytes who = session->person != 0 ? bytes_from(&session->person, sizeof(session->person)) : bytes_from(&address, sizeof(address));
    enum limit_kind all = session->person != 0 ? LIMIT_PERSON : LIMIT_ADDRESS;
    enum limit_kind writes = session->person != 0 ? LIMIT_PERSON_WRITES : LIMIT_ADDRESS_WRITES;
    int64_t now = clock_monotonic();
    int64_t wait = limit_take(call->router->limit, all, who, now);
    if (wait == 0 && (post || (request->route && call_writes(call))))
        wait = limit_take(call->router->limit, writes, who, now);
    if (wait == 0 && request->route && (request->route->flags & ROUTE_LOOKS_UP) && session->person != 0)
        wait = limit_take(call->router->limit, LIMIT_PERSON_LOOK_UPS, who, now);
    call->retry_after = wait;
    return wait == 0 ? PROBLEM_NONE : PROBLEM_TOO_MANY;
}

static enum problem forgery_check(struct call *call)
{
    struct request *request = &call->request;
    const struct route *route = request->route;
    if (route->method != METHOD_POST)
        return PROBLEM_NONE;
    if (call->source == FORM_SOURCE_UNSET)
        return PROBLEM_MEDIA_TYPE;
    if (route->flags & ROUTE_NO_CSRF)
        return PROBLEM_NONE;
    if (!csrf_same_origin(request->exchange, request->app->base_url))
        return PROBLEM_FORGED;
    // A program without a cookie has no authority that somebody could borrow, and another site's
    // page can't send JSON without asking first.
    if (call->source == FORM_JSON && request->session.csrf.len == 0)
        return PROBLEM_NONE;
    struct str token = csrf_of(request->exchange, call->source, exchange_body(request->exchange));
    if (call->source == FORM_JSON && token.len == 0)
        return PROBLEM_FORGED;
    return csrf_matches(request->session.csrf, token) ? PROBLEM_NONE : PROBLEM_FORGED;
}

enum problem call_admit(struct call *call)
{
    struct request *request = &call->request;
    int r = session_load(request);
    if (r < 0)
        return problem_of(request, r);
    if (request->session.language != LANGUAGE_UNSET)
        request->language = request->session.language;
    enum problem problem = call->runs <= 1 ? limit_check(call) : PROBLEM_NONE;
    if (problem || !request->route)
        return problem;
    if (request->session.person == 0 && request->route->permission != PERMISSION_ANYONE)
        return PROBLEM_SIGN_IN;
    problem = call->again ? PROBLEM_NONE : forgery_check(call);
    bool idle =
        (request->route->flags & (ROUTE_IDLE | ROUTE_STREAM)) || negotiate_idle(request->exchange);
    if (!problem && !idle)
        session_use(request);
    return problem;
}

static bool outsider(const struct policy_subject *subject)
{
    return subject->relation == RELATION_NONE || subject->relation == RELATION_FORMER ||
           subject->relation == RELATION_UNSET;
}

void call_ask(struct call *call)
{
    struct request *request = &call->request;
    bool has_form = !request->route->form || request->form;   // a broken one was not read
    if (request->route->ask && !call->again && has_form && db_asks(request->db))
        request->route->ask(request);
}

enum problem call_permit(struct call *call)
{
    struct request *request = &call->request;
    const struct route *route = request->route;
    request->subject = (struct policy_subject){
        .role = request->session.person != 0 ? request->session.role : ROLE_ANONYMOUS,
        .relation = RELATION_NONE,
        .state = DIALOGUE_NONE,
    };
    request->entity = NULL;
    // Before the load, which may fill in what it found.
    request->event = (struct audit_event){ .kind = call->again ? AUDIT_NONE : route->audit,
                                           .person = request->session.person };
    call_ask(call);
    int r = route->load ? route->load(request) : 0;
    if (r < 0)
        return problem_of(request, r);
    if (policy_allows(route->permission, &request->subject))
        return PROBLEM_NONE;
    return route->load && outsider(&request->subject) ? PROBLEM_NOT_FOUND : PROBLEM_DENIED;
}

enum problem call_query(struct call *call)
{
    struct request *request = &call->request;
    struct str query = exchange_query(request->exchange);
    request->query = NULL;
    if (!request->route->query)
        return query.len == 0 ? PROBLEM_NONE : PROBLEM_MALFORMED;
    int r = form_parse(request->route->query, FORM_URLENCODED, query, STR(""), request->language,
                       request->arena, &request->query, &request->errors);
    if (r == -EBADMSG || r == -E2BIG)
        return PROBLEM_MALFORMED;
    return problem_of(request, r);
}
