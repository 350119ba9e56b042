// SPDX-License-Identifier: MPL-2.0
// Sign-in with OpenID Connect: authorisation code with PKCE, for citizens and for staff at two providers.
//
// A sign-in that is under way is a row of the table login. What the browser brings back is only good together with a cookie that this browser
// got when it left, for the provider that it went to, once, for ten minutes.
#pragma once

#include "feature/account/account.h"

#include "base/config.h"

#include <jansson.h>

enum oidc_kind { OIDC_UNSET, OIDC_CITIZEN, OIDC_STAFF, OIDC_KIND_COUNT };

#define OIDC_LOGIN_MS (10 * MINUTE_MS)

// A provider as the configuration file describes it, section [citizen] or [staff].
struct oidc_provider {
    enum oidc_kind kind;
    const char *issuer, *client_id, *client_secret, *scope, *algorithms;
    const char *claim_name, *claim_cpr, *claim_birth, *claim_assurance, *claim_title, *claim_unit, *claim_groups;
    const char *assurance[4];     // the claim's value for low, substantial, high at 1, 2, 3
    const char *employee, *administrator;   // values of the groups claim; staff
    int64_t required;             // assurance level, 0 … 3
    int64_t skew;                 // seconds
};

// The name of its section: "citizen", "staff".
const char *oidc_section(enum oidc_kind kind);

// -ENOENT when the provider is not configured, -EINVAL when it is but not usable (logged).
int oidc_provider_read(const struct config *config, enum oidc_kind kind, struct oidc_provider *ret_provider);

// Reads both, so that a mistake shows when the server starts. 0 also where none is configured; -EINVAL.
int oidc_providers_check(const struct config *config);

// What a provider publishes: its discovery document and its keys. From the database while fresh, otherwise fetched. May block.
struct oidc_metadata {
    json_t *discovery, *keys;     // the caller's: oidc_metadata_free
    int64_t fetched;              // ms
    bool fresh;                   // was fetched now and should be kept
};

int oidc_metadata_get(const struct account_scene *scene, const struct oidc_provider *provider, bool anew, struct oidc_metadata *ret_metadata);
void oidc_metadata_free(struct oidc_metadata *metadata);

// What of it is to be kept, sealed: whoever could change a provider's keys in the database could sign people in. Empty when it came from there.
struct oidc_kept {
    enum oidc_kind kind;
    int64_t fetched;
    struct bytes sealed;          // in the arena
};

int oidc_metadata_seal(const struct account_scene *scene, enum oidc_kind kind, const struct oidc_metadata *metadata, struct oidc_kept *ret_kept);

// In a write transaction.
int oidc_metadata_keep(const struct account_scene *scene, const struct oidc_kept *kept);

// A sign-in under way.
struct oidc_login {
    struct str state;      // goes through the browser to the provider and back
    struct str cookie;     // stays in the browser
    struct str nonce;      // in the identity token
    struct str verifier;   // PKCE (RFC 7636)
    struct str next;       // a path on this server
};

// Makes one with fresh secrets and keeps it. In a write transaction.
int oidc_login_begin(const struct account_scene *scene, enum oidc_kind kind, struct str next, struct oidc_login *ret_login);

// Finds the one that came back. -ENOENT: never begun, over, of another provider or of another browser.
int oidc_login_find(const struct account_scene *scene, enum oidc_kind kind, struct str state, struct str cookie, struct oidc_login *ret_login);

// It is over. In a write transaction. -ENOENT: it was over already.
int oidc_login_end(const struct account_scene *scene, struct str state);

// Removes those that were never finished. In a write transaction.
int oidc_login_sweep(const struct account_scene *scene);

// Where the browser is sent: the provider's authorization endpoint and what it has to know. redirect is our own address for the way back.
// The empty view when it is too long or memory is exhausted.
struct str oidc_authorization_address(struct arena *arena, const struct oidc_provider *provider, struct str endpoint,
                                      const struct oidc_login *login, struct str redirect);

// Whether an answer that says it is of issuer iss (empty: says nothing) may be this provider's (RFC 9207).
bool oidc_answer_fits(const struct oidc_provider *provider, const struct oidc_metadata *metadata, struct str iss);

// Exchanges the code and checks the identity token. 0: *ret_claims is the caller's. -EACCES: refused (logged with the reason). May block.
int oidc_exchange(const struct account_scene *scene, const struct oidc_provider *provider, struct oidc_metadata *metadata,
                  const struct oidc_login *login, struct str code, struct str redirect, json_t **ret_claims);

// What the claims say of a person.
struct oidc_identity {
    struct str subject;
    struct str name, title, unit;
    char cpr[11];                 // ten digits; empty: none
    bool has_birth;
    int64_t birth_days;
    int64_t assurance;            // 0 … 3
    enum role role;
};

// -EACCES when they say too little or the wrong, -EPERM when they are of nobody who works here (logged).
int oidc_identity_read(struct arena *arena, const struct oidc_provider *provider, const json_t *claims, struct oidc_identity *ret_identity);

// The account of an identity: known by its login, or a citizen known by the personal number who signs in for the first time, or a new one.
// What the provider says of the person by now (name; role, title and unit of employees) is taken over. In a write transaction.
// -EACCES when the known account is of another kind than the provider's, -EPERM when it is of somebody who works here no longer.
int oidc_account(const struct account_scene *scene, const struct oidc_provider *provider, const struct oidc_identity *identity, int64_t *ret_person);
