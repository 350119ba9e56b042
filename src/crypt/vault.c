// SPDX-License-Identifier: MPL-2.0
#include "crypt/vault.h"

#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define WAYS 8
#define SETS (VAULT_PLACES / WAYS)
#define SPARES 8   // wiped rooms of a size that wait for the next piece: as many as a request may let go and take

// Of rooms, in whole pages.
static const size_t sizes[] = { 4 << 10, 8 << 10, 16 << 10, 24 << 10, 32 << 10, 48 << 10, 64 << 10, VAULT_SIZE_MAX };
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

// What sodium_malloc gave: locked where the system allows it, in no dump, between guard pages. Making one, and giving it back, takes a dozen
// system calls that stop all threads, more than all the rest of a page that was not kept: so it is wiped and used again.
struct room {
    uint8_t *memory;   // NULL: none
    size_t size;       // which of the sizes
};

struct kept {
    struct vault_place place;   // dialogue 0: free
    int64_t state, since, used;
    struct room room;
    const void *piece;          // at its end, so that the guard page is right behind
};

struct vault {
    struct kept kept[SETS][WAYS];
    size_t gone_count;
    struct room gone[VAULT_PLACES];   // let go, but perhaps still in use by this request
    size_t spare_count[SIZES];
    uint8_t *spares[SIZES][SPARES];
    int64_t trimmed;                  // when all was last looked at
    uint64_t destroyed;               // the keeper's count then
};

int vault_new(struct vault **ret_vault)
{
    struct vault *vault = calloc(1, sizeof(*vault));
    if (!vault)
        return -ENOMEM;
    *ret_vault = vault;
    return 0;
}

static struct room take_room(struct vault *vault, size_t bytes)
{
    struct room room = { .size = 0 };
    while (sizes[room.size] < bytes)
        room.size++;
    size_t *spares = &vault->spare_count[room.size];
    room.memory = *spares > 0 ? vault->spares[room.size][--*spares] : sodium_malloc(sizes[room.size]);
    return room;
}

static void wipe_gone(struct vault *vault)
{
    while (vault->gone_count > 0) {
        struct room room = vault->gone[--vault->gone_count];
        size_t *spares = &vault->spare_count[room.size];
        if (*spares == SPARES) {
            sodium_free(room.memory);   // which wipes it
            continue;
        }
        sodium_memzero(room.memory, sizes[room.size]);
        vault->spares[room.size][(*spares)++] = room.memory;
    }
}

static void free_spares(struct vault *vault)
{
    for (size_t size = 0; size < SIZES; size++)
        while (vault->spare_count[size] > 0)
            sodium_free(vault->spares[size][--vault->spare_count[size]]);
}

static void wipe_all(struct vault *vault)
{
    wipe_gone(vault);
    for (size_t i = 0; i < VAULT_PLACES; i++) {
        sodium_free(vault->kept[i / WAYS][i % WAYS].room.memory);
        vault->kept[i / WAYS][i % WAYS] = (struct kept){ .piece = NULL };
    }
    free_spares(vault);
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
    uint64_t mixed = (uint64_t)place->dialogue ^ (uint64_t)place->kind << 56 ^ (uint64_t)place->first << 40 ^ (uint64_t)place->before << 20 ^ (uint64_t)place->after ^
                     (uint64_t)place->reader * 31;
    return vault->kept[(mixed * UINT64_C(0x9e3779b97f4a7c15)) >> 32 & (SETS - 1)];
}

static bool same_place(const struct vault_place *a, const struct vault_place *b)
{
    return a->dialogue == b->dialogue && a->kind == b->kind && a->first == b->first && a->before == b->before && a->after == b->after && a->count == b->count &&
           a->reader == b->reader && a->read == b->read && a->day == b->day;
}

static void let_go(struct vault *vault, struct kept *kept)
{
    if (kept->piece)
        vault->gone[vault->gone_count++] = kept->room;
    *kept = (struct kept){ .piece = NULL };
}

const void *vault_find(struct vault *vault, const struct vault_place *place, int64_t state, int64_t now)
{
    struct kept *set = set_of(vault, place);
    for (struct kept *kept = set; kept < set + WAYS; kept++) {
        if (!same_place(&kept->place, place))
            continue;
        kept->used = now;
        if (kept->state == state && now - kept->since <= VAULT_MS)
            return kept->piece;
        if (vault->gone_count < VAULT_PLACES)
            let_go(vault, kept);
        return NULL;
    }
    return NULL;
}

void *vault_keep(struct vault *vault, const struct vault_place *place, int64_t state, size_t size, int64_t now)
{
    struct kept *set = set_of(vault, place), *oldest = set;
    size_t whole = (size + 63) & ~(size_t)63;   // ends with the room, and is aligned as its size is
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
    struct room room = take_room(vault, whole);
    if (!room.memory)
        return NULL;
    void *piece = room.memory + sizes[room.size] - whole;
    *oldest = (struct kept){ .place = *place, .state = state, .since = now, .used = now, .room = room, .piece = piece };
    return piece;
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
        if (kept->piece && now - kept->since > VAULT_MS)
            let_go(vault, kept);
    }
    wipe_gone(vault);
    free_spares(vault);
}
