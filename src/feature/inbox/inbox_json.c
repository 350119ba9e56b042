// SPDX-License-Identifier: MPL-2.0
#include "feature/inbox/inbox_json.h"

#include "feature/inbox/inbox_view.h"

static const struct view_field item_fields[] = {
    VIEW_ID(struct inbox_view_item, id, "The dialogue."),
    VIEW_STR(struct inbox_view_item, topic, "Topic."),
    VIEW_STR(struct inbox_view_item, citizen, "Name of who wrote."),
    VIEW_TIME(struct inbox_view_item, since, "Since when it waits."),
};
static const struct view item_json = VIEW("InboxItem", struct inbox_view_item, item_fields);

static const struct view_field inbox_fields[] = {
    VIEW_STR(struct inbox_view, unit, "The reader's unit."),
    VIEW_LIST(struct inbox_view, items, &item_json, "What has no coordinator yet, the longest waiting first."),
    VIEW_INT(struct inbox_view, orphans, "Dialogues of the unit that have no coordinator any more."),
};
const struct view inbox_json = VIEW("Inbox", struct inbox_view, inbox_fields);

static const struct view_field post_fields[] = {
    VIEW_STR(struct inbox_view_post, when, "When it was written, in words."),
    VIEW_STR(struct inbox_view_post, text, "As it was written."),
};
static const struct view post_json = VIEW("InboxPost", struct inbox_view_post, post_fields);

static const struct view_field colleague_fields[] = {
    VIEW_ID(struct inbox_view_colleague, person, "The person."),
    VIEW_STR(struct inbox_view_colleague, words, "Name, and whether they are away."),
};
static const struct view colleague_json = VIEW("InboxColleague", struct inbox_view_colleague, colleague_fields);

static const struct view_field one_fields[] = {
    VIEW_ID(struct inbox_view_one, id, "The dialogue."),
    VIEW_STR(struct inbox_view_one, topic, "Topic."),
    VIEW_STR(struct inbox_view_one, citizen, "Name of who wrote."),
    VIEW_LIST(struct inbox_view_one, posts, &post_json, "What was written, oldest first."),
    VIEW_LIST(struct inbox_view_one, colleagues, &colleague_json, "Who can become the coordinator."),
};
const struct view inbox_one_json = VIEW("InboxDialogue", struct inbox_view_one, one_fields);

static const struct view_field unit_fields[] = {
    VIEW_ID(struct inbox_view_unit, id, "The unit, or the person."),
    VIEW_STR(struct inbox_view_unit, name, "Name."),
};
static const struct view unit_json = VIEW("InboxChoice", struct inbox_view_unit, unit_fields);

static const struct view_field write_fields[] = {
    VIEW_LIST(struct inbox_view_write, units, &unit_json, "Whom one can write to."),
};
const struct view inbox_write_json = VIEW("WriteToUnit", struct inbox_view_write, write_fields);

static const struct view_field absence_fields[] = {
    VIEW_BOOL(struct inbox_view_absence, set, "Something is said already."),
    VIEW_STR(struct inbox_view_absence, sentence, "What others read today; empty: nothing."),
    VIEW_INT(struct inbox_view_absence, without_deputy, "How many dialogues that one coordinates name no deputy: who was chosen takes no part in them."),
    VIEW_STR(struct inbox_view_absence, first, "First day away."),
    VIEW_STR(struct inbox_view_absence, last, "Last day away."),
    VIEW_LIST(struct inbox_view_absence, deputies, &unit_json, "Who can answer meanwhile."),
};
const struct view inbox_absence_json = VIEW("Absence", struct inbox_view_absence, absence_fields);
