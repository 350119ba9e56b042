// SPDX-License-Identifier: MPL-2.0
// One read transaction for as many requests as find nothing written since it began: docs/adr/0032-snapshots.md.
#include "store/replica.h"
#include "web/call.h"

// Whoever was told that something is written sees it in what they ask for next.
static bool is_as_new(const struct worker *worker, uint64_t transactions, uint64_t generation)
{
    return worker->snapshot && worker->transactions == transactions && worker->generation == generation && db_failed(worker->snapshot) == 0;
}

int snapshot_begin(struct call *call, struct worker *worker)
{
    const struct app *app = call->router->app;
    uint64_t transactions = writer_transactions(app->writer), generation = app_access_generation(app);
    int r = 0;

    if (!is_as_new(worker, transactions, generation)) {
        (void)snapshot_rest(worker);
        worker->transactions = transactions;
        worker->generation = generation;
        r = reader_begin(worker->reader, &worker->snapshot);
    }
    call->generation = generation;
    if (r == 0)
        call->request.db = worker->snapshot;
    return r;
}

int snapshot_end(struct call *call, struct worker *worker)
{
    call->request.db = worker->db;
    return db_shared(worker->snapshot) ? snapshot_rest(worker) : 0;
}

int snapshot_rest(struct worker *worker)
{
    bool open = worker->snapshot;

    worker->snapshot = NULL;
    return open ? reader_end(worker->reader) : 0;
}
