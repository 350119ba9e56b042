// SPDX-License-Identifier: MPL-2.0
#include "base/random.h"

#include <stdlib.h>
#include <sys/random.h>

void random_bytes(void *data, size_t len)
{
    uint8_t *at = data;
    while (len) {
        size_t part = len < 256 ? len : 256;   // up to 256 bytes are never cut short (getrandom(2))
        if (getrandom(at, part, 0) != (ssize_t)part)
            abort();
        at += part;
        len -= part;
    }
}

#define EPOCH_2024_MS INT64_C(1704067200000)
#define RANDOM_BITS 22

int64_t id_new(int64_t now_ms)
{
    uint64_t random;
    random_bytes(&random, sizeof(random));
    uint64_t since = now_ms > EPOCH_2024_MS ? (uint64_t)(now_ms - EPOCH_2024_MS) : 0;
    since &= (UINT64_C(1) << 41) - 1;
    uint64_t id = since << RANDOM_BITS | random >> (64 - RANDOM_BITS);
    return id ? (int64_t)id : 1;
}

int64_t id_time(int64_t id)
{
    return EPOCH_2024_MS + (int64_t)((uint64_t)id >> RANDOM_BITS);
}
