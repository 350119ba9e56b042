// SPDX-License-Identifier: MPL-2.0
#include "web/limit.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#include "base/random.h"

#define SETS      4096
#define WAYS      8
#define LOCKS     64
#define MINUTE_US INT64_C(60000000)

// The generic cell rate algorithm: 'due' is when the next request would come if they came evenly.
// Ahead of now by a minute: no more.
struct cell {
    uint64_t who;
    int64_t due;   // microseconds
};

struct limit {
    uint8_t key[crypto_shorthash_KEYBYTES];
    int64_t step[LIMIT_KIND_COUNT];   // microseconds for each request; 0: no limit
    pthread_mutex_t lock[LOCKS];
    struct cell cell[SETS][WAYS];
};

int limit_new(const int64_t per_minute[LIMIT_KIND_COUNT], struct limit **ret_limit)
{
    struct limit *limit = calloc(1, sizeof(*limit));
    if (!limit)
        return -ENOMEM;
    random_bytes(limit->key, sizeof(limit->key));
    for (size_t i = 0; i < LIMIT_KIND_COUNT; i++)
        limit->step[i] = per_minute[i] > 0 ? MINUTE_US / per_minute[i] : 0;
    for (size_t i = 0; i < LOCKS; i++)
        pthread_mutex_init(&limit->lock[i], NULL);
    *ret_limit = limit;
    return 0;
}

void limit_free(struct limit *limit)
{
    if (!limit)
        return;
    for (size_t i = 0; i < LOCKS; i++)
        pthread_mutex_destroy(&limit->lock[i]);
    free(limit);
}

static uint64_t hash_of(const struct limit *limit, enum limit_kind kind, struct bytes who)
{
    uint8_t input[65] = { (uint8_t)kind }, hash[crypto_shorthash_BYTES];
    size_t len = who.len < sizeof(input) - 1 ? who.len : sizeof(input) - 1;
    if (len != 0)
        memcpy(input + 1, who.ptr, len);
    crypto_shorthash(hash, input, len + 1, limit->key);
    uint64_t value;
    memcpy(&value, hash, sizeof(value));
    return value;
}

// The cell of 'who', or the one of its set that is furthest from its limit.
static struct cell *cell_of(struct cell set[WAYS], uint64_t who)
{
    struct cell *found = &set[0];
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].who == who)
            return &set[i];
        if (set[i].due < found->due)
            found = &set[i];
    }
    *found = (struct cell){ .who = who };
    return found;
}

int64_t limit_take(struct limit *limit, enum limit_kind kind, struct bytes who, int64_t now_ms)
{
    int64_t step = limit->step[kind], now = now_ms * 1000, wait = 0;
    if (step == 0)
        return 0;
    uint64_t hash = hash_of(limit, kind, who);
    size_t set = hash % SETS;
    pthread_mutex_lock(&limit->lock[set % LOCKS]);
    struct cell *cell = cell_of(limit->cell[set], hash);
    int64_t due = (cell->due > now ? cell->due : now) + step;
    if (due - now > MINUTE_US)
        wait = (due - now - MINUTE_US + 999999) / 1000000;
    else
        cell->due = due;
    pthread_mutex_unlock(&limit->lock[set % LOCKS]);
    return wait;
}
