// SPDX-License-Identifier: MPL-2.0
#include <errno.h>

#include "web/call.h"

#define RUNS_MAX 6   // of a read, while others' access is being withdrawn all the time

static void record_then(struct exchange *exchange, void *worker);
static void run(struct call *call, struct worker *worker);

static enum problem run_in_snapshot(struct call *call)
{
    struct request *request = &call->request;
    enum problem problem = call_admit(call);
    if (!problem)
        problem = call_permit(call);
    if (!problem && !call->again)
        problem = call_query(call);
    if (problem)
        return problem;
    int r = call->again ? request->route->again(request) : request->route->handle(request);
    return problem_of(request, r);
}

static bool withdrawn_since(const struct call *call)
{
    return app_access_generation(call->router->app) != call->generation;
}

// Runs on the writer's thread.
static int record_apply(struct write_job *job, struct db *db)
{
    struct call *call = call_of(job);
    if (withdrawn_since(call))
        return -ESTALE;
    const struct audit_event *event = &call->request.event;
    int r = guard_check(call->router->app, db, &call->request.guard);
    if (r == 0)
        r = event->kind > AUDIT_NONE ? audit_append(call->router->app->audit, db, event) : 0;
    for (const struct answer_event *extra = call->answer.events; extra && r == 0;
         extra = extra->next)
        r = audit_append(call->router->app->audit, db, &extra->event);
    for (const struct answer_task *task = call->answer.records; task && r == 0; task = task->next)
        r = task->apply(db, task->data);
    return r < 0 ? r : news_commit(call->router->app, db, call->answer.news);
}

static void record_done(struct write_job *job, int result)
{
    struct call *call = call_of(job);
    call->result = result;
    if (result == 0)
        news_deliver(call->router->app, call->answer.news);
    for (const struct answer_task *task = call->answer.afters; task && result == 0; task = task->next)
        task->run(call->router->app, task->data);
    exchange_resume(call->request.exchange);
}

// The call is gone as soon as its exchange has become a stream.
static void become_stream(struct call *call)
{
    struct request *request = &call->request;
    struct app *app = request->app;
    uint64_t generation = call->generation;
    const struct listening *listening = &call->answer.listening;
    struct hub_listener listener = {
        .topic = listening->topic,
        .person = request->session.person,
        .first = listening->first,
        .expires = listening->until < request->session.expires ? listening->until
                                                               : request->session.expires,
    };
    memcpy(listener.session, request->session.key, sizeof(listener.session));
    int r = hub_listen(app->hub, request->exchange, &listener);
    if (r < 0)
        call_send_problem(call, problem_of(request, r));
    else if (app_access_generation(app) != generation)
        hub_cut_session(
            app->hub,
            listener.session);   // came between; the browser connects again, if it still may
}

// What a HEAD hears of a stream: that it is one.
static void send_stream_head(struct call *call)
{
    call->answer.kind = ANSWER_BODY;
    call->answer.type = "text/event-stream";
    call_send(call);
}

static void make_anew(struct call *call, struct worker *worker)
{
    if (call->runs < RUNS_MAX)
        run(call, worker);
    else
        call_send_problem(call, PROBLEM_BUSY);
}

// Everything that the answer stands on is durable. It goes out only if nobody lost access
// meanwhile.
static void finish(struct call *call, struct worker *worker)
{
    if (withdrawn_since(call))
        make_anew(call, worker);
    else if (call->answer.kind == ANSWER_STREAM && exchange_is_head(call->request.exchange))
        send_stream_head(call);
    else if (call->answer.kind == ANSWER_STREAM)
        become_stream(call);
    else
        call_send(call);
}

static void run(struct call *call, struct worker *worker)
{
    struct request *request = &call->request;
    call->runs++;
    answer_reset(&call->answer);
    call->answer.body_hint = call->again ? NULL : &call->entry->body_hint;
    if (!call->again)
        request->errors.count = 0;
    call_enter(call, worker);
    int r = snapshot_begin(call, worker);
    enum problem problem = r < 0 ? problem_of(request, r) : run_in_snapshot(call);
    bool broke = r == 0 && snapshot_end(call, worker) == -EAGAIN;
    keyring_trim(worker->keys);
    vault_trim(worker->vault, keeper_destroyed(call->router->app->keeper), clock_monotonic());
    if (broke) {
        make_anew(call, worker);
    } else if (problem) {
        call_send_problem(call, problem);
    } else if (request->event.kind > AUDIT_NONE || call->answer.events ||
               call->answer.records) {
        call->job = (struct write_job){ .apply = record_apply, .done = record_done };
        exchange_suspend(request->exchange, record_then);
        writer_submit(call->router->app->writer, &call->job);
    } else {
        finish(call, worker);
    }
}

static void record_then(struct exchange *exchange, void *worker)
{
    struct call *call = exchange_data(exchange);
    if (call->result == -ENOTRECOVERABLE)   // a reader has nothing that could be there or not
        call_send_problem(call, PROBLEM_BUSY);
    else if (call->result == -ESTALE)   // another server's withdrawal may not have been heard of yet
        make_anew(call, worker);
    else if (call->result < 0)
        call_send_problem(call, problem_of(&call->request, call->result));
    else
        finish(call, worker);
}

static void prepared_then(struct exchange *exchange, void *worker)
{
    struct call *call = exchange_data(exchange);
    if (call->result == 0) {
        run(call, worker);
        return;
    }
    call_enter(call, worker);
    call_send_problem(call, problem_of(&call->request, call->result));
}

// The prepare of a read that needs one: looked through first, since it reaches out to others.
static void prepare(struct call *call, struct worker *worker)
{
    (void)snapshot_rest(worker);
    call_enter(call, worker);
    enum problem problem = call_admit(call);
    if (!problem)
        problem = call_query(call);
    call->runs++;
    int r = problem ? 0 : prepare_start(call, prepared_then);
    if (problem || r < 0)
        call_send_problem(call, problem ? problem : problem_of(&call->request, r));
}

void read_start(struct call *call, struct worker *worker)
{
    if (call->request.route->prepare && !call->again)
        prepare(call, worker);
    else
        run(call, worker);
}
