// SPDX-License-Identifier: MPL-2.0
#include "feature/side/side_json.h"

#include "feature/side/side_view.h"

static const struct view_field talk_fields[] = {
    VIEW_ID(struct side_view_talk, id, "The side talk, a dialogue of its own."),
    VIEW_STR(struct side_view_talk, name, "Its name."),
    VIEW_TIME(struct side_view_talk, ends_at, "When it ends, or was ended."),
    VIEW_BOOL(struct side_view_talk, over, "It is only read."),
};
static const struct view talk_json = VIEW("SideTalk", struct side_view_talk, talk_fields);

static const struct view_field person_fields[] = {
    VIEW_ID(struct side_view_person, person, "The employee."),
    VIEW_STR(struct side_view_person, name, "Name."),
    VIEW_STR(struct side_view_person, relation, "What they are to the citizen, in words."),
};
static const struct view person_json = VIEW("SideTalkPerson", struct side_view_person, person_fields);

static const struct view_field side_fields[] = {
    VIEW_ID(struct side_view, dialogue, "The dialogue."),
    VIEW_LIST(struct side_view, talks, &talk_json, "Those that the reader takes part in, the newest first."),
    VIEW_LIST(struct side_view, people, &person_json, "Who can be chosen."),
    VIEW_INT(struct side_view, days, "How many days one can last."),
};
const struct view side_json = VIEW("SideTalks", struct side_view, side_fields);

static const struct view_field about_fields[] = {
    VIEW_ID(struct side_view_about, dialogue, "The side talk."),
    VIEW_ID(struct side_view_about, parent, "The dialogue beside which it is."),
    VIEW_STR(struct side_view_about, name, "Its name."),
    VIEW_STR(struct side_view_about, reason, "Why it is needed."),
    VIEW_TIME(struct side_view_about, ends_at, "When it ends, or was ended."),
    VIEW_BOOL(struct side_view_about, over, "It is only read."),
    VIEW_BOOL(struct side_view_about, may_end, "The reader may end it."),
};
const struct view side_about_json = VIEW("SideTalkReason", struct side_view_about, about_fields);
