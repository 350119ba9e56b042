// SPDX-License-Identifier: MPL-2.0
#include "feature/local/local_page.h"

static const struct view_field login_fields[] = {
    VIEW_STR(struct local_view_login, next, "Where one goes afterwards."),
};
const struct view local_login_json = VIEW("LocalLogin", struct local_view_login, login_fields);

static const struct view_field ask_fields[] = {
    VIEW_STR(struct local_view_ask, challenge, "To be signed, once, in this browser, within five minutes; base64url."),
    VIEW_STR(struct local_view_ask, site, "The relying party."),
    VIEW_STR(struct local_view_ask, handle, "Of the person, base64url; empty: whoever has a passkey here."),
    VIEW_STR(struct local_view_ask, name, "Of the account."),
    VIEW_STR(struct local_view_ask, display, "The person's name."),
    VIEW_STR(struct local_view_ask, known, "Credentials that are registered, base64url with spaces between."),
};
const struct view local_ask_json = VIEW("PasskeyAsked", struct local_view_ask, ask_fields);

static const struct view_field enrol_fields[] = {
    VIEW_OBJECT(struct local_view_enrol, ask, &local_ask_json, "What the authenticator is asked for."),
    VIEW_STR(struct local_view_enrol, next, "Where one goes afterwards."),
};
const struct view local_enrol_json = VIEW("PasskeyFirst", struct local_view_enrol, enrol_fields);

static const struct view_field passkey_fields[] = {
    VIEW_ID(struct local_view_passkey, id, "The passkey."),
    VIEW_STR(struct local_view_passkey, name, "What the person calls it."),
    VIEW_STR(struct local_view_passkey, about, "When it was added and used, in words."),
};
static const struct view passkey_json = VIEW("Passkey", struct local_view_passkey, passkey_fields);

static const struct view_field own_fields[] = {
    VIEW_STR(struct local_view_own, account, "The account's name."),
    VIEW_LIST(struct local_view_own, passkeys, &passkey_json, "The passkeys, the oldest first."),
    VIEW_INT(struct local_view_own, codes, "Recovery codes that are left."),
    VIEW_STR(struct local_view_own, code_used, "When one was used last, in words; empty: never."),
    VIEW_BOOL(struct local_view_own, by_code, "This session was begun with a recovery code."),
    VIEW_BOOL(struct local_view_own, fresh, "One signed in a short while ago, and may change things here."),
};
const struct view local_own_json = VIEW("Passkeys", struct local_view_own, own_fields);

static const struct view_field remove_fields[] = {
    VIEW_OBJECT(struct local_view_remove, passkey, &passkey_json, "Which."),
    VIEW_BOOL(struct local_view_remove, last, "It is the only one."),
    VIEW_BOOL(struct local_view_remove, may, "It can be removed: something to sign in with is left."),
    VIEW_BOOL(struct local_view_remove, fresh, "One signed in a short while ago."),
};
const struct view local_remove_json = VIEW("PasskeyRemoval", struct local_view_remove, remove_fields);

static const struct view_field code_fields[] = {
    VIEW_STR(struct local_view_code, code, "A code that signs in once."),
};
static const struct view code_json = VIEW("RecoveryCode", struct local_view_code, code_fields);

static const struct view_field codes_fields[] = {
    VIEW_LIST(struct local_view_codes, codes, &code_json, "All of them; they are shown only now."),
    VIEW_STR(struct local_view_codes, account, "The account's name."),
};
const struct view local_codes_json = VIEW("RecoveryCodes", struct local_view_codes, codes_fields);

static const struct view_field given_fields[] = {
    VIEW_ID(struct local_view_given, person, "The person."),
    VIEW_STR(struct local_view_given, name, "Name."),
    VIEW_STR(struct local_view_given, about, "How far they have come, in words."),
    VIEW_BOOL(struct local_view_given, waiting, "Has made no passkey yet."),
};
static const struct view given_json = VIEW("LocalAccount", struct local_view_given, given_fields);

static const struct view_field admin_fields[] = {
    VIEW_LIST(struct local_view_admin, people, &given_json, "Who has such an account."),
};
const struct view local_admin_json = VIEW("LocalAccounts", struct local_view_admin, admin_fields);

static const struct view_field password_fields[] = {
    VIEW_STR(struct local_view_password, name, "The person's name."),
    VIEW_STR(struct local_view_password, account, "The account's name."),
    VIEW_STR(struct local_view_password, password, "The starting password; it is shown only now."),
};
const struct view local_password_json = VIEW("StartingPassword", struct local_view_password, password_fields);
