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
    VIEW_INT(struct admin_view_unit, readers, "How many of them read what citizens write to the unit."),
    VIEW_INT(struct admin_view_unit, letters, "How many messages to the unit nobody has taken yet."),
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
    VIEW_BOOL(struct admin_view_one, reviews, "Reviews looks."),
    VIEW_INT(struct admin_view_one, dialogues, "Dialogues that the person takes part in."),
    VIEW_INT(struct admin_view_one, alone, "Dialogues in which the person is the only coordinator."),
};
const struct view admin_one_json = VIEW("StaffMemberPage", struct admin_view_one, one_fields);

static const struct view_field step_fields[] = {
    VIEW_INT(struct admin_view_step, line, "Line of the file; 0: the person is not in it."),
    VIEW_STR(struct admin_view_step, name, "Name."),
    VIEW_STR(struct admin_view_step, what, "What would happen, in the reader's language."),
    VIEW_STR(struct admin_view_step, detail, "What changes, or why the line can't be used."),
    VIEW_BOOL(struct admin_view_step, bad, "The line can't be used."),
};
static const struct view step_json = VIEW("StaffImportStep", struct admin_view_step, step_fields);

static const struct view_field import_fields[] = {
    VIEW_ID(struct admin_view_import, id, "The file that waits for the decision; null: none."),
    VIEW_INT(struct admin_view_import, added, "New employees."),
    VIEW_INT(struct admin_view_import, changed, "Employees whose title, unit or name would change."),
    VIEW_INT(struct admin_view_import, same, "Employees who stay as they are."),
    VIEW_INT(struct admin_view_import, ended, "Employees whose access would end."),
    VIEW_INT(struct admin_view_import, refused, "Lines that can't be used."),
    VIEW_LIST(struct admin_view_import, steps, &step_json, "What would change, and what can't be used."),
    VIEW_BOOL(struct admin_view_import, more, "There are more than are shown."),
};
const struct view admin_import_json = VIEW("StaffImport", struct admin_view_import, import_fields);

static const struct view_field numbers_fields[] = {
    VIEW_STR(struct admin_view_numbers, unit, "Name."),
    VIEW_STR(struct admin_view_numbers, dialogues, "Dialogues that there are; numbers below five are not told."),
    VIEW_STR(struct admin_view_numbers, started, "Dialogues that were started in the month."),
    VIEW_STR(struct admin_view_numbers, posts, "Messages that were written in the month."),
    VIEW_STR(struct admin_view_numbers, writers, "People who wrote in the month."),
    VIEW_STR(struct admin_view_numbers, waiting, "Dialogues that wait for an answer now."),
    VIEW_STR(struct admin_view_numbers, waited, "How long the oldest has waited; empty: none."),
    VIEW_STR(struct admin_view_numbers, questions, "Questions of people who do not work here that were asked in the month."),
    VIEW_STR(struct admin_view_numbers, median, "Time until the answer, the median, in words; empty: too few to say."),
    VIEW_STR(struct admin_view_numbers, day, "Share that was answered within a day; empty: too few to say."),
    VIEW_STR(struct admin_view_numbers, three_days, "The same within three days."),
    VIEW_STR(struct admin_view_numbers, week, "The same within a week."),
};
static const struct view numbers_json = VIEW("UnitNumbers", struct admin_view_numbers, numbers_fields);

static const struct view_field statistics_fields[] = {
    VIEW_STR(struct admin_view_statistics, month, "The month in words."),
    VIEW_LIST(struct admin_view_statistics, units, &numbers_json, "By name of the unit."),
};
const struct view admin_statistics_json = VIEW("Statistics", struct admin_view_statistics, statistics_fields);

static const struct view_field dialogue_fields[] = {
    VIEW_STR(struct admin_view_dialogue, topic, "Topic."),
    VIEW_STR(struct admin_view_dialogue, people, "Who takes part."),
    VIEW_STR(struct admin_view_dialogue, last, "When somebody last wrote, in words."),
    VIEW_BOOL(struct admin_view_dialogue, closed, "Nobody writes in it any more."),
};
static const struct view dialogue_json = VIEW("AdminDialogue", struct admin_view_dialogue, dialogue_fields);

static const struct view_field dialogues_fields[] = {
    VIEW_BOOL(struct admin_view_dialogues, shown, "A reason was given."),
    VIEW_LIST(struct admin_view_dialogues, dialogues, &dialogue_json, "The one that was active last first."),
    VIEW_INT(struct admin_view_dialogues, before_at, "To be sent for the next ones; 0: there are no more."),
    VIEW_ID(struct admin_view_dialogues, before_id, "To be sent with it."),
};
const struct view admin_dialogues_json = VIEW("AdminDialogues", struct admin_view_dialogues, dialogues_fields);
