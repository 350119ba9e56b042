// SPDX-License-Identifier: MPL-2.0
// What the configuration says of a provider.
#include "feature/account/oidc.h"

#include "base/log.h"
#include "feature/account/id_token.h"
#include "feature/account/oidc_fetch.h"

#include <errno.h>

#define NAME_MAX_BYTES 64

static const char *const sections[] = { "", "citizen", "staff" };

const char *oidc_section(enum oidc_kind kind)
{
    return sections[kind];
}

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

// One name at least, and only names that are known.
static bool algorithms_known(const char *list)
{
    struct str rest = str_from(list);
    bool known = rest.len > 0;
    while (rest.len)
        known = id_token_algorithm_known(str_cut(&rest, ' ')) && known;
    return known;
}

static int check_address(const struct oidc_provider *provider)
{
    const char *section = sections[provider->kind];
    if (!provider->client_id || !provider->client_secret) {
        log_event(LOG_ERROR, "config", "setting=%s.%s expected=\"what was agreed with the provider, beside %s.issuer\"", section,
                  provider->client_id ? "client_secret" : "client_id", section);
        return -EINVAL;
    }
    if (!oidc_address_allowed(provider->issuer)) {
        log_event(LOG_ERROR, "config", "setting=%s.issuer value=\"%s\" expected=\"an address that begins with https:// (or http:// on this machine alone)\"",
                  section, provider->issuer);
        return -EINVAL;
    }
    return 0;
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
    if (result == 0 && !algorithms_known(provider.algorithms)) {
        log_event(LOG_ERROR, "config", "setting=%s.algorithms expected=\"some of RS256 PS256 ES256\"", sections[kind]);
        result = -EINVAL;
    }
    if (result == 0)
        result = check_address(&provider);
    if (result == 0)
        *ret_provider = provider;
    return result;
}

int oidc_providers_check(const struct config *config)
{
    struct oidc_provider provider;
    int citizen = oidc_provider_read(config, OIDC_CITIZEN, &provider);
    int staff = oidc_provider_read(config, OIDC_STAFF, &provider);
    return citizen == -EINVAL || staff == -EINVAL ? -EINVAL : 0;
}
