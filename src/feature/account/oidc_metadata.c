// SPDX-License-Identifier: MPL-2.0
// What a provider says of itself: fetched, kept in the database for a while, sealed.
#include "feature/account/oidc.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "crypt/seal.h"
#include "feature/account/account_sql.h"
#include "feature/account/oidc_fetch.h"

#include <errno.h>

#define METADATA_FRESH_MS (10 * MINUTE_MS)

void oidc_metadata_free(struct oidc_metadata *metadata)
{
    json_decref(metadata->discovery);
    json_decref(metadata->keys);
    *metadata = (struct oidc_metadata){ .fresh = false };
}

// The discovery document is the issuer's own, and all its addresses may be asked. Only a provider on this machine may name others here:
// one far away could have us ask what only listens to this machine.
static bool discovery_fits(const json_t *discovery, const struct oidc_provider *provider)
{
    static const char *const endpoints[] = { "authorization_endpoint", "token_endpoint", "jwks_uri" };
    const char *issuer = json_string_value(json_object_get(discovery, "issuer"));
    bool fits = issuer && strcmp(issuer, provider->issuer) == 0;
    bool tls = str_starts(str_from(provider->issuer), STR("https://"));
    for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++) {
        const char *address = json_string_value(json_object_get(discovery, endpoints[i]));
        fits = fits && address && oidc_address_allowed(address) && (!tls || str_starts(str_from(address), STR("https://")));
    }
    return fits;
}

static int fetch(struct arena *arena, const struct oidc_provider *provider, struct oidc_metadata *metadata)
{
    size_t len = strlen(provider->issuer);
    bool slash = len && provider->issuer[len - 1] == '/';
    struct str address = arena_format(arena, "%s%s.well-known/openid-configuration", provider->issuer, slash ? "" : "/");
    if (!address.ptr)
        return -ENOMEM;
    int result = oidc_fetch(&(struct oidc_fetch){ .address = address.ptr }, &metadata->discovery);
    if (result == 0 && !discovery_fits(metadata->discovery, provider)) {
        log_event(LOG_WARNING, "login-refused", "provider=%s reason=discovery", oidc_section(provider->kind));
        result = -EACCES;
    }
    if (result < 0)
        return result;
    return oidc_fetch(&(struct oidc_fetch){ .address = json_string_value(json_object_get(metadata->discovery, "jwks_uri")) }, &metadata->keys);
}

// The time is bound too, so that keys which the provider has withdrawn can't be put back.
static struct seal_place metadata_place(enum oidc_kind kind, int64_t fetched)
{
    return (struct seal_place){ .type = SEAL_PROVIDER, .object = kind, .version = fetched };
}

// -ENOENT also when what is kept is old, was made by somebody else or is of another issuer: it is fetched then.
static int load(const struct account_scene *scene, const struct oidc_provider *provider, struct oidc_metadata *metadata)
{
    struct sql_account_metadata_get row;
    struct bytes plain;
    int result = sql_account_metadata_get(scene->db, scene->arena, &(struct sql_account_metadata_get_in){ .provider = provider->kind }, &row);
    if (result < 0)
        return result;
    if (scene->now - row.fetched > METADATA_FRESH_MS || row.fetched > scene->now)
        return -ENOENT;
    struct seal_place place = metadata_place(provider->kind, row.fetched);
    result = unseal(keyring_directory(scene->keys), &place, row.sealed, scene->arena, &plain);
    if (result == -EBADMSG) {
        log_event(LOG_ERROR, "login-provider", "provider=%s meaning=\"what was kept of it has been changed from outside\"", oidc_section(provider->kind));
        return -ENOENT;
    }
    if (result < 0)
        return result;
    struct str keys = bytes_str(plain), discovery = str_cut(&keys, '\n');
    metadata->fetched = row.fetched;
    metadata->discovery = json_loadb(discovery.ptr, discovery.len, 0, NULL);
    metadata->keys = json_loadb(keys.ptr, keys.len, 0, NULL);
    return metadata->discovery && metadata->keys && discovery_fits(metadata->discovery, provider) ? 0 : -ENOENT;
}

int oidc_metadata_get(const struct account_scene *scene, const struct oidc_provider *provider, bool anew, struct oidc_metadata *ret_metadata)
{
    struct oidc_metadata metadata = { .fresh = false };
    int result = anew ? -ENOENT : load(scene, provider, &metadata);
    if (result == -ENOENT) {
        oidc_metadata_free(&metadata);
        metadata.fresh = true;
        metadata.fetched = scene->now;
        result = fetch(scene->arena, provider, &metadata);
    }
    if (result < 0)
        oidc_metadata_free(&metadata);
    else
        *ret_metadata = metadata;
    return result;
}

static int put_json(const char *data, size_t size, void *to)
{
    struct buf *buf = to;
    buf_put(buf, data, size);
    return buf->error ? -1 : 0;
}

int oidc_metadata_seal(const struct account_scene *scene, enum oidc_kind kind, const struct oidc_metadata *metadata, struct oidc_kept *ret_kept)
{
    _cleanup_(buf_free) struct buf plain = buf_bounded(2 * OIDC_ANSWER_MAX);
    struct oidc_kept kept = { .kind = kind, .fetched = metadata->fetched };
    // Compact: without line feeds, since those in texts are escaped.
    if (metadata->fresh && json_dump_callback(metadata->discovery, put_json, &plain, JSON_COMPACT) == 0) {
        buf_char(&plain, '\n');
        if (json_dump_callback(metadata->keys, put_json, &plain, JSON_COMPACT) == 0) {
            struct seal_place place = metadata_place(kind, metadata->fetched);
            int result = seal(keyring_directory(scene->keys), &place, str_bytes(buf_view(&plain)), scene->arena, &kept.sealed);
            if (result < 0)
                return result;
        }
    }
    *ret_kept = kept;
    return plain.error;
}

int oidc_metadata_keep(const struct account_scene *scene, const struct oidc_kept *kept)
{
    if (kept->sealed.len == 0)
        return 0;
    int64_t rows = sql_account_metadata_put(scene->db, &(struct sql_account_metadata_put_in){
        .provider = kept->kind, .fetched = kept->fetched, .sealed = kept->sealed });
    return rows < 0 ? (int)rows : 0;
}
