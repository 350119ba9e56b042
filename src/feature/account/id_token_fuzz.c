// SPDX-License-Identifier: MPL-2.0
// 'T': a token, line feed, the provider's keys: nobody but us has the key, so none is believed. 'S': claims, which we sign: they are believed
// only when they say what was wanted. 'H': a header, line feed, claims, signed under that header where cjose can.
#include "feature/account/id_token.h"

#include "base/cleanup.h"

#include <cjose/cjose.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// A key for this alone.
static const char key_text[] =
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"k\",\"x\":\"EMsuw4s6BBisa12T7KpXp4rYtr7W1W2SDa1s1RUvU6Q\",\"y\":\"OXerCZ07wc-8Wv9K2lm0WfP0kvGO-utsPKysy4900oQ\","
    "\"d\":\"kAExX_aKnwwpoc9J5DIk13vEcjPVHOVSDfGgw9MRPSs\"}";
static const char public_text[] =
    "{\"keys\":["
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"k\",\"x\":\"EMsuw4s6BBisa12T7KpXp4rYtr7W1W2SDa1s1RUvU6Q\",\"y\":\"OXerCZ07wc-8Wv9K2lm0WfP0kvGO-utsPKysy4900oQ\"}]}";

static const struct id_token_wanted wanted = { .issuer = "i", .client_id = "c", .algorithms = "RS256 PS256 ES256", .nonce = { "n", 1 },
    .access_token = { "a", 1 }, .now = 1000, .skew = 10 };

static void decref(json_t **json)
{
    json_decref(*json);
}

static bool is_text(const json_t *claims, const char *name, const char *text)
{
    const char *said = json_string_value(json_object_get(claims, name));
    return said && strcmp(said, text) == 0;
}

// Whether the token was believed; the program ends when it should not have been.
static bool believed(struct arena *arena, struct str token, const json_t *keys)
{
    _cleanup_(decref) json_t *claims = NULL;
    enum id_token_fault fault = ID_TOKEN_UNSET;
    int result = id_token_check(arena, token, keys, &wanted, &claims, &fault);
    if (result < 0) {
        if (claims || fault == ID_TOKEN_UNSET)
            abort();
        return false;
    }
    int64_t ends = json_integer_value(json_object_get(claims, "exp"));
    if (!is_text(claims, "iss", "i") || !is_text(claims, "nonce", "n") || ends <= 990 || !json_string_length(json_object_get(claims, "sub")))
        abort();
    return true;
}

static void check_signed(struct arena *arena, const char *header, struct str claims, const json_t *keys)
{
    cjose_err error;
    const char *compact;
    _cleanup_(decref) json_t *head = json_loads(header, 0, NULL);
    cjose_jwk_t *key = cjose_jwk_import(key_text, sizeof(key_text) - 1, &error);
    if (!key)
        abort();
    cjose_jws_t *jws = json_is_object(head) ? cjose_jws_sign(key, head, (const uint8_t *)claims.ptr, claims.len, &error) : NULL;
    if (jws && cjose_jws_export(jws, &compact, &error))
        believed(arena, str_from(compact), keys);
    cjose_jws_release(jws);
    cjose_jwk_release(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena;
    if (size < 2 || arena_new(1 << 22, &arena) < 0)
        return 0;
    struct str rest = { (const char *)data + 1, size - 1 };
    _cleanup_(decref) json_t *own = json_loads(public_text, 0, NULL);
    if (data[0] == 'T') {
        struct str token = str_cut(&rest, '\n');
        _cleanup_(decref) json_t *keys = json_loadb(rest.ptr, rest.len, 0, NULL);
        if (believed(arena, token, own))
            abort();
        believed(arena, token, keys);
    } else if (data[0] == 'S') {
        check_signed(arena, "{\"alg\":\"ES256\"}", rest, own);
    } else if (data[0] == 'H') {
        struct str header = arena_str(arena, str_cut(&rest, '\n'));
        if (header.ptr)
            check_signed(arena, header.ptr, rest, own);
    }
    arena_free(arena);
    return 0;
}
