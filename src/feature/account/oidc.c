// SPDX-License-Identifier: MPL-2.0
#include "feature/account/oidc.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/encode.h"
#include "base/log.h"
#include "base/random.h"
#include "crypt/seal.h"
#include "feature/account/account_sql.h"
#include "feature/account/id_token.h"
#include "feature/account/oidc_fetch.h"
#include "web/html.h"

#include <errno.h>
#include <sodium.h>

#define SECRET_BYTES 32
#define ADDRESS_MAX ((size_t)8 * 1024)
#define CODE_MAX 2048

static struct str secret(struct arena *arena)
{
    uint8_t bytes[SECRET_BYTES];
    random_bytes(bytes, sizeof(bytes));
    return encode_base64url(arena, bytes_from(bytes, sizeof(bytes)));
}

static void state_hash(const struct account_scene *scene, struct str state, uint8_t ret_hash[LOOKUP_BYTES])
{
    keyring_lookup(scene->keys, LOOKUP_TOKEN, state, ret_hash);
}

// The row's hash and provider are bound into what it seals.
static struct seal_place login_place(enum oidc_kind kind, const uint8_t hash[LOOKUP_BYTES])
{
    int64_t object;
    memcpy(&object, hash, sizeof(object));
    return (struct seal_place){ .type = SEAL_LOGIN, .object = object, .version = kind };
}

int oidc_login_begin(const struct account_scene *scene, enum oidc_kind kind, struct str next, struct oidc_login *ret_login)
{
    struct arena *arena = scene->arena;
    struct oidc_login login = { secret(arena), secret(arena), secret(arena), secret(arena), arena_str(arena, next) };
    if (!login.state.ptr || !login.cookie.ptr || !login.nonce.ptr || !login.verifier.ptr || !login.next.ptr)
        return -ENOMEM;
    struct str plain = arena_format(arena, "%s\n%s\n%s\n%s", login.cookie.ptr, login.nonce.ptr, login.verifier.ptr, login.next.ptr);
    uint8_t hash[LOOKUP_BYTES];
    struct bytes sealed;
    state_hash(scene, login.state, hash);
    struct seal_place place = login_place(kind, hash);
    int result = plain.ptr ? seal(keyring_directory(scene->keys), &place, str_bytes(plain), arena, &sealed) : -ENOMEM;
    if (result < 0)
        return result;
    int64_t rows = sql_account_login_add(scene->db, &(struct sql_account_login_add_in){
        .state = bytes_from(hash, sizeof(hash)), .provider = kind, .created = scene->now, .sealed = sealed });
    if (rows < 0)
        return (int)rows;
    *ret_login = login;
    return 0;
}

static bool secret_equal(struct str a, struct str b)
{
    return a.len == b.len && a.len > 0 && sodium_memcmp(a.ptr, b.ptr, a.len) == 0;
}

int oidc_login_find(const struct account_scene *scene, enum oidc_kind kind, struct str state, struct str cookie, struct oidc_login *ret_login)
{
    uint8_t hash[LOOKUP_BYTES];
    struct sql_account_login_get row;
    struct bytes plain;
    state_hash(scene, state, hash);
    int result = sql_account_login_get(scene->db, scene->arena, &(struct sql_account_login_get_in){ .state = bytes_from(hash, sizeof(hash)) }, &row);
    if (result < 0)
        return result;
    if (row.provider != (int64_t)kind || scene->now - row.created > OIDC_LOGIN_MS)
        return -ENOENT;
    struct seal_place place = login_place(kind, hash);
    result = unseal(keyring_directory(scene->keys), &place, row.sealed, scene->arena, &plain);
    if (result < 0)
        return result;
    struct str rest = bytes_str(plain);
    struct oidc_login login = { .state = state, .cookie = str_cut(&rest, '\n'), .nonce = str_cut(&rest, '\n'), .verifier = str_cut(&rest, '\n'), .next = rest };
    if (!cookie.ptr || !secret_equal(login.cookie, cookie))
        return -ENOENT;
    *ret_login = login;
    return 0;
}

int oidc_login_end(const struct account_scene *scene, struct str state)
{
    uint8_t hash[LOOKUP_BYTES];
    state_hash(scene, state, hash);
    int64_t rows = sql_account_login_remove(scene->db, &(struct sql_account_login_remove_in){ .state = bytes_from(hash, sizeof(hash)) });
    if (rows < 0)
        return (int)rows;
    return rows == 1 ? 0 : -ENOENT;
}

int oidc_login_sweep(const struct account_scene *scene)
{
    int64_t rows = sql_account_login_sweep(scene->db, &(struct sql_account_login_sweep_in){ .before = scene->now - OIDC_LOGIN_MS });
    return rows < 0 ? (int)rows : 0;
}

// "name=value" of a query or body, percent-encoded; the first one without '&'.
static void put_field(struct buf *buf, char before, const char *name, struct str value)
{
    if (before)
        buf_char(buf, before);
    buf_str(buf, str_from(name));
    buf_char(buf, '=');
    html_url_part(buf, value);
}

struct str oidc_authorization_address(struct arena *arena, const struct oidc_provider *provider, struct str endpoint,
                                      const struct oidc_login *login, struct str redirect)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    _cleanup_(buf_free) struct buf address = buf_bounded(ADDRESS_MAX);
    crypto_hash_sha256(hash, (const unsigned char *)login->verifier.ptr, login->verifier.len);
    struct str challenge = encode_base64url(arena, bytes_from(hash, sizeof(hash)));
    if (!challenge.ptr)
        return (struct str){ NULL, 0 };
    buf_str(&address, endpoint);
    put_field(&address, memchr(endpoint.ptr, '?', endpoint.len) ? '&' : '?', "response_type", STR("code"));
    put_field(&address, '&', "client_id", str_from(provider->client_id));
    put_field(&address, '&', "redirect_uri", redirect);
    put_field(&address, '&', "scope", str_from(provider->scope));
    put_field(&address, '&', "state", login->state);
    put_field(&address, '&', "nonce", login->nonce);
    put_field(&address, '&', "code_challenge", challenge);
    put_field(&address, '&', "code_challenge_method", STR("S256"));
    return address.error ? (struct str){ NULL, 0 } : arena_str(arena, buf_view(&address));
}

bool oidc_answer_fits(const struct oidc_provider *provider, const struct oidc_metadata *metadata, struct str iss)
{
    if (iss.len)
        return str_equal(iss, str_from(provider->issuer));
    return !json_is_true(json_object_get(metadata->discovery, "authorization_response_iss_parameter_supported"));
}

static struct str encoded(struct arena *arena, const char *text)
{
    _cleanup_(buf_free) struct buf buf = buf_bounded(ADDRESS_MAX);
    html_url_part(&buf, str_from(text));
    return buf.error ? (struct str){ NULL, 0 } : arena_str(arena, buf_view(&buf));
}

// Asks the token endpoint.
static int fetch_tokens(struct arena *arena, const struct oidc_provider *provider, const struct oidc_metadata *metadata,
                        const struct oidc_login *login, struct str code, struct str redirect, json_t **ret_tokens)
{
    _cleanup_(buf_free) struct buf body = buf_bounded(ADDRESS_MAX);
    const char *endpoint = json_string_value(json_object_get(metadata->discovery, "token_endpoint"));
    struct str user = encoded(arena, provider->client_id), password = encoded(arena, provider->client_secret);
    put_field(&body, 0, "grant_type", STR("authorization_code"));
    put_field(&body, '&', "code", code);
    put_field(&body, '&', "redirect_uri", redirect);
    put_field(&body, '&', "code_verifier", login->verifier);
    buf_char(&body, '\0');
    if (body.error || !endpoint || !user.ptr || !password.ptr)
        return -EACCES;
    return oidc_fetch(&(struct oidc_fetch){ .address = endpoint, .body = body.data, .user = user.ptr, .password = password.ptr }, ret_tokens);
}

static void decref(json_t **json)
{
    json_decref(*json);
}

int oidc_exchange(const struct account_scene *scene, const struct oidc_provider *provider, struct oidc_metadata *metadata,
                  const struct oidc_login *login, struct str code, struct str redirect, json_t **ret_claims)
{
    _cleanup_(decref) json_t *tokens = NULL;
    enum id_token_fault fault = ID_TOKEN_UNSET;
    if (code.len == 0 || code.len > CODE_MAX)
        return -EACCES;
    int result = fetch_tokens(scene->arena, provider, metadata, login, code, redirect, &tokens);
    if (result < 0)
        return result;
    struct str token = str_from(json_string_value(json_object_get(tokens, "id_token")));
    struct id_token_wanted wanted = {
        .issuer = provider->issuer, .client_id = provider->client_id, .algorithms = provider->algorithms, .nonce = login->nonce,
        .access_token = str_from(json_string_value(json_object_get(tokens, "access_token"))), .now = scene->now / SECOND_MS, .skew = provider->skew,
    };
    result = id_token_check(scene->arena, token, metadata->keys, &wanted, ret_claims, &fault);
    if (result == -EACCES && fault == ID_TOKEN_KEY && !metadata->fresh) {
        // The provider may have changed its keys since they were kept.
        struct oidc_metadata anew;
        if (oidc_metadata_get(scene, provider, true, &anew) == 0) {
            oidc_metadata_free(metadata);
            *metadata = anew;
            result = id_token_check(scene->arena, token, metadata->keys, &wanted, ret_claims, &fault);
        }
    }
    if (result == -EACCES)
        log_event(LOG_WARNING, "login-refused", "provider=%s reason=%s", oidc_section(provider->kind), id_token_fault_name(fault));
    return result;
}
