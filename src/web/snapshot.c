// SPDX-License-Identifier: MPL-2.0
// One read transaction for all requests that had come when it began: docs/adr/0032-snapshots.md.
#include "store/replica.h"
#include "web/call.h"

int snapshot_begin(struct call *call, struct worker *worker)
{
    uint64_t generation = app_access_generation(call->router->app);
    int r = 0;

    if (worker->snapshot && (worker->generation != generation || db_failed(worker->snapshot) < 0 || !exchange_in_turn(call->request.exchange)))
        (void)snapshot_rest(worker);
    if (!worker->snapshot) {
        worker->generation = generation;
        r = reader_begin(worker->reader, &worker->snapshot);
    }
    call->generation = worker->generation;
    if (r == 0)
        call->request.db = worker->snapshot;
    return r;
}

int snapshot_end(struct call *call, struct worker *worker)
{
    bool last = db_shared(worker->snapshot) || db_failed(worker->snapshot) < 0;

    call->request.db = worker->db;
    return last ? snapshot_rest(worker) : 0;
}

int snapshot_rest(struct worker *worker)
{
    bool open = worker->snapshot;

    worker->snapshot = NULL;
    return open ? reader_end(worker->reader) : 0;
}
