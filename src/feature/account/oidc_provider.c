// SPDX-License-Identifier: MPL-2.0
// What the configuration says of a provider, and what the provider says of itself.
#include "feature/account/oidc.h"

#include "base/clock.h"
#include "base/log.h"
#include "feature/account/account_sql.h"
#include "feature/account/oidc_fetch.h"

#include <errno.h>

#define METADATA_FRESH_MS (10 * MINUTE_MS)
#define NAME_MAX_BYTES 64

static const char *const sections[] = { "", "citizen", "staff" };

static const char *setting(const struct config *config, enum oidc_kind kind, const char *name, const char *fallback)
{
    char full[NAME_MAX_BYTES];
    (void)snprintf(full, sizeof(full), "%s.%s", sections[kind], name);
    return config_get(config, full, fallback);
}

static int number(const struct config *config, enum oidc_kind kind, const char *name, int64_t max, int64_t fallback, int64_t *ret_value)
{
    char full[NAME_MAX_BYTES];
    (void)snprintf(full, sizeof(full), "%s.%s", sections[kind], name);
    return config_int(config, full, 0, max, fallback, ret_value);
}

int oidc_provider_read(const struct config *config, enum oidc_kind kind, struct oidc_provider *ret_provider)
{
    struct oidc_provider provider = { .kind = kind, .issuer = setting(config, kind, "issuer", NULL) };
    if (!provider.issuer)
        return -ENOENT;
    provider.client_id = setting(config, kind, "client_id", NULL);
    provider.client_secret = setting(config, kind, "client_secret", NULL);
    provider.scope = setting(config, kind, "scope", "openid");
    provider.algorithms = setting(config, kind, "algorithms", "RS256 PS256 ES256");
    provider.claim_name = setting(config, kind, "claim_name", "name");
    provider.claim_cpr = setting(config, kind, "claim_cpr", "cpr");
    provider.claim_birth = setting(config, kind, "claim_birth", "birthdate");
    provider.claim_assurance = setting(config, kind, "claim_assurance", "loa");
    provider.claim_title = setting(config, kind, "claim_title", "title");
    provider.claim_unit = setting(config, kind, "claim_unit", "unit");
    provider.claim_groups = setting(config, kind, "claim_groups", "groups");
    // The names of the Danish national standard for identity assurance levels (NSIS).
    provider.assurance[1] = setting(config, kind, "assurance_low", "https://data.gov.dk/concept/core/nsis/Low");
    provider.assurance[2] = setting(config, kind, "assurance_substantial", "https://data.gov.dk/concept/core/nsis/Substantial");
    provider.assurance[3] = setting(config, kind, "assurance_high", "https://data.gov.dk/concept/core/nsis/High");
    provider.employee = setting(config, kind, "employee_group", "samtraad-employee");
    provider.administrator = setting(config, kind, "administrator_group", "samtraad-administrator");
    int result = number(config, kind, "required_assurance", 3, 2, &provider.required);
    if (result == 0)
        result = number(config, kind, "clock_skew_seconds", 300, 60, &provider.skew);
    if (result == 0 && (!provider.client_id || !provider.client_secret || !oidc_address_allowed(provider.issuer))) {
        log_event(LOG_ERROR, "config", "section=%s expected=\"an https issuer, client_id and client_secret\"", sections[kind]);
        result = -EINVAL;
    }
    if (result == 0)
        *ret_provider = provider;
    return result;
}

void oidc_metadata_free(struct oidc_metadata *metadata)
{
    json_decref(metadata->discovery);
    json_decref(metadata->keys);
    *metadata = (struct oidc_metadata){ .fresh = false };
}

// The discovery document is the issuer's own, and all its addresses may be asked.
static bool discovery_fits(const json_t *discovery, const struct oidc_provider *provider)
{
    static const char *const endpoints[] = { "authorization_endpoint", "token_endpoint", "jwks_uri" };
    const char *issuer = json_string_value(json_object_get(discovery, "issuer"));
    bool fits = issuer && strcmp(issuer, provider->issuer) == 0;
    for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++) {
        const char *address = json_string_value(json_object_get(discovery, endpoints[i]));
        fits = fits && address && oidc_address_allowed(address);
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
        log_event(LOG_WARNING, "login-refused", "provider=%d reason=discovery", (int)provider->kind);
        result = -EACCES;
    }
    if (result < 0)
        return result;
    return oidc_fetch(&(struct oidc_fetch){ .address = json_string_value(json_object_get(metadata->discovery, "jwks_uri")) }, &metadata->keys);
}

static int load(const struct account_scene *scene, const struct oidc_provider *provider, struct oidc_metadata *metadata)
{
    struct sql_account_metadata_get row;
    int result = sql_account_metadata_get(scene->db, scene->arena, &(struct sql_account_metadata_get_in){ .provider = provider->kind }, &row);
    if (result < 0)
        return result;
    if (scene->now - row.fetched > METADATA_FRESH_MS || row.fetched > scene->now)
        return -ENOENT;
    metadata->fetched = row.fetched;
    metadata->discovery = json_loadb(row.discovery.ptr, row.discovery.len, 0, NULL);
    metadata->keys = json_loadb(row.keys.ptr, row.keys.len, 0, NULL);
    // Another issuer may have been configured since.
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

int oidc_metadata_keep(const struct account_scene *scene, enum oidc_kind kind, const struct oidc_metadata *metadata)
{
    if (!metadata->fresh)
        return 0;
    char *discovery = json_dumps(metadata->discovery, JSON_COMPACT), *keys = json_dumps(metadata->keys, JSON_COMPACT);
    int64_t rows = discovery && keys ? sql_account_metadata_put(scene->db, &(struct sql_account_metadata_put_in){
        .provider = kind, .fetched = metadata->fetched, .discovery = str_from(discovery), .keys = str_from(keys) }) : -ENOMEM;
    free(discovery);
    free(keys);
    return rows < 0 ? (int)rows : 0;
}
