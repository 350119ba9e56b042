// SPDX-License-Identifier: MPL-2.0
#include "web/router.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "store/replica.h"
#include "web/asset_serve.h"
#include "web/call.h"
#include "web/negotiate.h"

#define FORM_BYTES_MAX (256u << 10)
#define LONG_READS     2   // at a time

// Between these two the linker puts a pointer to each feature's table.
extern const struct feature *const __start_features[];
extern const struct feature *const __stop_features[];

void router_each(void (*each)(const struct feature *feature, const struct route *route, void *data),
                 void *data)
{
    for (const struct feature *const *feature = __start_features; feature < __stop_features;
         feature++)
        for (size_t i = 0; i < (*feature)->count; i++)
            each(*feature, &(*feature)->routes[i], data);
}

static int read_settings(struct app *app, int64_t per_minute[LIMIT_KIND_COUNT])
{
    int64_t idle, absolute;
    int r = config_int(app->config, "session.idle_minutes", 3, 24 * 60, SESSION_IDLE_MS / MINUTE_MS,
                       &idle);
    r = r ? r
          : config_int(app->config, "session.absolute_minutes", 5, 7 * 24 * 60,
                       SESSION_ABSOLUTE_MS / MINUTE_MS, &absolute);
    // An address may be a whole school's or the municipality's own.
    r = r ? r
          : config_int(app->config, "limit.person", 0, 1000000, 1200, &per_minute[LIMIT_PERSON]);
    r = r ? r
          : config_int(app->config, "limit.person_writes", 0, 1000000, 240,
                       &per_minute[LIMIT_PERSON_WRITES]);
    r = r ? r
          : config_int(app->config, "limit.person_look_ups", 0, 1000000, 20,
                       &per_minute[LIMIT_PERSON_LOOK_UPS]);
    r = r ? r
          : config_int(app->config, "limit.address", 0, 1000000, 1200, &per_minute[LIMIT_ADDRESS]);
    r = r ? r
          : config_int(app->config, "limit.address_writes", 0, 1000000, 240,
                       &per_minute[LIMIT_ADDRESS_WRITES]);
    r = r ? r
          : config_int(app->config, "file.max_bytes", 1 << 20, 200 << 20, 25 << 20, &app->file_max);
    if (r < 0)
        return r;
    app->clamd = config_get(app->config, "file.clamd", NULL);
    app->session_idle = idle * MINUTE_MS;
    app->session_absolute = absolute * MINUTE_MS;
    return 0;
}

// Each of several servers counts by itself, and the front gives each its part of the requests.
static void share_limits(const struct app *app, int64_t per_minute[LIMIT_KIND_COUNT])
{
    for (size_t i = 0; i < LIMIT_KIND_COUNT && app->nodes > 1; i++)
        per_minute[i] = (per_minute[i] + app->nodes - 1) / app->nodes;
}

int router_new(struct app *app, struct router **ret_router)
{
    int64_t per_minute[LIMIT_KIND_COUNT] = { 0 };
    int r = read_settings(app, per_minute);
    if (r < 0)
        return r;
    struct router *router = calloc(1, sizeof(*router));
    if (!router)
        return -ENOMEM;
    router->app = app;
    r = route_table_new(__start_features, (size_t)(__stop_features - __start_features),
                        &router->routes);
    share_limits(app, per_minute);
    r = r ? r : limit_new(per_minute, &router->limit);
    r = r ? r : keyring_new(app->keeper, &router->writer_keys);
    r = r ? r : prepare_new(app, PREPARE_THREADS_MAX, &router->prepare);
    r = r ? r : prepare_new(app, LONG_READS, &router->long_reads);
    if (r < 0) {
        router_free(router);
        return r;
    }
    *ret_router = router;
    return 0;
}

void router_free(struct router *router)
{
    if (!router)
        return;
    prepare_free(router->prepare);
    prepare_free(router->long_reads);
    if (router->writer_keys)
        keyring_free(router->writer_keys);
    limit_free(router->limit);
    route_table_free(router->routes);
    free(router);
}

static int worker_begin(void *context, unsigned number, void **ret_worker)
{
    const struct router *router = context;
    struct worker *worker = calloc(1, sizeof(*worker));
    if (!worker)
        return -ENOMEM;
    int r = reader_open(router->app->database, router->app->replica, &worker->reader);
    r = r ? r : keyring_new(router->app->keeper, &worker->keys);
    r = r ? r : vault_new(&worker->vault);
    if (r < 0) {
        keyring_free(worker->keys);
        reader_close(worker->reader);
        free(worker);
        return r;
    }
    worker->db = reader_own(worker->reader);
    *ret_worker = worker;
    return 0;
}

static void worker_end(void *context, void *state)
{
    struct worker *worker = state;
    vault_free(worker->vault);
    keyring_free(worker->keys);
    reader_close(worker->reader);
    free(worker);
}

static void tick(void *context, void *state)
{
    const struct router *router = context;
    const struct worker *worker = state;
    vault_trim(worker->vault, keeper_destroyed(router->app->keeper), clock_monotonic());
}

static void rest(void *context, void *state)
{
    (void)snapshot_rest(state);
}

static enum method method_of(struct str method)
{
    if (str_equal(method, STR("GET")) || str_equal(method, STR("HEAD")))
        return METHOD_GET;
    return str_equal(method, STR("POST")) ? METHOD_POST : METHOD_UNSET;
}

// More than a form of a page is taken only by routes that say so, and from nobody who is not signed in.
static size_t body_limit(void *context, void *state, struct exchange *exchange)
{
    const struct router *router = context;
    struct worker *worker = state;
    struct route_hit hit;
    if (method_of(exchange_method(exchange)) != METHOD_POST)
        return 0;
    int r = route_match(router->routes, METHOD_POST, exchange_path(exchange), exchange_arena(exchange), &hit);
    if (r < 0 || !hit.entry->route->body)
        return FORM_BYTES_MAX;
    (void)snapshot_rest(worker);
    struct request request = {
        .app = router->app,
        .exchange = exchange,
        .arena = exchange_arena(exchange),
        .db = worker->db,
        .keys = worker->keys,
        .now = clock_now(router->app->clock),
    };
    r = session_load(&request);
    return r == 0 && request.session.person != 0 ? hit.entry->route->body(router->app) : FORM_BYTES_MAX;
}

enum { CLASS_NONE, CLASS_ASSET, CLASS_FEATURES };

const char *router_class(unsigned class)
{
    if (class < CLASS_FEATURES)
        return class == CLASS_NONE ? "none" : "asset";
    return class - CLASS_FEATURES < (size_t)(__stop_features - __start_features) ? __start_features[class - CLASS_FEATURES]->name : NULL;
}

static unsigned class_of(const struct feature *feature)
{
    unsigned class = CLASS_FEATURES;

    while (class < SERVER_CLASSES - 1 && __start_features[class - CLASS_FEATURES] != feature)
        class++;
    return class;
}

static enum problem find_route(struct call *call)
{
    struct request *request = &call->request;
    struct route_hit hit;
    int r = route_match(call->router->routes, method_of(exchange_method(request->exchange)),
                        request->path, request->arena, &hit);
    switch (r) {
    case 0:
        call->entry = hit.entry;
        exchange_class(request->exchange, class_of(hit.entry->feature));
        request->route = hit.entry->route;
        memcpy(request->part, hit.part, sizeof(hit.part));
        memcpy(request->number, hit.number, sizeof(hit.number));
        return PROBLEM_NONE;
    case -EPERM:
        call->allowed = hit.allowed;
        return PROBLEM_METHOD;
    case -EBADMSG:
        return PROBLEM_MALFORMED;
    default:
        return problem_of(request, r);
    }
}

// No route: still counted, and told in the person's language with the frame that they know.
static void answer_nowhere(struct call *call, struct worker *worker, enum problem problem)
{
    (void)snapshot_rest(worker);
    call_enter(call, worker);
    call->runs++;
    enum problem other = call_admit(call);
    call_send_problem(call, other ? other : problem);
}

// Answers itself when it gives NULL.
static struct call *call_new(struct router *router, struct exchange *exchange)
{
    struct call *call = arena_alloc(exchange_arena(exchange), sizeof(*call));
    if (!call) {
        exchange_answer(exchange, 503, NULL, 0, NULL);
        return NULL;
    }
    exchange_set_data(exchange, call);
    call->router = router;
    call->answer.body = buf_bounded(ANSWER_BODY_MAX);
    call->request = (struct request){
        .app = router->app,
        .exchange = exchange,
        .arena = exchange_arena(exchange),
        .path = exchange_path(exchange),
        .language = negotiate_language(exchange),
        .wants_json = negotiate_json(exchange),
        .wants_fragment = negotiate_fragment(exchange),
        .wants_packed = !negotiate_json(exchange) && negotiate_coding(exchange, STR("gzip")),
        .answer = &call->answer,
    };
    return call;
}

static void handle(void *context, void *state, struct exchange *exchange)
{
    struct router *router = context;
    struct worker *worker = state;
    exchange_class(exchange, CLASS_ASSET);
    if (asset_serve(exchange))
        return;
    exchange_class(exchange, CLASS_NONE);
    struct call *call = call_new(router, exchange);
    if (!call)
        return;
    enum problem problem = find_route(call);
    if (problem)
        answer_nowhere(call, worker, problem);
    else if (call_writes(call))
        write_start(call, worker);
    else
        read_start(call, worker);
}

// What is too large has no form that could be read: who sent it learns the limit, or that they are signed out, for then it is small.
static void too_large(void *context, void *state, struct exchange *exchange, size_t limit)
{
    struct router *router = context;
    struct call *call = call_new(router, exchange);
    if (!call)
        return;
    struct request *request = &call->request;
    (void)snapshot_rest(state);
    call_enter(call, state);
    call->runs++;
    enum problem problem = call_admit(call);
    struct route_hit hit;
    bool known = route_match(router->routes, METHOD_POST, request->path, request->arena, &hit) == 0;
    if (!problem && known && hit.entry->route->permission != PERMISSION_ANYONE && request->session.person == 0)
        problem = PROBLEM_SIGN_IN;
    if (problem)
        call_send_problem(call, problem);
    else
        call_send_too_large(call, limit, route_page_above(router->routes, request->path, request->arena));
}

struct server_handler router_handler(struct router *router)
{
    return (struct server_handler){
        .context = router,
        .worker_begin = worker_begin,
        .worker_end = worker_end,
        .body_limit = body_limit,
        .too_large = too_large,
        .handle = handle,
        .tick = tick,
        .rest = rest,
    };
}
