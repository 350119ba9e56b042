// SPDX-License-Identifier: MPL-2.0
#include "crypt/keeper_message.h"

#include <sodium.h>

// A wrapped key: algorithm (1) | master key version (4, big-endian) | zero (3) | nonce (24) | key (32) | tag (16). The first eight
// bytes are bound as associated data too.
#define WRAP_HEAD 8
#define WRAP_NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define WRAP_TAG crypto_aead_xchacha20poly1305_ietf_ABYTES

static const uint8_t wrap_head[WRAP_HEAD] = { 1, 0, 0, 0, 1, 0, 0, 0 };
// The same under a key that needs a share too, and a share itself: none of the three opens as another.
static const uint8_t shared_head[WRAP_HEAD] = { 2, 0, 0, 0, 1, 0, 0, 0 };
static const uint8_t share_head[WRAP_HEAD] = { 3, 0, 0, 0, 1, 0, 0, 0 };

_Static_assert(WRAP_HEAD + WRAP_NONCE + KEEPER_KEY + WRAP_TAG == KEEPER_WRAPPED, "layout of a wrapped key");
_Static_assert(crypto_sign_SECRETKEYBYTES == 64 && crypto_sign_SEEDBYTES == KEEPER_KEY, "layout of the signing key");

struct request {
    enum keeper_operation operation;
    const uint8_t *fixed;
    struct bytes variable;
};

// 'area' keeps what the keeper uses itself apart from what it gives away: no purpose that a caller names leads to another area's key.
static void derive(const uint8_t master[KEEPER_KEY], const char area[16], struct bytes purpose, uint8_t ret_key[KEEPER_KEY])
{
    uint8_t personal[crypto_generichash_blake2b_PERSONALBYTES];

    memcpy(personal, area, sizeof(personal));
    crypto_generichash_blake2b_salt_personal(ret_key, KEEPER_KEY, purpose.ptr, purpose.len, master, KEEPER_KEY, NULL, personal);
}

void keeper_secret_derive(struct keeper_secret *secret)
{
    uint8_t seed[KEEPER_KEY];

    derive(secret->master, "samtraad wrap  ", bytes_from("", 0), secret->wrapping);
    derive(secret->master, "samtraad sign  ", bytes_from("", 0), seed);
    crypto_sign_seed_keypair(secret->public_key, secret->signing, seed);
    sodium_memzero(seed, sizeof(seed));
}

static bool variable_fits(enum keeper_operation operation, size_t len)
{
    switch (operation) {
    case KEEPER_WRAP:
    case KEEPER_UNWRAP:
    case KEEPER_WRAP_SHARED:
    case KEEPER_UNWRAP_SHARED:
        return len <= KEEPER_VARIABLE_MAX;
    case KEEPER_DERIVE:
        return len >= 1 && len <= KEEPER_PURPOSE_MAX;
    case KEEPER_SIGN:
        return len >= 1 && len <= KEEPER_VARIABLE_MAX;
    case KEEPER_GIVE_PUBLIC_KEY:
    case KEEPER_MAKE_SHARE:
        return len == 0;
    case KEEPER_UNSET:
        break;
    }
    return false;
}

static size_t fixed_len(enum keeper_operation operation)
{
    switch (operation) {
    case KEEPER_WRAP:
        return KEEPER_KEY;
    case KEEPER_UNWRAP:
        return KEEPER_WRAPPED;
    case KEEPER_WRAP_SHARED:
        return KEEPER_KEY + KEEPER_WRAPPED;
    case KEEPER_UNWRAP_SHARED:
        return KEEPER_WRAPPED + KEEPER_WRAPPED;
    default:
        return 0;
    }
}

static bool request_read(struct bytes packet, struct request *ret_request)
{
    size_t fixed;
    size_t variable;

    if (packet.len < KEEPER_HEAD || packet.len > KEEPER_REQUEST_MAX || packet.ptr[0] != KEEPER_FORMAT)
        return false;
    if (packet.ptr[1] < KEEPER_WRAP || packet.ptr[1] > KEEPER_UNWRAP_SHARED)
        return false;
    enum keeper_operation operation = (enum keeper_operation)packet.ptr[1];
    fixed = fixed_len(operation);
    variable = (size_t)packet.ptr[2] << 8 | packet.ptr[3];
    if (!variable_fits(operation, variable) || packet.len != KEEPER_HEAD + fixed + variable)
        return false;

    *ret_request = (struct request){
        .operation = operation,
        .fixed = packet.ptr + KEEPER_HEAD,
        .variable = bytes_from(packet.ptr + KEEPER_HEAD + fixed, variable),
    };
    return true;
}

// A key wrapped under another: what it is (its head) and where it belongs (associated) are bound.
struct wrapping {
    const uint8_t *key;
    const uint8_t *head;
    struct bytes associated;
};

static size_t bind(const struct wrapping *with, uint8_t bound[WRAP_HEAD + KEEPER_VARIABLE_MAX])
{
    memcpy(bound, with->head, WRAP_HEAD);
    if (with->associated.len > 0)
        memcpy(bound + WRAP_HEAD, with->associated.ptr, with->associated.len);
    return WRAP_HEAD + with->associated.len;
}

static void wrap(const struct wrapping *with, const uint8_t *key, uint8_t *ret_wrapped)
{
    uint8_t bound[WRAP_HEAD + KEEPER_VARIABLE_MAX];
    size_t bound_len = bind(with, bound);
    uint8_t *nonce = ret_wrapped + WRAP_HEAD;

    memcpy(ret_wrapped, with->head, WRAP_HEAD);
    randombytes_buf(nonce, WRAP_NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + WRAP_NONCE, NULL, key, KEEPER_KEY, bound, bound_len, NULL, nonce, with->key);
}

static bool unwrap(const struct wrapping *with, const uint8_t *wrapped, uint8_t *ret_key)
{
    uint8_t bound[WRAP_HEAD + KEEPER_VARIABLE_MAX];
    size_t bound_len = bind(with, bound);
    const uint8_t *nonce = wrapped + WRAP_HEAD;

    if (memcmp(wrapped, with->head, WRAP_HEAD) != 0)
        return false;
    return crypto_aead_xchacha20poly1305_ietf_decrypt(ret_key, NULL, NULL, nonce + WRAP_NONCE, KEEPER_KEY + WRAP_TAG, bound, bound_len,
                                                      nonce, with->key) == 0;
}

static void make_share(const struct keeper_secret *secret, uint8_t *ret_share)
{
    const struct wrapping with = { secret->wrapping, share_head, bytes_from("", 0) };
    uint8_t plain[KEEPER_KEY];

    randombytes_buf(plain, sizeof(plain));
    wrap(&with, plain, ret_share);
    sodium_memzero(plain, sizeof(plain));
}

// The wrapping key of whoever has this share.
static bool share_key(const struct keeper_secret *secret, const uint8_t *share, uint8_t ret_key[KEEPER_KEY])
{
    const struct wrapping with = { secret->wrapping, share_head, bytes_from("", 0) };
    uint8_t plain[KEEPER_KEY];
    bool genuine = unwrap(&with, share, plain);

    if (genuine)
        derive(secret->wrapping, "samtraad shared", bytes_from(plain, sizeof(plain)), ret_key);
    sodium_memzero(plain, sizeof(plain));
    return genuine;
}

// Gives the result's length; 0 when share or wrapped key is not authentic.
static size_t answer_shared(const struct keeper_secret *secret, const struct request *request, uint8_t *ret_result)
{
    const bool wraps = request->operation == KEEPER_WRAP_SHARED;
    uint8_t key[KEEPER_KEY];
    const struct wrapping with = { key, shared_head, request->variable };
    size_t len = 0;

    if (!share_key(secret, request->fixed + (wraps ? KEEPER_KEY : KEEPER_WRAPPED), key))
        return 0;
    if (wraps) {
        wrap(&with, request->fixed, ret_result);
        len = KEEPER_WRAPPED;
    } else if (unwrap(&with, request->fixed, ret_result)) {
        len = KEEPER_KEY;
    }
    sodium_memzero(key, sizeof(key));
    return len;
}

size_t keeper_answer(const struct keeper_secret *secret, struct bytes packet, uint8_t ret_reply[KEEPER_REPLY_MAX])
{
    struct request request;
    uint8_t *result = ret_reply + KEEPER_REPLY_HEAD;
    size_t len = 0;

    ret_reply[0] = KEEPER_FORMAT;
    ret_reply[1] = KEEPER_REFUSED;
    if (!request_read(packet, &request))
        return KEEPER_REPLY_HEAD;

    const struct wrapping with = { secret->wrapping, wrap_head, request.variable };
    ret_reply[1] = KEEPER_DONE;
    switch (request.operation) {
    case KEEPER_WRAP:
        wrap(&with, request.fixed, result);
        len = KEEPER_WRAPPED;
        break;
    case KEEPER_UNWRAP:
        if (unwrap(&with, request.fixed, result))
            len = KEEPER_KEY;
        else
            ret_reply[1] = KEEPER_NOT_AUTHENTIC;
        break;
    case KEEPER_MAKE_SHARE:
        make_share(secret, result);
        len = KEEPER_WRAPPED;
        break;
    case KEEPER_WRAP_SHARED:
    case KEEPER_UNWRAP_SHARED:
        len = answer_shared(secret, &request, result);
        if (len == 0)
            ret_reply[1] = KEEPER_NOT_AUTHENTIC;
        break;
    case KEEPER_DERIVE:
        derive(secret->master, "samtraad derive", request.variable, result);
        len = KEEPER_KEY;
        break;
    case KEEPER_SIGN:
        crypto_sign_detached(result, NULL, request.variable.ptr, request.variable.len, secret->signing);
        len = KEEPER_SIGNATURE;
        break;
    case KEEPER_GIVE_PUBLIC_KEY:
        memcpy(result, secret->public_key, KEEPER_PUBLIC_KEY);
        len = KEEPER_PUBLIC_KEY;
        break;
    case KEEPER_UNSET:
        break;
    }
    return KEEPER_REPLY_HEAD + len;
}
