// SPDX-License-Identifier: MPL-2.0
#include "feature/admin/admin_json.h"

#include "feature/admin/admin_view.h"

static const struct view_field link_fields[] = {
    VIEW_STR(struct menu_link, text, "What it is called in the reader's language."),
};
static const struct view link_json = VIEW("AdminLink", struct menu_link, link_fields);

static const struct view_field admin_fields[] = {
    VIEW_LIST(struct admin_view, links, &link_json, "The pages of administration."),
};
const struct view admin_json = VIEW("Admin", struct admin_view, admin_fields);

static const struct view_field unit_fields[] = {
    VIEW_ID(struct admin_view_unit, id, "The unit."),
    VIEW_STR(struct admin_view_unit, name, "Name."),
    VIEW_INT(struct admin_view_unit, staff, "How many are employed there."),
    VIEW_INT(struct admin_view_unit, dialogues, "How many dialogues belong to it."),
};
static const struct view unit_json = VIEW("Unit", struct admin_view_unit, unit_fields);

static const struct view_field units_fields[] = {
    VIEW_LIST(struct admin_view_units, units, &unit_json, "By name."),
    VIEW_BOOL(struct admin_view_units, may_add, "The reader may add units."),
};
const struct view admin_units_json = VIEW("Units", struct admin_view_units, units_fields);

static const struct view_field member_fields[] = {
    VIEW_ID(struct admin_view_member, person, "The person."),
    VIEW_STR(struct admin_view_member, name, "Name."),
    VIEW_STR(struct admin_view_member, title, "Title."),
    VIEW_STR(struct admin_view_member, unit, "Unit; empty: none."),
    VIEW_STR(struct admin_view_member, role, "Role in the reader's language."),
    VIEW_BOOL(struct admin_view_member, former, "The employment has ended."),
    VIEW_BOOL(struct admin_view_member, signed_in, "Has signed in at least once."),
};
static const struct view member_json = VIEW("StaffMember", struct admin_view_member, member_fields);

static const struct view_field staff_fields[] = {
    VIEW_LIST(struct admin_view_staff, people, &member_json, "By name."),
    VIEW_BOOL(struct admin_view_staff, more, "There are more than are shown."),
};
const struct view admin_staff_json = VIEW("Staff", struct admin_view_staff, staff_fields);

static const struct view_field one_fields[] = {
    VIEW_OBJECT(struct admin_view_one, member, &member_json, "Who it is."),
    VIEW_INT(struct admin_view_one, dialogues, "Dialogues that the person takes part in."),
    VIEW_INT(struct admin_view_one, alone, "Dialogues in which the person is the only coordinator."),
};
const struct view admin_one_json = VIEW("StaffMemberPage", struct admin_view_one, one_fields);
