// SPDX-License-Identifier: MPL-2.0
#include "feature/insight/spot.h"

#define WEIGHT_OUTSIDE 4
#define WEIGHT_NIGHT 3
#define WEIGHT_SILENT 3
#define WEIGHT_MANY_MAX 6
#define MANY_STEP 5

int64_t spot_weight(const struct spot_look *look)
{
    int64_t weight = 1, beyond = look->citizens - SPOT_MANY_FROM;
    if (look->signs & SPOT_OUTSIDE)
        weight += WEIGHT_OUTSIDE;
    if (look->signs & SPOT_NIGHT)
        weight += WEIGHT_NIGHT;
    if (look->signs & SPOT_SILENT)
        weight += WEIGHT_SILENT;
    if (beyond > 0) {
        int64_t steps = (beyond + MANY_STEP - 1) / MANY_STEP;
        weight += steps < WEIGHT_MANY_MAX ? steps : WEIGHT_MANY_MAX;
    }
    return weight;
}

uint64_t spot_random_next(struct spot_random *random)
{
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

// Below a limit, all alike: what would make some likelier is thrown away.
static uint64_t below(struct spot_random *random, uint64_t limit)
{
    uint64_t unfair = UINT64_MAX - UINT64_MAX % limit, number;
    do
        number = spot_random_next(random);
    while (number >= unfair);
    return number % limit;
}

static size_t pick(struct spot_random *random, const struct spot_look *looks, size_t from, size_t count, uint64_t total)
{
    uint64_t at = below(random, total);
    for (size_t i = from; i + 1 < count; i++) {
        uint64_t weight = (uint64_t)spot_weight(&looks[i]);
        if (at < weight)
            return i;
        at -= weight;
    }
    return count - 1;
}

size_t spot_draw(struct spot_random *random, struct spot_look *looks, size_t count, size_t wanted)
{
    uint64_t total = 0;
    size_t drawn = 0;
    for (size_t i = 0; i < count; i++)
        total += (uint64_t)spot_weight(&looks[i]);
    for (; drawn < wanted && drawn < count; drawn++) {
        size_t chosen = pick(random, looks, drawn, count, total);
        struct spot_look look = looks[chosen];
        looks[chosen] = looks[drawn];
        looks[drawn] = look;
        total -= (uint64_t)spot_weight(&look);
    }
    return drawn;
}
