// SPDX-License-Identifier: MPL-2.0
#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"
#include "web/call.h"

#define WAITING_MAX 64

struct prepare {
    const struct app *app;
    pthread_t thread[PREPARE_THREADS_MAX];
    size_t running;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct call *waiting[WAITING_MAX];   // a ring
    size_t first, count;
    bool stop;
};

// The next call, or NULL when the threads shall end.
static struct call *next_call(struct prepare *prepare)
{
    struct call *call = NULL;
    pthread_mutex_lock(&prepare->lock);
    while (prepare->count == 0 && !prepare->stop)
        pthread_cond_wait(&prepare->more, &prepare->lock);
    if (prepare->count != 0) {
        call = prepare->waiting[prepare->first];
        prepare->first = (prepare->first + 1) % WAITING_MAX;
        prepare->count--;
    }
    pthread_mutex_unlock(&prepare->lock);
    return call;
}

static int worker_open(const struct app *app, struct worker *worker)
{
    int r = db_open(app->database, DB_READ, &worker->db);
    if (r < 0)
        return r;
    r = keyring_new(app->keeper, &worker->keys);
    if (r < 0)
        db_close(worker->db);
    return r;
}

static void *serve(void *data)
{
    struct prepare *prepare = data;
    struct worker worker = { .db = NULL };
    int opened = worker_open(prepare->app, &worker);
    if (opened < 0)
        log_event(LOG_ERROR, "prepare", "errno=%d", -opened);
    for (struct call *call; (call = next_call(prepare));) {
        if (opened == 0)
            call_enter(call, &worker);
        call->result = opened < 0 ? opened : call->request.route->prepare(&call->request);
        if (opened == 0)
            keyring_trim(worker.keys);
        exchange_resume(call->request.exchange);
    }
    if (opened == 0) {
        keyring_free(worker.keys);
        db_close(worker.db);
    }
    return NULL;
}

int prepare_new(const struct app *app, unsigned threads, struct prepare **ret_prepare)
{
    struct prepare *prepare = calloc(1, sizeof(*prepare));
    if (!prepare)
        return -ENOMEM;
    prepare->app = app;
    pthread_mutex_init(&prepare->lock, NULL);
    pthread_cond_init(&prepare->more, NULL);
    while (prepare->running < threads) {
        int r = pthread_create(&prepare->thread[prepare->running], NULL, serve, prepare);
        if (r != 0) {
            prepare_free(prepare);
            return -r;
        }
        prepare->running++;
    }
    *ret_prepare = prepare;
    return 0;
}

void prepare_free(struct prepare *prepare)
{
    if (!prepare)
        return;
    pthread_mutex_lock(&prepare->lock);
    assert(prepare->count == 0);
    prepare->stop = true;
    pthread_cond_broadcast(&prepare->more);
    pthread_mutex_unlock(&prepare->lock);
    for (size_t i = 0; i < prepare->running; i++)
        pthread_join(prepare->thread[i], NULL);
    pthread_cond_destroy(&prepare->more);
    pthread_mutex_destroy(&prepare->lock);
    free(prepare);
}

int prepare_start(struct call *call, void (*then)(struct exchange *exchange, void *worker))
{
    const struct router *router = call->router;
    bool is_long = call->request.route->flags & ROUTE_LONG;
    struct prepare *prepare = is_long ? router->long_reads : router->prepare;
    int r = -EBUSY;
    pthread_mutex_lock(&prepare->lock);
    if (prepare->count < WAITING_MAX) {
        // Before a thread can see the call: it may be resumed as soon as it is in the ring.
        exchange_suspend(call->request.exchange, then);
        prepare->waiting[(prepare->first + prepare->count) % WAITING_MAX] = call;
        prepare->count++;
        pthread_cond_signal(&prepare->more);
        r = 0;
    }
    pthread_mutex_unlock(&prepare->lock);
    return r;
}
