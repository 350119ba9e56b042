// SPDX-License-Identifier: MPL-2.0
#include <errno.h>

#include "web/call.h"
#include "web/negotiate.h"

static void write_then(struct exchange *exchange, void *worker);

static enum problem parse_form(struct call *call)
{
    struct request *request = &call->request;
    int r = form_parse(request->route->form, call->source, exchange_body(request->exchange),
                       call->boundary, request->language, request->arena, &request->form,
                       &request->errors);
    if (r == -EBADMSG || r == -E2BIG)
        return PROBLEM_MALFORMED;
    return problem_of(request, r);
}

// On the writer's thread. The session is looked up anew: it may have ended since the worker looked.
static enum problem run_in_transaction(struct call *call)
{
    struct request *request = &call->request;
    int r = session_load(request);
    if (r < 0)
        return problem_of(request, r);
    if (request->session.person == 0 && request->route->permission != PERMISSION_ANYONE)
        return PROBLEM_SIGN_IN;
    enum problem problem = call_permit(call);
    if (problem)
        return problem;
    r = request->route->handle(request);
    struct audit *audit = request->app->audit;
    if (r == 0 && request->event.kind > AUDIT_NONE)
        r = audit_append(audit, request->db, &request->event);
    for (const struct answer_event *extra = call->answer.events; extra && r == 0;
         extra = extra->next)
        r = audit_append(audit, request->db, &extra->event);
    for (const struct answer_task *task = call->answer.records; task && r == 0; task = task->next)
        r = task->apply(request->db, task->data);
    if (r == 0)
        r = news_commit(request->app, request->db, call->answer.news);
    return problem_of(request, r);
}

static void enter(struct call *call, struct db *db)
{
    call_enter(call, &(struct worker){ .db = db, .keys = call->router->writer_keys });
}

// For who it was when the worker looked; who it is now comes in the same way back.
static void ask(struct call *call)
{
    call_ask(call);
    session_ask(&call->request);
}

static void write_ask(struct write_job *job, struct db *db)
{
    struct call *call = call_of(job);
    enter(call, db);
    ask(call);
}

static int write_apply(struct write_job *job, struct db *db)
{
    struct call *call = call_of(job);
    // It may run more than once: nothing of an earlier run is left.
    answer_reset(&call->answer);
    call->request.errors.count = 0;
    enter(call, db);
    ask(call);
    call->problem = run_in_transaction(call);
    keyring_trim(call->router->writer_keys);
    return call->problem ? -ECANCELED : 0;
}

static void write_done(struct write_job *job, int result)
{
    struct call *call = call_of(job);
    call->result = result;
    if (result == 0)
        news_deliver(call->router->app, call->answer.news);
    if (result == 0)
        for (const struct answer_task *task = call->answer.afters; task; task = task->next)
            task->run(call->router->app, task->data);
    exchange_resume(call->request.exchange);
}

static void submit(struct call *call)
{
    call->job = (struct write_job){ .apply = write_apply, .ask = write_ask, .done = write_done };
    exchange_suspend(call->request.exchange, write_then);
    writer_submit(call->router->app->writer, &call->job);
}

// Not done: the page again with what was typed and what to change, where there is one; otherwise
// the problem.
static void refuse(struct call *call, struct worker *worker, enum problem problem)
{
    const struct request *request = &call->request;
    call_enter(call, worker);   // it comes from another thread
    if (problem == PROBLEM_REFUSED && request->route->again && !request->wants_json) {
        call->again = true;
        read_start(call, worker);
    } else {
        call_send_problem(call, problem);
    }
}

static void write_then(struct exchange *exchange, void *worker)
{
    struct call *call = exchange_data(exchange);
    if (call->result == 0)
        call_send(call);
    else
        refuse(call, worker,
               call->problem ? call->problem : problem_of(&call->request, call->result));
}

static void prepared_then(struct exchange *exchange, void *worker)
{
    struct call *call = exchange_data(exchange);
    if (call->result < 0)
        refuse(call, worker, problem_of(&call->request, call->result));
    else
        submit(call);
}

static enum problem look_at_input(struct call *call)
{
    enum problem problem = call_query(call);
    if (!problem && call->request.route->form)
        problem = parse_form(call);
    if (!problem && !call->request.route->prepare)
        return PROBLEM_NONE;
    // Who may not come here learns that, and not what is wrong with the form; and nothing is prepared for them.
    enum problem denied = call_permit(call);
    return denied ? denied : problem;
}

// Everything that needs no writing, in one read transaction.
static enum problem look_through(struct call *call, struct worker *worker)
{
    struct request *request = &call->request;
    call_enter(call, worker);
    call->runs++;
    // What is none of the forms stays unset, and is refused once it is known who asks.
    if (request->route->method == METHOD_POST)
        negotiate_source(request->exchange, &call->source, &call->boundary);
    (void)snapshot_rest(worker);   // here it is the database itself that is asked, never its replica
    int r = db_begin_read(worker->db);
    if (r < 0)
        return problem_of(request, r);
    enum problem problem = call_admit(call);
    if (!problem)
        problem = look_at_input(call);
    db_commit(worker->db);
    return problem;
}

void write_start(struct call *call, struct worker *worker)
{
    enum problem problem = look_through(call, worker);
    if (problem) {
        refuse(call, worker, problem);
    } else if (call->request.route->prepare) {
        int r = prepare_start(call, prepared_then);
        if (r < 0)
            call_send_problem(call, problem_of(&call->request, r));
    } else {
        submit(call);
    }
}
