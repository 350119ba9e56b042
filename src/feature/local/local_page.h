// SPDX-License-Identifier: MPL-2.0
// What the pages of local accounts share.
#pragma once

#include "feature/local/local_view.h"
#include "feature/local/passkey.h"
#include "web/request.h"

static inline struct account_scene local_scene(const struct request *request)
{
    return (struct account_scene){ request->db, request->keys, request->arena, request->now };
}

// The browser that a challenge is given to: its session, or its visitor's cookie.
static inline struct bytes local_browser(const struct request *request)
{
    return bytes_from(request->session.key, SESSION_KEY);
}

// A page of ours, or the start page.
struct str local_next(struct request *request, struct str next);

// A text with values, in the request's language. ptr NULL: no memory.
struct str local_words(struct request *request, const char *english, const struct text_value *values, size_t count);

// Shows the sign-in page. Of the view, only what is not empty need be set.
int local_show_login(struct request *request, const struct local_view_login *view);

// Shows it again with what went wrong, as a success that is committed: what was tried counts.
int local_refuse(struct request *request, const struct local_view_login *view);

// Makes a challenge and fills in what an authenticator is asked. person: of PASSKEY_ENROL and PASSKEY_ADD.
int local_ask(struct request *request, enum passkey_purpose purpose, int64_t person, struct local_view_ask *ret_ask);
extern const struct view local_ask_json;

// What passkey.js sends of a new passkey. Fields of the form in this order.
struct local_created_form {
    struct str client_data, authenticator_data, name, next;
};
extern const struct form local_created_form;

// Checks and keeps a new passkey for whom its challenge was made. -EACCES: refused (logged). -EEXIST, -E2BIG as passkey_add. Refused so, nothing was
// written but that the challenge is used up.
int local_created(struct request *request, enum passkey_purpose purpose, const struct local_created_form *form, int64_t *ret_person);

// Whether an account may sign in: its person is employed. -ENOENT.
int local_person(struct request *request, int64_t person, struct account *ret_account);

// Around each hashing of a password, in a prepare. -EBUSY when as many run as may: the other threads that prepare answers stay free for those who sign in
// otherwise.
int local_hash_begin(struct app *app);
void local_hash_end(struct app *app);

// Base64url fields have these lengths at most, in characters.
#define LOCAL_TEXT_MAX(bytes) (((bytes) * 4 + 2) / 3)

extern const struct view local_login_json, local_enrol_json, local_own_json, local_remove_json, local_codes_json, local_admin_json, local_password_json;
