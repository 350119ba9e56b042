// SPDX-License-Identifier: MPL-2.0
#include "feature/coordinator/coordinator_json.h"

#include "feature/coordinator/coordinator_view.h"

static const struct view_field item_fields[] = {
    VIEW_ID(struct coordinator_view_item, dialogue, "The dialogue."),
    VIEW_STR(struct coordinator_view_item, unit, "Its unit."),
    VIEW_STR(struct coordinator_view_item, last, "Who was the coordinator."),
    VIEW_STR(struct coordinator_view_item, since, "Since when there is none."),
    VIEW_STR(struct coordinator_view_item, asked, "Who is proposed and waits for a yes; empty: nobody."),
};
static const struct view item_json = VIEW("DialogueWithoutCoordinator", struct coordinator_view_item, item_fields);

static const struct view_field list_fields[] = {
    VIEW_LIST(struct coordinator_view, items, &item_json, "Those without, the longest first."),
};
const struct view coordinator_json = VIEW("DialoguesWithoutCoordinator", struct coordinator_view, list_fields);

static const struct view_field person_fields[] = {
    VIEW_ID(struct coordinator_view_person, person, "The person."),
    VIEW_STR(struct coordinator_view_person, words, "Name and title."),
};
static const struct view person_json = VIEW("CoordinatorCandidate", struct coordinator_view_person, person_fields);

static const struct view_field one_fields[] = {
    VIEW_OBJECT(struct coordinator_view_one, item, &item_json, "The dialogue."),
    VIEW_LIST(struct coordinator_view_one, people, &person_json, "Employees of the unit."),
};
const struct view coordinator_one_json = VIEW("NewCoordinator", struct coordinator_view_one, one_fields);
