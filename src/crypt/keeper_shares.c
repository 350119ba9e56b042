// SPDX-License-Identifier: MPL-2.0
// The server's side of the keeper: shares, and the rotation of the master key.
#include "crypt/keeper_side.h"

#include <errno.h>
#include <sodium.h>

int keeper_open_shares(struct keeper *keeper, const char *file, bool make)
{
    _Static_assert(SHARE_BYTES == KEEPER_WRAPPED, "a share is a wrapped key");
    return shares_open(file, make, &keeper->shares);
}

int64_t keeper_shares(const struct keeper *keeper)
{
    return keeper->shares ? shares_count(keeper->shares) : 0;
}

static int make_shares(struct keeper *keeper)
{
    uint8_t made[KEEPER_SHARES_AT_ONCE * SHARE_BYTES];
    int r = 0;

    for (size_t i = 0; i < KEEPER_SHARES_AT_ONCE && r == 0; i++)
        r = keeper_ask(keeper, KEEPER_MAKE_SHARE, bytes_from("", 0), bytes_from("", 0), made + i * SHARE_BYTES, SHARE_BYTES);
    return r < 0 ? r : shares_append(keeper->shares, made, KEEPER_SHARES_AT_ONCE);
}

int keeper_take_share(struct keeper *keeper, int64_t newest, int64_t *ret_share)
{
    uint8_t wrapped[KEEPER_WRAPPED];
    int64_t share = newest;
    int r;

    if (!keeper->shares)
        return -ENOENT;
    // One that is destroyed, or that a power cut left half written, is passed over.
    do {
        static const uint8_t probe[KEEPER_KEY];
        share++;
        r = shares_follow(keeper->shares, share);
        if (r == 0 && share > shares_count(keeper->shares))
            r = make_shares(keeper);
        if (r == -EAGAIN)   // another server has made them meanwhile
            r = 0;
        if (r == 0)
            r = keeper_wrap_shared(keeper, share, probe, bytes_from("", 0), wrapped);
    } while (r == -EBADMSG);
    if (r == 0)
        *ret_share = share;
    return r;
}

static int ask_with(struct keeper *keeper, enum keeper_operation operation, struct bytes fixed, const uint8_t share[SHARE_BYTES], struct bytes associated,
                    uint8_t *ret_result, size_t result_len)
{
    uint8_t both[KEEPER_FIXED_MAX];

    memcpy(both, fixed.ptr, fixed.len);
    memcpy(both + fixed.len, share, SHARE_BYTES);
    int r = keeper_ask(keeper, operation, bytes_from(both, fixed.len + SHARE_BYTES), associated, ret_result, result_len);
    sodium_memzero(both, sizeof(both));
    return r;
}

// Another server may have been replacing the share, or have died replacing it: what does not open is asked again with what stands there then.
static int ask_shared(struct keeper *keeper, enum keeper_operation operation, int64_t share, struct bytes fixed, struct bytes associated,
                      uint8_t *ret_result, size_t result_len)
{
    uint8_t there[SHARE_BYTES], again[SHARE_BYTES];
    int r = keeper->shares ? shares_get(keeper->shares, share, there) : -ENOENT;

    r = r < 0 ? r : ask_with(keeper, operation, fixed, there, associated, ret_result, result_len);
    if (r != -EBADMSG)
        return r == -ENOENT ? -EBADMSG : r;
    r = shares_refresh(keeper->shares);
    r = r < 0 ? r : shares_get(keeper->shares, share, again);
    if (r < 0 || memcmp(there, again, sizeof(again)) == 0)
        return r == -ENOENT || r == 0 ? -EBADMSG : r;
    return ask_with(keeper, operation, fixed, again, associated, ret_result, result_len);
}

int keeper_wrap_shared(struct keeper *keeper, int64_t share, const uint8_t key[32], struct bytes associated,
                       uint8_t ret_wrapped[KEEPER_WRAPPED])
{
    return ask_shared(keeper, KEEPER_WRAP_SHARED, share, bytes_from(key, KEEPER_KEY), associated, ret_wrapped, KEEPER_WRAPPED);
}

int keeper_unwrap_shared(struct keeper *keeper, int64_t share, struct bytes wrapped, struct bytes associated, uint8_t ret_key[32])
{
    if (wrapped.len != KEEPER_WRAPPED)
        return -EBADMSG;
    return ask_shared(keeper, KEEPER_UNWRAP_SHARED, share, wrapped, associated, ret_key, KEEPER_KEY);
}

static uint32_t version_at(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

int keeper_versions(struct keeper *keeper, struct keeper_versions *ret_versions)
{
    uint8_t told[KEEPER_VERSIONS_BYTES];
    int r = keeper_ask(keeper, KEEPER_GIVE_VERSIONS, bytes_from("", 0), bytes_from("", 0), told, sizeof(told));

    if (r < 0)
        return r;
    *ret_versions = (struct keeper_versions){ .newest = version_at(told), .used = version_at(told + 4), .lowest = version_at(told + 8) };
    memcpy(ret_versions->box, told + 12, sizeof(ret_versions->box));
    __atomic_store_n(&keeper->used, ret_versions->used, __ATOMIC_SEQ_CST);
    return 0;
}

int keeper_admit(struct keeper *keeper, const uint8_t box[KEEPER_ADMISSION_BOX])
{
    _Static_assert(KEEPER_ADMISSION_BOX == KEEPER_ADMISSION + KEEPER_BOX_OVERHEAD, "a sealed box");

    return keeper_ask(keeper, KEEPER_ADMIT, bytes_from("", 0), bytes_from(box, KEEPER_ADMISSION_BOX), NULL, 0);
}

int keeper_use(struct keeper *keeper)
{
    struct keeper_versions versions;
    int r = keeper_ask(keeper, KEEPER_USE, bytes_from("", 0), bytes_from("", 0), NULL, 0);

    return r < 0 ? r : keeper_versions(keeper, &versions);
}

int keeper_retire(struct keeper *keeper)
{
    return keeper_ask(keeper, KEEPER_RETIRE, bytes_from("", 0), bytes_from("", 0), NULL, 0);
}

bool keeper_is_current(const struct keeper *keeper, const uint8_t wrapped[KEEPER_WRAPPED])
{
    return version_at(wrapped + 1) == __atomic_load_n(&keeper->used, __ATOMIC_SEQ_CST);
}

// What is destroyed, or was cut short by a crash, stays as it is.
static int rewrap_list(struct keeper *keeper, uint8_t *list, size_t many, bool *ret_any)
{
    int r = 0;

    for (size_t i = 0; i < many && r == 0; i++) {
        uint8_t *share = list + i * SHARE_BYTES;

        if (keeper_is_current(keeper, share))
            continue;
        r = keeper_ask(keeper, KEEPER_REWRAP_SHARE, bytes_from(share, SHARE_BYTES), bytes_from("", 0), share, SHARE_BYTES);
        *ret_any = *ret_any || r == 0;
        r = r == -EBADMSG ? 0 : r;
    }
    return r;
}

int keeper_rewrap_shares(struct keeper *keeper, int64_t from, int64_t *ret_next)
{
    uint8_t before[KEEPER_REWRAP_SHARES * SHARE_BYTES], list[KEEPER_REWRAP_SHARES * SHARE_BYTES];
    bool any = false;
    int r = keeper->shares ? shares_refresh(keeper->shares) : 0;
    const int64_t rest = keeper_shares(keeper) - from + 1;
    const size_t many = rest < KEEPER_REWRAP_SHARES ? (size_t)(rest > 0 ? rest : 0) : KEEPER_REWRAP_SHARES;

    r = r < 0 || many == 0 ? r : shares_read(keeper->shares, from, before, many);
    if (r == 0 && many > 0) {
        memcpy(list, before, many * SHARE_BYTES);
        r = rewrap_list(keeper, list, many, &any);
    }
    if (r == 0 && any)
        r = shares_replace(keeper->shares, from, before, list, many);
    if (r == 0)
        *ret_next = many == KEEPER_REWRAP_SHARES ? from + KEEPER_REWRAP_SHARES : 0;
    return r;
}

int keeper_rewrap_shared(struct keeper *keeper, int64_t share, struct bytes wrapped, struct bytes associated, uint8_t ret_wrapped[KEEPER_WRAPPED])
{
    if (wrapped.len != KEEPER_WRAPPED)
        return -EBADMSG;
    return ask_shared(keeper, KEEPER_REWRAP_SHARED, share, wrapped, associated, ret_wrapped, KEEPER_WRAPPED);
}

int keeper_destroy_share(struct keeper *keeper, int64_t share)
{
    int r = keeper->shares ? shares_destroy(keeper->shares, share) : -ENOENT;

    if (r == 0)
        __atomic_add_fetch(&keeper->destroyed, 1, __ATOMIC_SEQ_CST);
    return r;
}

bool keeper_share_destroyed(const struct keeper *keeper, int64_t share)
{
    uint8_t there[SHARE_BYTES];

    if (!keeper->shares || share < 1 || shares_follow(keeper->shares, share) < 0 || share > shares_count(keeper->shares))
        return false;
    return shares_get(keeper->shares, share, there) == -ENOENT;
}

int64_t keeper_next_destroyed(const struct keeper *keeper, int64_t behind)
{
    return keeper->shares ? shares_next_destroyed(keeper->shares, behind) : 0;
}

bool keeper_note_destroyed(struct keeper *keeper, int64_t total)
{
    int64_t before = __atomic_load_n(&keeper->noted, __ATOMIC_SEQ_CST);

    while (before < total)
        if (__atomic_compare_exchange_n(&keeper->noted, &before, total, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
            __atomic_add_fetch(&keeper->destroyed, 1, __ATOMIC_SEQ_CST);
            return true;
        }
    return false;
}

uint64_t keeper_destroyed(const struct keeper *keeper)
{
    return __atomic_load_n(&keeper->destroyed, __ATOMIC_SEQ_CST);
}
