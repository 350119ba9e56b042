// SPDX-License-Identifier: MPL-2.0
#include "crypt/seal.h"

#include "crypt/data_key.h"
#include "crypt/fixed.h"
#include "crypt/nonces.h"

#include <errno.h>
#include <sodium.h>

#define ALGORITHM 1
#define PLACE_BOUND (1 + INSTALLATION + 5 * 8)
#define BEFORE (1 + COMMITMENT + SEAL_NONCE)

_Static_assert(BEFORE + SEAL_TAG == SEAL_OVERHEAD, "layout of a sealed value");
_Static_assert(NONCE == SEAL_NONCE, "a nonce of AES-GCM");

static int bind(const struct data_key *key, const struct seal_place *place, uint8_t bound[PLACE_BOUND])
{
    uint8_t *at = bound;

    *at++ = ALGORITHM;
    at = fixed_put(at, keyring_installation(key->keyring), INSTALLATION);
    at = fixed_i64(at, place->type);
    at = fixed_i64(at, place->dialogue);
    at = fixed_i64(at, place->epoch);
    at = fixed_i64(at, place->object);
    at = fixed_i64(at, place->version);
    return (int)(at - bound);
}

int seal(struct data_key *key, const struct seal_place *place, struct bytes plain, struct arena *arena, struct bytes *ret_sealed)
{
    EVP_CIPHER_CTX *context = data_key_sealing(key);
    uint8_t bound[PLACE_BOUND];
    int bound_len = bind(key, place, bound);
    uint8_t *sealed;
    uint8_t *at;
    int n;

    if (plain.len > SEAL_PLAIN_MAX)
        return -EMSGSIZE;
    sealed = arena_alloc(arena, plain.len + SEAL_OVERHEAD);
    if (!context || !sealed)
        return -ENOMEM;
    sealed[0] = ALGORITHM;
    at = fixed_put(sealed + 1, key->commitment, COMMITMENT);
    at = fixed_put(at, keyring_nonce(key->keyring), SEAL_NONCE);
    if (EVP_EncryptInit_ex2(context, NULL, NULL, at - SEAL_NONCE, NULL) != 1 ||
        EVP_EncryptUpdate(context, NULL, &n, bound, bound_len) != 1 ||
        (plain.len > 0 && EVP_EncryptUpdate(context, at, &n, plain.ptr, (int)plain.len) != 1) ||
        EVP_EncryptFinal_ex(context, at + plain.len, &n) != 1 ||
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG, at + plain.len) != 1)
        return -EIO;
    *ret_sealed = bytes_from(sealed, plain.len + SEAL_OVERHEAD);
    return 0;
}

int unseal(struct data_key *key, const struct seal_place *place, struct bytes sealed, struct arena *arena, struct bytes *ret_plain)
{
    EVP_CIPHER_CTX *context = data_key_opening(key);
    uint8_t bound[PLACE_BOUND];
    int bound_len = bind(key, place, bound);
    uint8_t tag[SEAL_TAG];
    uint8_t *plain;
    int n;

    if (sealed.len < SEAL_OVERHEAD || sealed.len - SEAL_OVERHEAD > SEAL_PLAIN_MAX || sealed.ptr[0] != ALGORITHM)
        return -EBADMSG;
    if (sodium_memcmp(sealed.ptr + 1, key->commitment, COMMITMENT) != 0)
        return -EBADMSG;
    const size_t len = sealed.len - SEAL_OVERHEAD;
    plain = arena_alloc(arena, len + 1);
    if (!context || !plain)
        return -ENOMEM;
    memcpy(tag, sealed.ptr + BEFORE + len, SEAL_TAG);
    if (EVP_DecryptInit_ex2(context, NULL, NULL, sealed.ptr + 1 + COMMITMENT, NULL) != 1 ||
        EVP_DecryptUpdate(context, NULL, &n, bound, bound_len) != 1 ||
        (len > 0 && EVP_DecryptUpdate(context, plain, &n, sealed.ptr + BEFORE, (int)len) != 1) ||
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG, tag) != 1 ||
        EVP_DecryptFinal_ex(context, plain + len, &n) != 1) {
        sodium_memzero(plain, len);
        return -EBADMSG;
    }
    *ret_plain = bytes_from(plain, len);
    return 0;
}
