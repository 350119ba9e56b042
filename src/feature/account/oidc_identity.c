// SPDX-License-Identifier: MPL-2.0
// From claims to an account.
#include "feature/account/oidc.h"

#include "base/log.h"
#include "base/utf8.h"
#include "feature/account/account_sql.h"
#include "web/form.h"

#include <errno.h>

#define NAME_MAX 200   // characters

static int refuse(const struct oidc_provider *provider, const char *reason)
{
    log_event(LOG_WARNING, "login-refused", "provider=%s reason=%s", oidc_section(provider->kind), reason);
    return -EACCES;
}

// Nothing is wrong with the sign-in, and whoever signs in has no work here.
static int turn_away(const struct oidc_provider *provider, const char *reason)
{
    (void)refuse(provider, reason);
    return -EPERM;
}

// One line of text.
static bool can_be_shown(struct str text)
{
    return utf8_valid(text) && !utf8_has_control(text) && !memchr(text.ptr, '\n', text.len) && !memchr(text.ptr, '\t', text.len) &&
           utf8_count(text) <= NAME_MAX;
}

// A text claim, or the empty text. What is not a text, or could not be shown, counts as absent.
static struct str claim(struct arena *arena, const json_t *claims, const char *name)
{
    const json_t *value = json_object_get(claims, name);
    struct str text = json_is_string(value) ? (struct str){ json_string_value(value), json_string_length(value) } : STR("");
    return can_be_shown(text) ? arena_str(arena, str_trim(text)) : STR("");
}

// Whether the provider says something there, be it what we can use or not.
static bool says_something(const json_t *claims, const char *name)
{
    const json_t *value = json_object_get(claims, name);
    return value && !json_is_null(value);
}

static bool has_group(const json_t *claims, const char *name, const char *wanted)
{
    const json_t *groups = json_object_get(claims, name);
    bool found = json_is_string(groups) && strcmp(json_string_value(groups), wanted) == 0;
    for (size_t i = 0; i < json_array_size(groups) && !found; i++) {
        const char *one = json_string_value(json_array_get(groups, i));
        found = one && strcmp(one, wanted) == 0;
    }
    return found;
}

static int64_t read_assurance(const struct oidc_provider *provider, struct str said)
{
    for (int64_t level = 3; level >= 1; level--) {
        if (said.len && str_equal(said, str_from(provider->assurance[level])))
            return level;
    }
    return 0;
}

static enum role read_role(const struct oidc_provider *provider, const json_t *claims)
{
    if (provider->kind == OIDC_CITIZEN)
        return ROLE_PUBLIC;
    if (has_group(claims, provider->claim_groups, provider->administrator))
        return ROLE_ADMINISTRATOR;
    return has_group(claims, provider->claim_groups, provider->employee) ? ROLE_EMPLOYEE : ROLE_UNSET;
}

int oidc_identity_read(struct arena *arena, const struct oidc_provider *provider, const json_t *claims, struct oidc_identity *ret_identity)
{
    struct str cpr = claim(arena, claims, provider->claim_cpr), birth = claim(arena, claims, provider->claim_birth);
    struct oidc_identity identity = {
        .subject = arena_str(arena, str_from(json_string_value(json_object_get(claims, "sub")))),
        .name = claim(arena, claims, provider->claim_name), .title = claim(arena, claims, provider->claim_title),
        .unit = claim(arena, claims, provider->claim_unit), .role = read_role(provider, claims),
        .assurance = read_assurance(provider, claim(arena, claims, provider->claim_assurance)),
    };
    if (provider->kind == OIDC_CITIZEN && says_something(claims, provider->claim_cpr)) {
        if (account_read_cpr(cpr, identity.cpr, &identity.birth_days) < 0)
            return refuse(provider, "cpr");
        identity.has_birth = true;
    } else if (provider->kind == OIDC_CITIZEN) {
        identity.has_birth = form_read_date(birth, &identity.birth_days) == 0;
    }
    if (!identity.subject.ptr)
        return -ENOMEM;
    if (identity.name.len == 0)
        return refuse(provider, "name");
    if (identity.role == ROLE_UNSET)
        return turn_away(provider, "group");
    *ret_identity = identity;
    return 0;
}

static int find_unit(const struct account_scene *scene, struct str name, int64_t *ret_unit)
{
    struct db_stmt *stmt;
    struct sql_account_units row;
    int64_t found = 0;
    int result = sql_account_units(scene->db, &stmt);
    if (result < 0)
        return result;
    while (!found && (result = sql_account_units_next(stmt, &row)) == 1) {
        struct str known;
        result = account_unit_open(scene, row.id, row.sealed, &known);
        if (result < 0)
            break;
        found = str_equal(known, name) ? row.id : 0;
    }
    db_end(stmt);
    if (result < 0)
        return result;
    *ret_unit = found;
    return found ? 0 : account_add_unit(scene, name, ret_unit);
}

static int login_hash(const struct account_scene *scene, const struct oidc_provider *provider, struct str subject, uint8_t ret_hash[LOOKUP_BYTES])
{
    struct str login = arena_format(scene->arena, "%s\n%.*s", provider->issuer, (int)subject.len, subject.ptr);
    if (!login.ptr)
        return -ENOMEM;
    keyring_lookup(scene->keys, LOOKUP_LOGIN, login, ret_hash);
    return 0;
}

int account_staff_login(const struct account_scene *scene, const struct config *config, struct str subject, uint8_t ret_hash[LOOKUP_BYTES])
{
    struct oidc_provider provider;
    int result = oidc_provider_read(config, OIDC_STAFF, &provider);
    return result < 0 ? result : login_hash(scene, &provider, subject, ret_hash);
}

// What the provider says, as an account. A citizen's title and unit are not for the provider to say.
static int describe(const struct account_scene *scene, const struct oidc_identity *identity, struct bytes login, struct account_new *ret_what)
{
    bool employed = identity->role != ROLE_PUBLIC;
    struct account_new what = {
        .role = identity->role, .name = identity->name, .title = employed ? identity->title : STR(""),
        .cpr = *identity->cpr ? identity->cpr : NULL, .has_birth = identity->has_birth, .birth_days = identity->birth_days, .login = login,
    };
    int result = employed && identity->unit.len ? find_unit(scene, identity->unit, &what.unit) : 0;
    if (result == 0)
        *ret_what = what;
    return result;
}

// A citizen who was registered with the personal number and has not signed in before.
static int claim_account(const struct account_scene *scene, const struct account_new *what, int64_t *ret_person)
{
    struct account account;
    int result = what->cpr ? account_find_cpr(scene, what->cpr, &account) : -ENOENT;
    if (result < 0)
        return result;
    if (account.signed_in || account.role != ROLE_PUBLIC)
        return -EACCES;
    result = account_update(scene, account.id, what);
    if (result == 0)
        *ret_person = account.id;
    return result;
}

// Nobody has signed in with that login before.
static int first_account(const struct account_scene *scene, const struct oidc_provider *provider, const struct account_new *what, int64_t *ret_person)
{
    int result = provider->kind == OIDC_CITIZEN ? claim_account(scene, what, ret_person) : -ENOENT;
    if (result == -EACCES)
        return refuse(provider, "claimed");
    return result == -ENOENT ? account_add(scene, what, ret_person) : result;
}

int oidc_account(const struct account_scene *scene, const struct oidc_provider *provider, const struct oidc_identity *identity, int64_t *ret_person)
{
    uint8_t hash[LOOKUP_BYTES];
    struct sql_account_by_login row;
    struct account_new what;
    int result = login_hash(scene, provider, identity->subject, hash);
    if (result == 0)
        result = describe(scene, identity, bytes_from(hash, sizeof(hash)), &what);
    if (result < 0)
        return result;
    result = sql_account_by_login(scene->db, scene->arena, &(struct sql_account_by_login_in){ .login = what.login }, &row);
    if (result == -ENOENT)
        return first_account(scene, provider, &what, ret_person);
    if (result < 0)
        return result;
    if (row.role == ROLE_FORMER)
        return turn_away(provider, "former");
    bool is_public = row.role == ROLE_PUBLIC;
    if (is_public != (provider->kind == OIDC_CITIZEN))
        return refuse(provider, "kind");
    result = account_update(scene, row.id, &what);
    if (result == 0)
        *ret_person = row.id;
    return result;
}
