// SPDX-License-Identifier: MPL-2.0
#include "base/clock.h"
#include "web/server_internal.h"

#include <assert.h>

static const int64_t bounds[SERVER_BOUNDS] = { 1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000, 500000, 1000000, 2000000, 5000000 };

static void add(uint64_t *count, uint64_t more)
{
    __atomic_fetch_add(count, more, __ATOMIC_RELAXED);
}

int64_t server_bound(unsigned bound)
{
    return bounds[bound];
}

void exchange_class(struct exchange *exchange, unsigned class)
{
    assert(class < SERVER_CLASSES);
    exchange->class = class;
}

void counts_answer(struct exchange *exchange, unsigned status)
{
    struct server_counts *counts = &exchange->worker->counts;
    const int64_t took = clock_monotonic_us() - exchange->began;
    unsigned bound = 0;

    while (bound < SERVER_BOUNDS && took > bounds[bound])
        bound++;
    add(&counts->classes[exchange->class].answers[status / 100 % 6], 1);
    add(&counts->classes[exchange->class].within[bound], 1);
    add(&counts->classes[exchange->class].microseconds, (uint64_t)took);
}

void counts_refusal(struct worker *worker)
{
    add(&worker->counts.refused, 1);
}

void server_counts(const struct server *server, struct server_counts *ret_counts)
{
    uint64_t *sums = (uint64_t *)ret_counts;
    const size_t numbers = sizeof(*ret_counts) / sizeof(uint64_t);

    memset(ret_counts, 0, sizeof(*ret_counts));
    for (unsigned i = 0; i < server->started; i++) {
        const uint64_t *one = (const uint64_t *)&server->workers[i].counts;

        for (size_t number = 0; number < numbers; number++)
            sums[number] += __atomic_load_n(&one[number], __ATOMIC_RELAXED);
    }
}
