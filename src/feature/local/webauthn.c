// SPDX-License-Identifier: MPL-2.0
#include "feature/local/webauthn.h"

#include "base/cleanup.h"
#include "feature/local/cbor.h"

#include <errno.h>
#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <sodium.h>

// Authenticator data begins with the hash of the relying party's id, flags and a counter (section 6.1).
#define FLAGS_AT         32
#define AUTHENTICATOR_MIN 37
#define CREDENTIAL_AT    (AUTHENTICATOR_MIN + 16 + 2)
#define USER_PRESENT     0x01
#define USER_VERIFIED    0x04
#define HAS_CREDENTIAL   0x40
#define HAS_EXTENSIONS   0x80

// Bytes of a public key, as libfido2 gives it.
#define ES256_BYTES  64
#define EDDSA_BYTES  32
#define RS256_BYTES  259

static void free_cred(fido_cred_t **cred)
{
    fido_cred_free(cred);
}

static void free_assert(fido_assert_t **assertion)
{
    fido_assert_free(assertion);
}

static void decref(json_t **json)
{
    json_decref(*json);
}

const char *webauthn_fault_name(enum webauthn_fault fault)
{
    static const char *const names[WEBAUTHN_FAULT_COUNT] = {
        [WEBAUTHN_SOUND] = "none", [WEBAUTHN_SIZE] = "size", [WEBAUTHN_CLIENT] = "client", [WEBAUTHN_TYPE] = "type", [WEBAUTHN_ORIGIN] = "origin",
        [WEBAUTHN_SITE] = "site", [WEBAUTHN_USER] = "user", [WEBAUTHN_KEY] = "key", [WEBAUTHN_SIGNATURE] = "signature",
    };
    return (unsigned)fault < WEBAUTHN_FAULT_COUNT ? names[fault] : "unknown";
}

struct webauthn_site webauthn_site_of(struct str base_url)
{
    static const char mark[] = "://";
    const char *scheme = memmem(base_url.ptr, base_url.len, mark, sizeof(mark) - 1);
    size_t host = scheme ? (size_t)(scheme - base_url.ptr) + sizeof(mark) - 1 : 0, end = host;
    while (end < base_url.len && base_url.ptr[end] != '/')
        end++;
    struct str id = { base_url.ptr + host, end - host };
    return (struct webauthn_site){ .origin = { base_url.ptr, end }, .id = str_cut(&id, ':') };
}

static int refuse(enum webauthn_fault fault, enum webauthn_fault *ret_fault)
{
    *ret_fault = fault;
    return -EACCES;
}

static struct str text_of_member(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_string(value) ? (struct str){ json_string_value(value), json_string_length(value) } : STR("");
}

int webauthn_client(struct arena *arena, const struct webauthn_site *site, enum webauthn_act act, struct bytes client_data, struct str *ret_challenge,
                    enum webauthn_fault *ret_fault)
{
    if (client_data.len == 0 || client_data.len > WEBAUTHN_CLIENT_DATA_MAX)
        return refuse(WEBAUTHN_SIZE, ret_fault);
    // A name that comes twice would let two readers see two things.
    _cleanup_(decref) json_t *said = json_loadb((const char *)client_data.ptr, client_data.len, JSON_REJECT_DUPLICATES, NULL);
    struct str challenge = text_of_member(said, "challenge");
    if (!json_is_object(said) || challenge.len == 0)
        return refuse(WEBAUTHN_CLIENT, ret_fault);
    if (!str_equal(text_of_member(said, "type"), act == WEBAUTHN_CREATE ? STR("webauthn.create") : STR("webauthn.get")))
        return refuse(WEBAUTHN_TYPE, ret_fault);
    const json_t *inside = json_object_get(said, "crossOrigin");
    if (!str_equal(text_of_member(said, "origin"), site->origin) || (inside && !json_is_false(inside)) || json_object_get(said, "topOrigin"))
        return refuse(WEBAUTHN_ORIGIN, ret_fault);
    struct str copy = arena_str(arena, challenge);
    if (!copy.ptr)
        return -ENOMEM;
    *ret_challenge = copy;
    return 0;
}

// What both acts have at the head of their authenticator data.
static int check_head(const struct webauthn_site *site, struct bytes data, enum webauthn_fault *ret_fault)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    if (data.len < AUTHENTICATOR_MIN || data.len > WEBAUTHN_AUTHENTICATOR_MAX)
        return refuse(WEBAUTHN_SIZE, ret_fault);
    crypto_hash_sha256(hash, (const uint8_t *)site->id.ptr, site->id.len);
    if (memcmp(data.ptr, hash, sizeof(hash)) != 0)
        return refuse(WEBAUTHN_SITE, ret_fault);
    uint8_t wanted = USER_PRESENT | USER_VERIFIED;
    return (data.ptr[FLAGS_AT] & wanted) == wanted ? 0 : refuse(WEBAUTHN_USER, ret_fault);
}

// Behind the head of a new credential: the make of the authenticator, the length of the credential's name, that name, a key, and extensions.
static bool has_credential(struct bytes data)
{
    uint8_t flags = data.ptr[FLAGS_AT];
    if (!(flags & HAS_CREDENTIAL) || data.len < CREDENTIAL_AT)
        return false;
    size_t name = (size_t)data.ptr[CREDENTIAL_AT - 2] << 8 | data.ptr[CREDENTIAL_AT - 1];
    return name > 0 && name <= WEBAUTHN_CREDENTIAL_MAX && name <= data.len - CREDENTIAL_AT &&
           cbor_sound(bytes_from(data.ptr + CREDENTIAL_AT + name, data.len - CREDENTIAL_AT - name), flags & HAS_EXTENSIONS ? 2 : 1);
}

// libfido2's form of a public key, for one of the algorithms.
struct public_key {
    es256_pk_t *es256;
    eddsa_pk_t *eddsa;
    rs256_pk_t *rs256;
};

static void free_key(struct public_key *key)
{
    es256_pk_free(&key->es256);
    eddsa_pk_free(&key->eddsa);
    rs256_pk_free(&key->rs256);
}

// Each gives libfido2's form of the bytes, or NULL when they are no key of the algorithm: a point beside the curve, say.
static const void *read_es256(struct bytes bytes, struct public_key *key)
{
    key->es256 = bytes.len == ES256_BYTES ? es256_pk_new() : NULL;
    if (!key->es256 || es256_pk_from_ptr(key->es256, bytes.ptr, bytes.len) != FIDO_OK)
        return NULL;
    EVP_PKEY *sound = es256_pk_to_EVP_PKEY(key->es256);
    EVP_PKEY_free(sound);
    return sound ? key->es256 : NULL;
}

static const void *read_eddsa(struct bytes bytes, struct public_key *key)
{
    key->eddsa = bytes.len == EDDSA_BYTES ? eddsa_pk_new() : NULL;
    if (!key->eddsa || eddsa_pk_from_ptr(key->eddsa, bytes.ptr, bytes.len) != FIDO_OK)
        return NULL;
    EVP_PKEY *sound = eddsa_pk_to_EVP_PKEY(key->eddsa);
    EVP_PKEY_free(sound);
    return sound ? key->eddsa : NULL;
}

static const void *read_rs256(struct bytes bytes, struct public_key *key)
{
    key->rs256 = bytes.len == RS256_BYTES ? rs256_pk_new() : NULL;
    if (!key->rs256 || rs256_pk_from_ptr(key->rs256, bytes.ptr, bytes.len) != FIDO_OK)
        return NULL;
    EVP_PKEY *sound = rs256_pk_to_EVP_PKEY(key->rs256);
    EVP_PKEY_free(sound);
    return sound ? key->rs256 : NULL;
}

static const void *read_key(enum webauthn_algorithm algorithm, struct bytes bytes, struct public_key *key)
{
    switch (algorithm) {
    case WEBAUTHN_ES256:
        return read_es256(bytes, key);
    case WEBAUTHN_EDDSA:
        return read_eddsa(bytes, key);
    case WEBAUTHN_RS256:
        return read_rs256(bytes, key);
    default:
        return NULL;
    }
}

// Reads authenticator data as of a credential of that algorithm; NULL when it is not.
static fido_cred_t *read_credential(enum webauthn_algorithm algorithm, struct bytes data)
{
    fido_cred_t *cred = fido_cred_new();
    if (cred && (fido_cred_set_type(cred, algorithm) != FIDO_OK || fido_cred_set_authdata_raw(cred, data.ptr, data.len) != FIDO_OK))
        fido_cred_free(&cred);
    return cred;
}

// Copies the credential out, when it is one that we can use.
static int take_credential(struct arena *arena, enum webauthn_algorithm algorithm, const fido_cred_t *cred, struct webauthn_key *ret_key,
                           enum webauthn_fault *ret_fault)
{
    _cleanup_(free_key) struct public_key checked = { NULL, NULL, NULL };
    struct bytes id = bytes_from(fido_cred_id_ptr(cred), fido_cred_id_len(cred));
    struct bytes key = bytes_from(fido_cred_pubkey_ptr(cred), fido_cred_pubkey_len(cred));
    if (!id.ptr || id.len == 0 || id.len > WEBAUTHN_CREDENTIAL_MAX || !key.ptr || !read_key(algorithm, key, &checked))
        return refuse(WEBAUTHN_KEY, ret_fault);
    struct webauthn_key copy = { .algorithm = algorithm, .credential = arena_bytes(arena, id), .key = arena_bytes(arena, key) };
    if (!copy.credential.ptr || !copy.key.ptr)
        return -ENOMEM;
    *ret_key = copy;
    return 0;
}

int webauthn_created(struct arena *arena, const struct webauthn_site *site, struct bytes authenticator_data, struct webauthn_key *ret_key, int64_t *ret_counter,
                     enum webauthn_fault *ret_fault)
{
    static const enum webauthn_algorithm taken[] = { WEBAUTHN_ES256, WEBAUTHN_EDDSA, WEBAUTHN_RS256 };
    int result = check_head(site, authenticator_data, ret_fault);
    if (result < 0)
        return result;
    if (!has_credential(authenticator_data))
        return refuse(WEBAUTHN_KEY, ret_fault);
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        _cleanup_(free_cred) fido_cred_t *cred = read_credential(taken[i], authenticator_data);
        if (!cred)
            continue;
        result = take_credential(arena, taken[i], cred, ret_key, ret_fault);
        if (result == 0)
            *ret_counter = fido_cred_sigcount(cred);
        return result;
    }
    return refuse(WEBAUTHN_KEY, ret_fault);
}

// A sign-in has no credential in its authenticator data, and nothing behind the counter but extensions (section 6.1).
static bool is_bare(struct bytes data)
{
    uint8_t flags = data.ptr[FLAGS_AT];
    struct bytes rest = { data.ptr + AUTHENTICATOR_MIN, data.len - AUTHENTICATOR_MIN };
    return !(flags & HAS_CREDENTIAL) && cbor_sound(rest, flags & HAS_EXTENSIONS ? 1 : 0);
}

// Hands everything to libfido2, which looks at the relying party, the flags and the signature.
static int prepare_assertion(fido_assert_t *out, const char *id, const struct webauthn_assertion *given)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, given->client_data.ptr, given->client_data.len);
    int fault = fido_assert_set_clientdata_hash(out, hash, sizeof(hash));
    if (fault == FIDO_OK)
        fault = fido_assert_set_rp(out, id);
    if (fault == FIDO_OK)
        fault = fido_assert_set_up(out, FIDO_OPT_TRUE);
    if (fault == FIDO_OK)
        fault = fido_assert_set_uv(out, FIDO_OPT_TRUE);
    if (fault == FIDO_OK)
        fault = fido_assert_set_count(out, 1);
    if (fault == FIDO_OK)
        fault = fido_assert_set_authdata_raw(out, 0, given->authenticator_data.ptr, given->authenticator_data.len);
    if (fault == FIDO_OK)
        fault = fido_assert_set_sig(out, 0, given->signature.ptr, given->signature.len);
    return fault;
}

int webauthn_signed(const struct webauthn_site *site, const struct webauthn_key *key, const struct webauthn_assertion *assertion, int64_t *ret_counter,
                    enum webauthn_fault *ret_fault)
{
    _cleanup_(free_key) struct public_key read = { NULL, NULL, NULL };
    _cleanup_(free_assert) fido_assert_t *out = fido_assert_new();
    _cleanup_(free_pointer) char *id = strndup(site->id.ptr, site->id.len);
    if (!out || !id)
        return -ENOMEM;
    if (assertion->signature.len == 0 || assertion->signature.len > WEBAUTHN_SIGNATURE_MAX || assertion->client_data.len > WEBAUTHN_CLIENT_DATA_MAX)
        return refuse(WEBAUTHN_SIZE, ret_fault);
    int result = check_head(site, assertion->authenticator_data, ret_fault);
    if (result < 0)
        return result;
    if (!is_bare(assertion->authenticator_data))
        return refuse(WEBAUTHN_SIZE, ret_fault);
    const void *public = read_key(key->algorithm, key->key, &read);
    if (!public)
        return refuse(WEBAUTHN_KEY, ret_fault);
    if (prepare_assertion(out, id, assertion) != FIDO_OK || fido_assert_verify(out, 0, key->algorithm, public) != FIDO_OK)
        return refuse(WEBAUTHN_SIGNATURE, ret_fault);
    *ret_counter = fido_assert_sigcount(out, 0);
    return 0;
}
