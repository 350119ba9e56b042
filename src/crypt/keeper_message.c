// SPDX-License-Identifier: MPL-2.0
#include "crypt/keeper_message.h"

#include <sodium.h>

// A wrapped key: algorithm (1) | master key version (4, big-endian) | zero (3) | nonce (24) | key (32) | tag (16). The first eight
// bytes are bound as associated data too. Wrapped is under the master key that is used, unwrapped under whichever it was wrapped with.
#define WRAP_HEAD 8
#define WRAP_NONCE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define WRAP_TAG crypto_aead_xchacha20poly1305_ietf_ABYTES

// The first byte says what it is: a key, a key that needs a share too, a share. None of the three opens as another.
enum wrap_kind { WRAP_KEY = 1, WRAP_SHARED, WRAP_SHARE };

_Static_assert(WRAP_HEAD + WRAP_NONCE + KEEPER_KEY + WRAP_TAG == KEEPER_WRAPPED, "layout of a wrapped key");
_Static_assert(crypto_sign_SECRETKEYBYTES == 64 && crypto_sign_SEEDBYTES == KEEPER_KEY, "layout of the signing key");

struct request {
    enum keeper_operation operation;
    const uint8_t *fixed;
    struct bytes variable;
};

// 'area' keeps what the keeper uses itself apart from what it gives away: no purpose that a caller names leads to another area's key.
static void make_wrapping(const uint8_t master[KEEPER_KEY], uint8_t ret_key[KEEPER_KEY])
{
    key_derive(master, "samtraad wrap  ", bytes_from("", 0), ret_key);
}

void keeper_secret_make(struct key_file *file, struct keeper_secret *ret_secret)
{
    key_file_carry(file);
    ret_secret->count = file->count;
    ret_secret->used = file->uses_older ? 1 : 0;
    for (unsigned i = 0; i < file->count; i++) {
        ret_secret->version[i] = file->masters[i].version;
        make_wrapping(file->masters[i].key, ret_secret->wrapping[i]);
    }
    memcpy(ret_secret->derived, file->carried, sizeof(ret_secret->derived));
    crypto_sign_seed_keypair(ret_secret->public_key, ret_secret->signing, file->carried[KEY_SIGNING]);
    crypto_box_keypair(ret_secret->box_public, ret_secret->box_secret);
}

static bool variable_fits(enum keeper_operation operation, size_t len)
{
    switch (operation) {
    case KEEPER_WRAP:
    case KEEPER_UNWRAP:
    case KEEPER_WRAP_SHARED:
    case KEEPER_UNWRAP_SHARED:
    case KEEPER_REWRAP_SHARED:
        return len <= KEEPER_VARIABLE_MAX;
    case KEEPER_ADMIT:
        return len == KEEPER_ADMISSION + KEEPER_BOX_OVERHEAD;
    case KEEPER_DERIVE:
        return len >= 1 && len <= KEEPER_PURPOSE_MAX;
    case KEEPER_SIGN:
        return len >= 1 && len <= KEEPER_VARIABLE_MAX;
    case KEEPER_GIVE_PUBLIC_KEY:
    case KEEPER_MAKE_SHARE:
    case KEEPER_GIVE_VERSIONS:
    case KEEPER_RETIRE:
    case KEEPER_REWRAP_SHARE:
    case KEEPER_USE:
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
    case KEEPER_REWRAP_SHARE:
        return KEEPER_WRAPPED;
    case KEEPER_WRAP_SHARED:
        return KEEPER_KEY + KEEPER_WRAPPED;
    case KEEPER_UNWRAP_SHARED:
    case KEEPER_REWRAP_SHARED:
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
    if (packet.ptr[1] < KEEPER_WRAP || packet.ptr[1] > KEEPER_USE)
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

static void put_number(uint8_t *bytes, uint32_t number)
{
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(number >> (24 - 8 * i));
}

static uint32_t get_number(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

// A key wrapped under another: what it is (its head) and where it belongs (associated) are bound.
struct wrapping {
    const uint8_t *key;
    enum wrap_kind kind;
    uint32_t version;
    struct bytes associated;
};

static size_t bind(const struct wrapping *with, uint8_t bound[WRAP_HEAD + KEEPER_VARIABLE_MAX])
{
    memset(bound, 0, WRAP_HEAD);
    bound[0] = (uint8_t)with->kind;
    put_number(bound + 1, with->version);
    if (with->associated.len > 0)
        memcpy(bound + WRAP_HEAD, with->associated.ptr, with->associated.len);
    return WRAP_HEAD + with->associated.len;
}

static void wrap(const struct wrapping *with, const uint8_t *key, uint8_t *ret_wrapped)
{
    uint8_t bound[WRAP_HEAD + KEEPER_VARIABLE_MAX];
    size_t bound_len = bind(with, bound);
    uint8_t *nonce = ret_wrapped + WRAP_HEAD;

    memcpy(ret_wrapped, bound, WRAP_HEAD);
    randombytes_buf(nonce, WRAP_NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + WRAP_NONCE, NULL, key, KEEPER_KEY, bound, bound_len, NULL, nonce, with->key);
}

static bool unwrap(const struct wrapping *with, const uint8_t *wrapped, uint8_t *ret_key)
{
    uint8_t bound[WRAP_HEAD + KEEPER_VARIABLE_MAX];
    size_t bound_len = bind(with, bound);
    const uint8_t *nonce = wrapped + WRAP_HEAD;

    if (memcmp(wrapped, bound, WRAP_HEAD) != 0)
        return false;
    return crypto_aead_xchacha20poly1305_ietf_decrypt(ret_key, NULL, NULL, nonce + WRAP_NONCE, KEEPER_KEY + WRAP_TAG, bound, bound_len,
                                                      nonce, with->key) == 0;
}

// Which of the master keys something was wrapped under. False: none that is accepted any more, or yet.
static bool find_master(const struct keeper_secret *secret, const uint8_t *wrapped, unsigned *ret_master)
{
    const uint32_t version = get_number(wrapped + 1);

    for (unsigned i = 0; i < secret->count; i++)
        if (secret->version[i] == version) {
            *ret_master = i;
            return true;
        }
    return false;
}

static bool open_share(const struct keeper_secret *secret, const uint8_t *share, uint8_t ret_plain[KEEPER_KEY])
{
    unsigned master;

    if (!find_master(secret, share, &master))
        return false;
    return unwrap(&(struct wrapping){ secret->wrapping[master], WRAP_SHARE, secret->version[master], bytes_from("", 0) }, share, ret_plain);
}

static void wrap_share(const struct keeper_secret *secret, const uint8_t plain[KEEPER_KEY], uint8_t *ret_share)
{
    wrap(&(struct wrapping){ secret->wrapping[secret->used], WRAP_SHARE, secret->version[secret->used], bytes_from("", 0) }, plain, ret_share);
}

static size_t make_share(const struct keeper_secret *secret, uint8_t *ret_share)
{
    uint8_t plain[KEEPER_KEY];

    randombytes_buf(plain, sizeof(plain));
    wrap_share(secret, plain, ret_share);
    sodium_memzero(plain, sizeof(plain));
    return KEEPER_WRAPPED;
}

static size_t rewrap_share(const struct keeper_secret *secret, const uint8_t *share, uint8_t *ret_share)
{
    uint8_t plain[KEEPER_KEY];
    bool genuine = open_share(secret, share, plain);

    if (genuine)
        wrap_share(secret, plain, ret_share);
    sodium_memzero(plain, sizeof(plain));
    return genuine ? KEEPER_WRAPPED : 0;
}

// The wrapping key of whoever has this share, under one of the master keys.
static bool share_key(const struct keeper_secret *secret, const uint8_t *share, unsigned master, uint8_t ret_key[KEEPER_KEY])
{
    uint8_t plain[KEEPER_KEY];
    bool genuine = open_share(secret, share, plain);

    if (genuine)
        key_derive(secret->wrapping[master], "samtraad shared", bytes_from(plain, sizeof(plain)), ret_key);
    sodium_memzero(plain, sizeof(plain));
    return genuine;
}

static size_t wrap_shared(const struct keeper_secret *secret, const uint8_t *plain, const uint8_t *share, struct bytes associated, uint8_t *ret_result)
{
    uint8_t key[KEEPER_KEY];

    if (!share_key(secret, share, secret->used, key))
        return 0;
    wrap(&(struct wrapping){ key, WRAP_SHARED, secret->version[secret->used], associated }, plain, ret_result);
    sodium_memzero(key, sizeof(key));
    return KEEPER_WRAPPED;
}

static size_t unwrap_shared(const struct keeper_secret *secret, const uint8_t *wrapped, const uint8_t *share, struct bytes associated, uint8_t *ret_plain)
{
    uint8_t key[KEEPER_KEY];
    unsigned master;

    if (!find_master(secret, wrapped, &master) || !share_key(secret, share, master, key))
        return 0;
    bool genuine = unwrap(&(struct wrapping){ key, WRAP_SHARED, secret->version[master], associated }, wrapped, ret_plain);
    sodium_memzero(key, sizeof(key));
    return genuine ? KEEPER_KEY : 0;
}

static size_t rewrap_shared(const struct keeper_secret *secret, const struct request *request, uint8_t *ret_result)
{
    const uint8_t *share = request->fixed + KEEPER_WRAPPED;
    uint8_t plain[KEEPER_KEY];
    size_t len = unwrap_shared(secret, request->fixed, share, request->variable, plain);

    if (len > 0)
        len = wrap_shared(secret, plain, share, request->variable, ret_result);
    sodium_memzero(plain, sizeof(plain));
    return len;
}

static size_t wrap_plain(const struct keeper_secret *secret, const struct request *request, uint8_t *ret_result)
{
    wrap(&(struct wrapping){ secret->wrapping[secret->used], WRAP_KEY, secret->version[secret->used], request->variable }, request->fixed, ret_result);
    return KEEPER_WRAPPED;
}

static size_t unwrap_plain(const struct keeper_secret *secret, const struct request *request, uint8_t *ret_result)
{
    unsigned master;

    if (!find_master(secret, request->fixed, &master))
        return 0;
    const struct wrapping with = { secret->wrapping[master], WRAP_KEY, secret->version[master], request->variable };
    return unwrap(&with, request->fixed, ret_result) ? KEEPER_KEY : 0;
}

static size_t derived(const struct keeper_secret *secret, struct bytes purpose, uint8_t *ret_result)
{
    for (size_t i = 0; i < KEY_PURPOSES; i++)
        if (str_equal(str_from(key_purposes[i]), bytes_str(purpose))) {
            memcpy(ret_result, secret->derived[i], KEEPER_KEY);
            return KEEPER_KEY;
        }
    return 0;
}

// Whoever sends the next master key shows that they have this one, which goes on wrapping: the others may not know the next one yet.
static bool admit(struct keeper_secret *secret, struct bytes box)
{
    uint8_t plain[KEEPER_ADMISSION], wrapping[KEEPER_KEY];
    const uint8_t *next = plain + 4 + KEEPER_KEY;
    bool genuine = crypto_box_seal_open(plain, box.ptr, box.len, secret->box_public, secret->box_secret) == 0;

    if (genuine) {
        make_wrapping(plain + 4, wrapping);
        genuine = get_number(plain) == secret->version[0] && sodium_memcmp(wrapping, secret->wrapping[0], KEEPER_KEY) == 0 &&
                  get_number(next) > secret->version[0] && secret->count == 1;
    }
    if (genuine) {
        memcpy(secret->wrapping[1], secret->wrapping[0], KEEPER_KEY);
        secret->version[1] = secret->version[0];
        make_wrapping(next + 4, secret->wrapping[0]);
        secret->version[0] = get_number(next);
        secret->count = 2;
        secret->used = 1;
    }
    sodium_memzero(plain, sizeof(plain));
    sodium_memzero(wrapping, sizeof(wrapping));
    return genuine;
}

static size_t give_versions(const struct keeper_secret *secret, uint8_t *ret_result)
{
    put_number(ret_result, secret->version[0]);
    put_number(ret_result + 4, secret->version[secret->used]);
    put_number(ret_result + 8, secret->version[secret->count - 1]);
    memcpy(ret_result + 12, secret->box_public, KEEPER_KEY);
    return KEEPER_VERSIONS_BYTES;
}

// The operations that give bytes of their own; 0: what was to be opened is not authentic.
static size_t answer(struct keeper_secret *secret, const struct request *request, uint8_t *result)
{
    switch (request->operation) {
    case KEEPER_WRAP:
        return wrap_plain(secret, request, result);
    case KEEPER_UNWRAP:
        return unwrap_plain(secret, request, result);
    case KEEPER_MAKE_SHARE:
        return make_share(secret, result);
    case KEEPER_WRAP_SHARED:
        return wrap_shared(secret, request->fixed, request->fixed + KEEPER_KEY, request->variable, result);
    case KEEPER_UNWRAP_SHARED:
        return unwrap_shared(secret, request->fixed, request->fixed + KEEPER_WRAPPED, request->variable, result);
    case KEEPER_REWRAP_SHARE:
        return rewrap_share(secret, request->fixed, result);
    case KEEPER_REWRAP_SHARED:
        return rewrap_shared(secret, request, result);
    case KEEPER_SIGN:
        crypto_sign_detached(result, NULL, request->variable.ptr, request->variable.len, secret->signing);
        return KEEPER_SIGNATURE;
    case KEEPER_GIVE_PUBLIC_KEY:
        memcpy(result, secret->public_key, KEEPER_PUBLIC_KEY);
        return KEEPER_PUBLIC_KEY;
    case KEEPER_GIVE_VERSIONS:
        return give_versions(secret, result);
    default:
        return 0;
    }
}

// The key that wraps is not forgotten.
static bool retire(struct keeper_secret *secret)
{
    if (secret->used == 1)
        return false;
    sodium_memzero(secret->wrapping[1], KEEPER_KEY);
    secret->version[1] = 0;
    secret->count = 1;
    return true;
}

// The operations that change what master keys there are, or which one wraps.
static enum keeper_status turn(struct keeper_secret *secret, const struct request *request)
{
    if (request->operation == KEEPER_ADMIT)
        return admit(secret, request->variable) ? KEEPER_DONE : KEEPER_NOT_AUTHENTIC;
    if (request->operation == KEEPER_RETIRE)
        return retire(secret) ? KEEPER_DONE : KEEPER_REFUSED;
    secret->used = 0;
    return KEEPER_DONE;
}

size_t keeper_answer(struct keeper_secret *secret, struct bytes packet, uint8_t ret_reply[KEEPER_REPLY_MAX])
{
    struct request request;
    size_t len = 0;

    ret_reply[0] = KEEPER_FORMAT;
    ret_reply[1] = KEEPER_REFUSED;
    if (!request_read(packet, &request))
        return KEEPER_REPLY_HEAD;
    if (request.operation == KEEPER_DERIVE) {
        len = derived(secret, request.variable, ret_reply + KEEPER_REPLY_HEAD);
        ret_reply[1] = len > 0 ? KEEPER_DONE : KEEPER_REFUSED;
    } else if (request.operation == KEEPER_ADMIT || request.operation == KEEPER_USE || request.operation == KEEPER_RETIRE) {
        ret_reply[1] = (uint8_t)turn(secret, &request);
    } else {
        len = answer(secret, &request, ret_reply + KEEPER_REPLY_HEAD);
        ret_reply[1] = len > 0 ? KEEPER_DONE : KEEPER_NOT_AUTHENTIC;
    }
    return KEEPER_REPLY_HEAD + len;
}
