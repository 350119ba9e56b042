// SPDX-License-Identifier: MPL-2.0
#include "crypt/vault.h"

#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define WAYS 4
#define SETS (VAULT_PLACES / WAYS)

struct kept {
    struct vault_place place;   // dialogue 0: free
    int64_t state, since, used;
    void *memory;               // sodium_malloc: locked where the system allows it, in no dump, wiped when it is freed
};

struct vault {
    struct kept kept[SETS][WAYS];
    size_t gone_count;
    void *gone[VAULT_PLACES];   // let go, but perhaps still in use by this request
    int64_t trimmed;            // when all was last looked at
    uint64_t destroyed;         // the keeper's count then
};

int vault_new(struct vault **ret_vault)
{
    struct vault *vault = calloc(1, sizeof(*vault));
    if (!vault)
        return -ENOMEM;
    *ret_vault = vault;
    return 0;
}

static void wipe_gone(struct vault *vault)
{
    while (vault->gone_count > 0)
        sodium_free(vault->gone[--vault->gone_count]);
}

static void wipe_all(struct vault *vault)
{
    wipe_gone(vault);
    for (size_t i = 0; i < VAULT_PLACES; i++) {
        sodium_free(vault->kept[i / WAYS][i % WAYS].memory);
        vault->kept[i / WAYS][i % WAYS] = (struct kept){ .memory = NULL };
    }
}

void vault_free(struct vault *vault)
{
    if (!vault)
        return;
    wipe_all(vault);
    free(vault);
}

static struct kept *set_of(struct vault *vault, const struct vault_place *place)
{
    uint64_t mixed = (uint64_t)place->dialogue ^ (uint64_t)place->kind << 56 ^ (uint64_t)place->first << 40 ^ (uint64_t)place->before << 20 ^ (uint64_t)place->after;
    return vault->kept[(mixed * UINT64_C(0x9e3779b97f4a7c15)) >> 32 & (SETS - 1)];
}

static bool same_place(const struct vault_place *a, const struct vault_place *b)
{
    return a->dialogue == b->dialogue && a->kind == b->kind && a->first == b->first && a->before == b->before && a->after == b->after && a->count == b->count;
}

static void let_go(struct vault *vault, struct kept *kept)
{
    if (kept->memory)
        vault->gone[vault->gone_count++] = kept->memory;
    *kept = (struct kept){ .memory = NULL };
}

const void *vault_find(struct vault *vault, const struct vault_place *place, int64_t state, int64_t now)
{
    struct kept *set = set_of(vault, place);
    for (struct kept *kept = set; kept < set + WAYS; kept++) {
        if (!same_place(&kept->place, place))
            continue;
        kept->used = now;
        if (kept->state == state && now - kept->since <= VAULT_MS)
            return kept->memory;
        if (vault->gone_count < VAULT_PLACES)
            let_go(vault, kept);
        return NULL;
    }
    return NULL;
}

void *vault_keep(struct vault *vault, const struct vault_place *place, int64_t state, size_t size, int64_t now)
{
    struct kept *set = set_of(vault, place), *oldest = set;
    size_t whole = (size + 63) & ~(size_t)63;   // what sodium_malloc gives ends with a page, and is aligned as its size is
    if (size == 0 || size > VAULT_SIZE_MAX || vault->gone_count == VAULT_PLACES)
        return NULL;
    for (struct kept *kept = set; kept < set + WAYS; kept++) {
        if (same_place(&kept->place, place)) {
            oldest = kept;
            break;
        }
        if (kept->used < oldest->used)
            oldest = kept;
    }
    let_go(vault, oldest);
    void *memory = sodium_malloc(whole);
    if (memory)
        *oldest = (struct kept){ .place = *place, .state = state, .since = now, .used = now, .memory = memory };
    return memory;
}

void vault_trim(struct vault *vault, uint64_t destroyed, int64_t now)
{
    if (destroyed != vault->destroyed)
        wipe_all(vault);
    vault->destroyed = destroyed;
    wipe_gone(vault);
    if (now - vault->trimmed < VAULT_MS / 60)
        return;
    vault->trimmed = now;
    for (size_t i = 0; i < VAULT_PLACES; i++) {
        struct kept *kept = &vault->kept[i / WAYS][i % WAYS];
        if (kept->memory && now - kept->since > VAULT_MS)
            let_go(vault, kept);
    }
    wipe_gone(vault);
}
