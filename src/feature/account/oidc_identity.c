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
    log_event(LOG_WARNING, "login-refused", "provider=%d reason=%s", (int)provider->kind, reason);
    return -EACCES;
}

// A text claim, or the empty text. Texts that could not be shown count as absent.
static struct str claim(struct arena *arena, const json_t *claims, const char *name)
{
    const json_t *value = json_object_get(claims, name);
    struct str text = json_is_string(value) ? (struct str){ json_string_value(value), json_string_length(value) } : STR("");
    if (!utf8_valid(text) || utf8_has_control(text) || utf8_count(text) > NAME_MAX)
        return STR("");
    return arena_str(arena, str_trim(text));
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
    if (provider->kind == OIDC_CITIZEN && cpr.len) {
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
        return refuse(provider, "group");
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

static int make_account(const struct account_scene *scene, const struct oidc_identity *identity, struct bytes login, int64_t *ret_person)
{
    struct account_new what = {
        .role = identity->role, .name = identity->name, .title = identity->title, .cpr = *identity->cpr ? identity->cpr : NULL,
        .has_birth = identity->has_birth, .birth_days = identity->birth_days, .login = login,
    };
    int result = identity->role != ROLE_PUBLIC && identity->unit.len ? find_unit(scene, identity->unit, &what.unit) : 0;
    return result < 0 ? result : account_add(scene, &what, ret_person);
}

// A citizen who was registered with the personal number and has not signed in before.
static int claim_account(const struct account_scene *scene, const struct oidc_identity *identity, struct bytes login, int64_t *ret_person)
{
    struct account account;
    int result = *identity->cpr ? account_find_cpr(scene, identity->cpr, &account) : -ENOENT;
    if (result < 0)
        return result;
    if (account.signed_in || account.role != ROLE_PUBLIC)
        return -EACCES;
    int64_t rows = sql_account_login_bind(scene->db, &(struct sql_account_login_bind_in){ .id = account.id, .login = login });
    if (rows != 1)
        return rows < 0 ? (int)rows : -EACCES;
    *ret_person = account.id;
    return 0;
}

int oidc_account(const struct account_scene *scene, const struct oidc_provider *provider, const struct oidc_identity *identity, int64_t *ret_person)
{
    uint8_t hash[LOOKUP_BYTES];
    struct sql_account_by_login row;
    int result = login_hash(scene, provider, identity->subject, hash);
    if (result < 0)
        return result;
    struct bytes login = bytes_from(hash, sizeof(hash));
    result = sql_account_by_login(scene->db, scene->arena, &(struct sql_account_by_login_in){ .login = login }, &row);
    if (result == 0) {
        bool is_public = row.role == ROLE_PUBLIC;
        if (is_public != (provider->kind == OIDC_CITIZEN))
            return refuse(provider, "kind");
        *ret_person = row.id;
        // The provider says each time what an employee may: who is no longer one, or is one now.
        int64_t rows = row.role == (int64_t)identity->role ? 1
            : sql_account_role_change(scene->db, &(struct sql_account_role_change_in){ .id = row.id, .role = identity->role });
        return rows < 0 ? (int)rows : 0;
    }
    if (result != -ENOENT)
        return result;
    result = provider->kind == OIDC_CITIZEN ? claim_account(scene, identity, login, ret_person) : -ENOENT;
    if (result == -EACCES)
        return refuse(provider, "claimed");
    return result == -ENOENT ? make_account(scene, identity, login, ret_person) : result;
}
