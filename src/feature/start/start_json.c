// SPDX-License-Identifier: MPL-2.0
#include "feature/start/start_json.h"

#include "feature/start/start_view.h"

static const struct view_field dialogue_fields[] = {
    VIEW_ID(struct start_view_dialogue, id, "The dialogue."),
    VIEW_STR(struct start_view_dialogue, topic, "Topic."),
    VIEW_STR(struct start_view_dialogue, citizen, "Name of the citizen; empty when the reader is the citizen."),
    VIEW_STR(struct start_view_dialogue, last_author, "Who wrote last; empty: nobody yet."),
    VIEW_TIME(struct start_view_dialogue, last_at, "When; null: nobody has written."),
    VIEW_INT(struct start_view_dialogue, unread, "Posts that are new to the reader."),
    VIEW_BOOL(struct start_view_dialogue, side, "A side talk of employees."),
    VIEW_BOOL(struct start_view_dialogue, closed, "Closed: it can only be read."),
    VIEW_BOOL(struct start_view_dialogue, locked, "Locked: a consent has run out."),
};
static const struct view dialogue_json = VIEW("DialogueSummary", struct start_view_dialogue, dialogue_fields);

static const struct view_field waiting_fields[] = {
    VIEW_ID(struct start_view_waiting, id, "The dialogue; null when the reader does not take part."),
    VIEW_STR(struct start_view_waiting, topic, "Topic; empty when the reader does not take part."),
    VIEW_STR(struct start_view_waiting, citizen, "Name of the citizen; empty when the reader does not take part."),
    VIEW_STR(struct start_view_waiting, away, "Of what has waited long: that whose turn it is is away, in a sentence; empty: is not."),
    VIEW_STR(struct start_view_waiting, coordinator, "Whose turn it is; empty: nobody has taken it yet."),
    VIEW_TIME(struct start_view_waiting, since, "Since when."),
};
static const struct view waiting_json = VIEW("Waiting", struct start_view_waiting, waiting_fields);

static const struct view_field notice_fields[] = {
    VIEW_STR(struct start_view_notice, text, "What it is, in the reader's language."),
    VIEW_BOOL(struct start_view_notice, urgent, "Something runs out soon, or has."),
};
static const struct view notice_json = VIEW("StartNotice", struct start_view_notice, notice_fields);

static const struct view_field start_fields[] = {
    VIEW_LIST(struct start_view, notices, &notice_json, "What about consent wants the reader's attention."),
    VIEW_BOOL(struct start_view, employee, "The reader is an employee."),
    VIEW_BOOL(struct start_view, administers, "The reader administers."),
    VIEW_BOOL(struct start_view, may_write, "The reader can write to a unit."),
    VIEW_LIST(struct start_view, dialogues, &dialogue_json, "What is new first."),
    VIEW_INT(struct start_view, unread, "Posts that are new to the reader, in all dialogues."),
    VIEW_INT(struct start_view, unfiled, "Important posts that the reader, as coordinator, has not filed in time."),
    VIEW_INT(struct start_view, questions, "Questions about look-ups that wait for the reader's answer as a reviewer."),
    VIEW_INT(struct start_view, checks, "Spot checks that wait for the reader to sign them off as a reviewer."),
    VIEW_INT(struct start_view, answers, "Answers to the reader's own questions about look-ups that they have not opened."),
    VIEW_STR(struct start_view, unit, "The reader's unit."),
    VIEW_LIST(struct start_view, waiting, &waiting_json, "What waits for an answer in the reader's unit."),
};
const struct view start_json = VIEW("Start", struct start_view, start_fields);

static const struct view_field citizen_fields[] = {
    VIEW_BOOL(struct start_view_citizen, not_found, "No citizen matches exactly."),
};
const struct view start_citizen_json = VIEW("CitizenSearch", struct start_view_citizen, citizen_fields);

static const struct view_field topic_fields[] = {
    VIEW_STR(struct start_view_topic, citizen_token, "Says who was found; to be sent with the topic."),
    VIEW_STR(struct start_view_topic, citizen, "Name."),
    VIEW_STR(struct start_view_topic, unit, "The unit that the dialogue will belong to."),
};
const struct view start_topic_json = VIEW("CitizenFound", struct start_view_topic, topic_fields);
