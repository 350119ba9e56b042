// SPDX-License-Identifier: MPL-2.0
#include "feature/account/account_json.h"

#include "feature/account/account_view.h"

static const struct view_field demo_fields[] = {
    VIEW_ID(struct account_view_demo, person, "The person."),
    VIEW_STR(struct account_view_demo, name, "Name."),
    VIEW_STR(struct account_view_demo, about, "Who it is."),
};
static const struct view demo_json = VIEW("DemoPerson", struct account_view_demo, demo_fields);

static const struct view_field group_fields[] = {
    VIEW_STR(struct account_view_demo_group, title, "What they have in common."),
    VIEW_LIST(struct account_view_demo_group, people, &demo_json, "The people."),
};
static const struct view group_json = VIEW("DemoGroup", struct account_view_demo_group, group_fields);

static const struct view_field login_fields[] = {
    VIEW_STR(struct account_view_login, next, "Where one goes afterwards."),
    VIEW_BOOL(struct account_view_login, citizen, "Citizens can sign in."),
    VIEW_BOOL(struct account_view_login, staff, "Employees can sign in."),
    VIEW_BOOL(struct account_view_login, local, "Those with an account of the installation's own can sign in."),
    VIEW_BOOL(struct account_view_login, demo, "Made-up people can be chosen."),
    VIEW_LIST(struct account_view_login, groups, &group_json, "Made-up people."),
};
const struct view account_login_json = VIEW("Login", struct account_view_login, login_fields);

static const struct view_field refused_fields[] = {
    VIEW_BOOL(struct account_view_refused, assurance, "The sign-in was not strong enough."),
    VIEW_BOOL(struct account_view_refused, cancelled, "It was stopped at the provider."),
    VIEW_BOOL(struct account_view_refused, no_work, "The work account gives no access here, or no longer."),
    VIEW_STR(struct account_view_refused, next, "Where one was going."),
};
const struct view account_refused_json = VIEW("LoginRefused", struct account_view_refused, refused_fields);

static const struct view_field profile_fields[] = {
    VIEW_STR(struct account_view_profile, name, "Name."),
    VIEW_STR(struct account_view_profile, role, "Role, in the reader's language."),
    VIEW_STR(struct account_view_profile, unit, "Unit; empty: none."),
    VIEW_BOOL(struct account_view_profile, english, "The language is English, otherwise Danish."),
};
const struct view account_profile_json = VIEW("Profile", struct account_view_profile, profile_fields);
