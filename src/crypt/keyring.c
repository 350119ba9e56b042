// SPDX-License-Identifier: MPL-2.0
#include "crypt/keyring.h"

#include "crypt/data_key.h"
#include "crypt/fixed.h"
#include "crypt/nonces.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>

#define BUCKETS 4096
#define KEPT_KEYS 4096       // after keyring_trim
#define MOST_KEYS 16384      // between two keyring_trim
#define SLAB_KEYS 128        // their secrets fill one page of guarded memory
#define LOOKUPS (LOOKUP_TOKEN + 1)
#define GRANT_DOMAIN "samtraad grant 1"
#define GRANT_BOUND (16 + INSTALLATION + 5 * 8)

struct slab {
    struct slab *next;
    uint8_t *secrets;
    struct data_key keys[SLAB_KEYS];
};

struct lookup_keys {
    uint8_t key[LOOKUPS][32];
};

struct keyring {
    struct keeper *keeper;
    struct nonces *nonces;
    EVP_CIPHER *cipher;
    struct lookup_keys *lookup_keys;   // guarded
    struct data_key *directory;
    uint8_t installation[INSTALLATION];
    struct slab *slabs;
    struct data_key *free_keys;
    struct data_key *newest, *oldest;
    size_t used;
    uint64_t destroyed;   // keeper_destroyed when the cache was last looked through
    struct data_key *buckets[BUCKETS];
};

static int slab_add(struct keyring *keyring)
{
    struct slab *slab = calloc(1, sizeof(*slab));

    if (!slab)
        return -ENOMEM;
    slab->secrets = sodium_malloc((size_t)SLAB_KEYS * DATA_KEY);
    if (!slab->secrets) {
        free(slab);
        return -ENOMEM;
    }
    for (size_t i = 0; i < SLAB_KEYS; i++) {
        slab->keys[i].secret = slab->secrets + i * DATA_KEY;
        slab->keys[i].chain = keyring->free_keys;
        keyring->free_keys = &slab->keys[i];
    }
    slab->next = keyring->slabs;
    keyring->slabs = slab;
    return 0;
}

static int key_take(struct keyring *keyring, struct data_key **ret_key)
{
    int r = keyring->free_keys ? 0 : slab_add(keyring);

    if (r < 0)
        return r;
    struct data_key *key = keyring->free_keys;
    keyring->free_keys = key->chain;
    *key = (struct data_key){ .keyring = keyring, .secret = key->secret };
    *ret_key = key;
    return 0;
}

static void key_give_back(struct data_key *key)
{
    struct keyring *keyring = key->keyring;

    EVP_CIPHER_CTX_free(key->sealing);
    EVP_CIPHER_CTX_free(key->opening);
    sodium_memzero(key->secret, DATA_KEY);
    *key = (struct data_key){ .secret = key->secret, .chain = keyring->free_keys };
    keyring->free_keys = key;
}

// After the secret was filled in.
static void key_commit(struct data_key *key)
{
    static const uint8_t personal[crypto_generichash_blake2b_PERSONALBYTES] = "samtraad commit";

    crypto_generichash_blake2b_salt_personal(key->commitment, COMMITMENT, NULL, 0, key->secret, DATA_KEY, NULL, personal);
}

static void use_begin(struct data_key *key)
{
    struct keyring *keyring = key->keyring;

    key->newer = NULL;
    key->older = keyring->newest;
    if (keyring->newest)
        keyring->newest->newer = key;
    else
        keyring->oldest = key;
    keyring->newest = key;
}

static void use_end(struct data_key *key)
{
    struct keyring *keyring = key->keyring;

    if (key->newer)
        key->newer->older = key->older;
    else
        keyring->newest = key->older;
    if (key->older)
        key->older->newer = key->newer;
    else
        keyring->oldest = key->newer;
}

static int derive(struct keyring *keyring, const char *purpose, uint8_t ret_key[32])
{
    return keeper_derive(keyring->keeper, str_from(purpose), ret_key);
}

static int derive_all(struct keyring *keyring)
{
    static const char *const purposes[LOOKUPS] = {
        [LOOKUP_LOGIN] = "lookup login",           [LOOKUP_CPR] = "lookup cpr",     [LOOKUP_NAME_BIRTH] = "lookup name and birth",
        [LOOKUP_EMAIL] = "lookup e-mail address", [LOOKUP_TOKEN] = "lookup token",
    };
    uint8_t installation[32];
    int r = derive(keyring, "installation", installation);

    if (r < 0)
        return r;
    memcpy(keyring->installation, installation, INSTALLATION);
    for (size_t i = LOOKUP_UNSET + 1; i < LOOKUPS && r == 0; i++)
        r = derive(keyring, purposes[i], keyring->lookup_keys->key[i]);
    if (r == 0)
        r = key_take(keyring, &keyring->directory);
    if (r == 0)
        r = derive(keyring, "directory data key", keyring->directory->secret);
    if (r < 0)
        return r;
    key_commit(keyring->directory);
    return 0;
}

int keyring_new(struct keeper *keeper, struct keyring **ret_keyring)
{
    struct keyring *keyring = calloc(1, sizeof(*keyring));
    int r;

    if (!keyring)
        return -ENOMEM;
    keyring->keeper = keeper;
    keyring->cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    keyring->lookup_keys = sodium_malloc(sizeof(*keyring->lookup_keys));
    r = nonces_new(&keyring->nonces);
    if (r == 0 && (!keyring->cipher || !keyring->lookup_keys))
        r = -ENOMEM;
    if (r == 0)
        r = derive_all(keyring);
    if (r < 0) {
        keyring_free(keyring);
        return r;
    }
    *ret_keyring = keyring;
    return 0;
}

void keyring_free(struct keyring *keyring)
{
    if (!keyring)
        return;
    while (keyring->newest) {
        struct data_key *key = keyring->newest;
        use_end(key);
        key_give_back(key);
    }
    if (keyring->directory)
        key_give_back(keyring->directory);
    while (keyring->slabs) {
        struct slab *slab = keyring->slabs;
        keyring->slabs = slab->next;
        sodium_free(slab->secrets);
        free(slab);
    }
    sodium_free(keyring->lookup_keys);
    EVP_CIPHER_free(keyring->cipher);
    nonces_free(keyring->nonces);
    free(keyring);
}

// Part of the wrapped key's nonce, which is random.
static struct data_key **bucket(struct keyring *keyring, const uint8_t *wrapped)
{
    uint32_t hash;

    memcpy(&hash, wrapped + 8, sizeof(hash));
    return &keyring->buckets[hash % BUCKETS];
}

void keyring_trim(struct keyring *keyring)
{
    const uint64_t destroyed = keeper_destroyed(keyring->keeper);
    const size_t kept = destroyed == keyring->destroyed ? KEPT_KEYS : 0;

    keyring->destroyed = destroyed;
    while (keyring->used > kept) {
        struct data_key *key = keyring->oldest;

        if (key->granted) {
            struct data_key **link = bucket(keyring, key->wrapped);
            while (*link != key)
                link = &(*link)->chain;
            *link = key->chain;
        }
        use_end(key);
        key_give_back(key);
        keyring->used--;
    }
}

int keyring_create(struct keyring *keyring, struct data_key **ret_key)
{
    struct data_key *key;
    int r = keyring->used < MOST_KEYS ? key_take(keyring, &key) : -ENOBUFS;

    if (r < 0)
        return r;
    randombytes_buf(key->secret, DATA_KEY);
    key_commit(key);
    use_begin(key);
    keyring->used++;
    *ret_key = key;
    return 0;
}

static struct bytes grant_bound(const struct keyring *keyring, const struct grant_place *place, uint8_t bound[GRANT_BOUND])
{
    uint8_t *at = fixed_put(bound, GRANT_DOMAIN, 16);

    at = fixed_put(at, keyring->installation, INSTALLATION);
    at = fixed_i64(at, place->dialogue);
    at = fixed_i64(at, place->epoch);
    at = fixed_i64(at, place->member);
    at = fixed_i64(at, place->role);
    at = fixed_i64(at, place->consent);
    return bytes_from(bound, (size_t)(at - bound));
}

int keyring_wrap(struct keyring *keyring, const struct data_key *key, const struct grant_place *place, struct arena *arena,
                 struct bytes *ret_wrapped)
{
    uint8_t bound[GRANT_BOUND];
    uint8_t *wrapped = arena_alloc(arena, KEEPER_WRAPPED);
    int r;

    if (!wrapped)
        return -ENOMEM;
    r = keeper_wrap_shared(keyring->keeper, place->share, key->secret, grant_bound(keyring, place, bound), wrapped);
    if (r < 0)
        return r;
    *ret_wrapped = bytes_from(wrapped, KEEPER_WRAPPED);
    return 0;
}

int keyring_rewrap(struct keyring *keyring, struct bytes wrapped, const struct grant_place *place, struct arena *arena, struct bytes *ret_wrapped)
{
    uint8_t bound[GRANT_BOUND];

    if (wrapped.len != KEEPER_WRAPPED)
        return -EBADMSG;
    if (keeper_is_current(keyring->keeper, wrapped.ptr))
        return -EALREADY;
    uint8_t *anew = arena_alloc(arena, KEEPER_WRAPPED);
    if (!anew)
        return -ENOMEM;
    int r = keeper_rewrap_shared(keyring->keeper, place->share, wrapped, grant_bound(keyring, place, bound), anew);
    if (r == 0)
        *ret_wrapped = bytes_from(anew, KEEPER_WRAPPED);
    return r;
}

int keyring_take_share(struct keyring *keyring, int64_t newest, int64_t *ret_share)
{
    return keeper_take_share(keyring->keeper, newest, ret_share);
}

static bool same_place(const struct grant_place *a, const struct grant_place *b)
{
    return a->dialogue == b->dialogue && a->epoch == b->epoch && a->member == b->member && a->role == b->role &&
           a->consent == b->consent && a->share == b->share;
}

static struct data_key *find(struct data_key *key, const uint8_t *wrapped, const struct grant_place *place)
{
    while (key && (memcmp(key->wrapped, wrapped, KEEPER_WRAPPED) != 0 || !same_place(&key->place, place)))
        key = key->chain;
    return key;
}

int keyring_unwrap(struct keyring *keyring, struct bytes wrapped, const struct grant_place *place, struct data_key **ret_key)
{
    uint8_t bound[GRANT_BOUND];
    struct data_key **head;
    struct data_key *key;
    int r;

    if (wrapped.len != KEEPER_WRAPPED)
        return -EBADMSG;
    head = bucket(keyring, wrapped.ptr);
    key = find(*head, wrapped.ptr, place);
    if (key) {
        use_end(key);
        use_begin(key);
        *ret_key = key;
        return 0;
    }
    r = keyring->used < MOST_KEYS ? key_take(keyring, &key) : -ENOBUFS;
    if (r < 0)
        return r;
    r = keeper_unwrap_shared(keyring->keeper, place->share, wrapped, grant_bound(keyring, place, bound), key->secret);
    if (r < 0) {
        key_give_back(key);
        return r;
    }
    key_commit(key);
    memcpy(key->wrapped, wrapped.ptr, KEEPER_WRAPPED);
    key->place = *place;
    key->granted = true;
    key->chain = *head;
    *head = key;
    use_begin(key);
    keyring->used++;
    *ret_key = key;
    return 0;
}

struct data_key *keyring_directory(struct keyring *keyring)
{
    return keyring->directory;
}

void keyring_lookup(const struct keyring *keyring, enum lookup kind, struct str value, uint8_t ret_hash[LOOKUP_BYTES])
{
    assert(kind > LOOKUP_UNSET && kind < LOOKUPS);
    crypto_generichash_blake2b(ret_hash, LOOKUP_BYTES, (const uint8_t *)value.ptr, value.len, keyring->lookup_keys->key[kind], 32);
}

EVP_CIPHER_CTX *data_key_sealing(struct data_key *key)
{
    if (!key->sealing) {
        EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
        if (!context || EVP_EncryptInit_ex2(context, key->keyring->cipher, key->secret, NULL, NULL) != 1) {
            EVP_CIPHER_CTX_free(context);
            return NULL;
        }
        key->sealing = context;
    }
    return key->sealing;
}

EVP_CIPHER_CTX *data_key_opening(struct data_key *key)
{
    if (!key->opening) {
        EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
        if (!context || EVP_DecryptInit_ex2(context, key->keyring->cipher, key->secret, NULL, NULL) != 1) {
            EVP_CIPHER_CTX_free(context);
            return NULL;
        }
        key->opening = context;
    }
    return key->opening;
}

const uint8_t *keyring_installation(const struct keyring *keyring)
{
    return keyring->installation;
}

const uint8_t *keyring_nonce(struct keyring *keyring)
{
    return nonces_take(keyring->nonces);
}
