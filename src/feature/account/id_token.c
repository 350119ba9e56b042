// SPDX-License-Identifier: MPL-2.0
#include "feature/account/id_token.h"

#include "base/cleanup.h"
#include "base/encode.h"

#include <cjose/cjose.h>
#include <errno.h>
#include <sodium.h>

#define RSA_MODULUS_LEAST_BITS 2048
#define SUBJECT_MAX 255                    // OpenID Connect Core 1.0, section 2
#define JSON_FLAGS JSON_REJECT_DUPLICATES

static void decref(json_t **json)
{
    json_decref(*json);
}

static void release_jws(cjose_jws_t **jws)
{
    cjose_jws_release(*jws);
}

static void release_jwk(cjose_jwk_t **jwk)
{
    cjose_jwk_release(*jwk);
}

const char *id_token_fault_name(enum id_token_fault fault)
{
    static const char *const names[] = {
        "unset", "form", "algorithm", "key", "signature", "claims", "issuer", "audience", "expired", "future", "nonce", "access-hash", "subject",
    };
    return (unsigned)fault < sizeof(names) / sizeof(names[0]) ? names[fault] : "unset";
}

static int refuse(enum id_token_fault *ret_fault, enum id_token_fault fault)
{
    *ret_fault = fault;
    return -EACCES;
}

// The token's protected header: three parts of base64url, the first of them a JSON object.
static json_t *read_header(struct arena *arena, struct str token)
{
    struct str rest = token;
    struct str first = str_cut(&rest, '.'), second = str_cut(&rest, '.');
    struct bytes header, unused;
    if (token.len > ID_TOKEN_MAX || second.len == 0 || rest.len == 0 || memchr(rest.ptr, '.', rest.len) || memchr(token.ptr, '\0', token.len))
        return NULL;
    if (decode_base64url(arena, first, &header) < 0 || decode_base64url(arena, second, &unused) < 0 || decode_base64url(arena, rest, &unused) < 0)
        return NULL;
    return json_loadb((const char *)header.ptr, header.len, JSON_FLAGS, NULL);
}

// Whether a word stands in a list with spaces between.
static bool in_list(const char *list, const char *word)
{
    struct str rest = str_from(list), wanted = str_from(word);
    while (rest.len) {
        if (str_equal(str_cut(&rest, ' '), wanted))
            return true;
    }
    return false;
}

bool id_token_algorithm_known(struct str algorithm)
{
    return str_equal(algorithm, STR("RS256")) || str_equal(algorithm, STR("PS256")) || str_equal(algorithm, STR("ES256"));
}

// What must be understood and is not (crit), or changes how the token reads (b64, zip), is refused.
static bool header_allowed(const json_t *header, const char *algorithms, const char **ret_algorithm)
{
    const char *algorithm = json_string_value(json_object_get(header, "alg"));
    if (!algorithm || !in_list(algorithms, algorithm))
        return false;
    if (!id_token_algorithm_known(str_from(algorithm)))
        return false;
    *ret_algorithm = algorithm;
    return !json_object_get(header, "crit") && !json_object_get(header, "b64") && !json_object_get(header, "zip") && !json_object_get(header, "enc");
}

static bool says(const json_t *object, const char *name, const char *wanted, bool when_absent)
{
    const json_t *value = json_object_get(object, name);
    if (!value)
        return when_absent;
    return json_is_string(value) && strcmp(json_string_value(value), wanted) == 0;
}

// Bits without the zeros in front, which would make a small key look large.
static size_t modulus_bits(struct arena *arena, const char *modulus)
{
    struct bytes bytes;
    size_t zeros = 0;
    if (!modulus || decode_base64url(arena, str_from(modulus), &bytes) < 0)
        return 0;
    while (zeros < bytes.len && bytes.ptr[zeros] == 0)
        zeros++;
    return zeros == bytes.len ? 0 : (bytes.len - zeros) * 8 - (size_t)(__builtin_clz(bytes.ptr[zeros]) - 24);
}

// Whether a published key can have made a signature of that algorithm.
static bool key_fits(struct arena *arena, const json_t *key, const char *algorithm)
{
    bool elliptic = strcmp(algorithm, "ES256") == 0;
    if (!says(key, "kty", elliptic ? "EC" : "RSA", false) || !says(key, "use", "sig", true) || !says(key, "alg", algorithm, true))
        return false;
    if (elliptic)
        return says(key, "crv", "P-256", false);
    return modulus_bits(arena, json_string_value(json_object_get(key, "n"))) >= RSA_MODULUS_LEAST_BITS;
}

// The only key that the header can mean: the one that it names, or without a name the only one that fits.
static json_t *find_key(struct arena *arena, const json_t *keys, const json_t *header, const char *algorithm)
{
    const json_t *named = json_object_get(header, "kid");
    const char *kid = json_string_value(named);
    json_t *list = json_object_get(keys, "keys"), *found = NULL;
    if (named && !kid)
        return NULL;
    for (size_t i = 0; i < json_array_size(list) && i < ID_TOKEN_KEYS_MAX; i++) {
        json_t *key = json_array_get(list, i);
        if (!key_fits(arena, key, algorithm) || (kid && !says(key, "kid", kid, false)))
            continue;
        if (found)
            return NULL;
        found = key;
    }
    return found;
}

// What makes up the public key and nothing else, or NULL when something of it isn't base64url: there cjose 0.6.2 may end the program.
static json_t *public_part(struct arena *arena, const json_t *key)
{
    static const char *const elliptic[] = { "x", "y" }, *const rsa[] = { "n", "e" };
    bool curve = says(key, "kty", "EC", false);
    _cleanup_(decref) json_t *part = curve ? json_pack("{s:s, s:s}", "kty", "EC", "crv", "P-256") : json_pack("{s:s}", "kty", "RSA");
    for (size_t i = 0; i < 2; i++) {
        const char *name = curve ? elliptic[i] : rsa[i];
        json_t *value = json_object_get(key, name);
        struct bytes unused;
        if (!json_is_string(value) || decode_base64url(arena, str_from(json_string_value(value)), &unused) < 0 || json_object_set(part, name, value) < 0)
            return NULL;
    }
    return json_incref(part);
}

// Opens the signed part. cjose takes the algorithm from the header, which has been checked.
static int verify(struct arena *arena, struct str token, const json_t *key, json_t **ret_claims, enum id_token_fault *ret_fault)
{
    cjose_err error;
    uint8_t *plain;
    size_t len;
    _cleanup_(decref) json_t *part = public_part(arena, key);
    _cleanup_(release_jwk) cjose_jwk_t *jwk = part ? cjose_jwk_import_json(part, &error) : NULL;
    if (!jwk)
        return refuse(ret_fault, ID_TOKEN_KEY);
    _cleanup_(release_jws) cjose_jws_t *jws = cjose_jws_import(token.ptr, token.len, &error);
    if (!jws)
        return refuse(ret_fault, ID_TOKEN_FORM);
    if (!cjose_jws_verify(jws, jwk, &error) || !cjose_jws_get_plaintext(jws, &plain, &len, &error))
        return refuse(ret_fault, ID_TOKEN_SIGNATURE);
    json_t *claims = json_loadb((const char *)plain, len, JSON_FLAGS, NULL);
    if (!json_is_object(claims)) {
        json_decref(claims);
        return refuse(ret_fault, ID_TOKEN_CLAIMS);
    }
    *ret_claims = claims;
    return 0;
}

// The client is in the audience, and where there are others too, it is the one that the token was made for.
static bool audience_fits(const json_t *claims, const char *client_id)
{
    const json_t *audience = json_object_get(claims, "aud");
    const json_t *party = json_object_get(claims, "azp");
    bool found = json_is_string(audience) && strcmp(json_string_value(audience), client_id) == 0;
    for (size_t i = 0; i < json_array_size(audience); i++) {
        const char *one = json_string_value(json_array_get(audience, i));
        if (!one)
            return false;
        found = found || strcmp(one, client_id) == 0;
    }
    if (json_array_size(audience) > 1 && !party)
        return false;
    return found && says(claims, "azp", client_id, true);
}

static bool access_hash_fits(struct arena *arena, const json_t *claims, struct str access_token)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    const json_t *said = json_object_get(claims, "at_hash");
    if (!said)
        return true;
    crypto_hash_sha256(hash, (const unsigned char *)access_token.ptr, access_token.len);
    struct str expected = encode_base64url(arena, bytes_from(hash, sizeof(hash) / 2));
    return json_is_string(said) && expected.ptr && strcmp(json_string_value(said), expected.ptr) == 0;
}

static enum id_token_fault check_times(const json_t *claims, const struct id_token_wanted *wanted)
{
    const json_t *ends = json_object_get(claims, "exp"), *made = json_object_get(claims, "iat"), *begins = json_object_get(claims, "nbf");
    if (!json_is_integer(ends) || json_integer_value(ends) <= wanted->now - wanted->skew)
        return ID_TOKEN_EXPIRED;
    if (!json_is_integer(made) || json_integer_value(made) > wanted->now + wanted->skew)
        return ID_TOKEN_FUTURE;
    if (begins && (!json_is_integer(begins) || json_integer_value(begins) > wanted->now + wanted->skew))
        return ID_TOKEN_FUTURE;
    return ID_TOKEN_UNSET;
}

static enum id_token_fault check_claims(struct arena *arena, const json_t *claims, const struct id_token_wanted *wanted)
{
    const char *subject = json_string_value(json_object_get(claims, "sub"));
    const char *nonce = json_string_value(json_object_get(claims, "nonce"));
    if (!says(claims, "iss", wanted->issuer, false))
        return ID_TOKEN_ISSUER;
    if (!audience_fits(claims, wanted->client_id))
        return ID_TOKEN_AUDIENCE;
    enum id_token_fault fault = check_times(claims, wanted);
    if (fault != ID_TOKEN_UNSET)
        return fault;
    if (!nonce || wanted->nonce.len == 0 || !str_equal(str_from(nonce), wanted->nonce))
        return ID_TOKEN_NONCE;
    if (!access_hash_fits(arena, claims, wanted->access_token))
        return ID_TOKEN_ACCESS_HASH;
    if (!subject || !*subject || strlen(subject) > SUBJECT_MAX)
        return ID_TOKEN_SUBJECT;
    return ID_TOKEN_UNSET;
}

int id_token_check(struct arena *arena, struct str token, const json_t *keys, const struct id_token_wanted *wanted, json_t **ret_claims,
                   enum id_token_fault *ret_fault)
{
    _cleanup_(decref) json_t *header = read_header(arena, token);
    _cleanup_(decref) json_t *claims = NULL;
    const char *algorithm;
    if (!json_is_object(header))
        return refuse(ret_fault, ID_TOKEN_FORM);
    if (!header_allowed(header, wanted->algorithms, &algorithm))
        return refuse(ret_fault, ID_TOKEN_ALGORITHM);
    json_t *key = find_key(arena, keys, header, algorithm);
    if (!key)
        return refuse(ret_fault, ID_TOKEN_KEY);
    int result = verify(arena, token, key, &claims, ret_fault);
    if (result < 0)
        return result;
    enum id_token_fault fault = check_claims(arena, claims, wanted);
    if (fault != ID_TOKEN_UNSET)
        return refuse(ret_fault, fault);
    *ret_claims = json_incref(claims);
    return 0;
}
