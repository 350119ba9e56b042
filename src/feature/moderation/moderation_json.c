// SPDX-License-Identifier: MPL-2.0
#include "feature/moderation/moderation_json.h"

#include "feature/moderation/moderation_view.h"

static const struct view_field hide_fields[] = {
    VIEW_ID(struct moderation_view_hide, dialogue, "The dialogue."),
    VIEW_INT(struct moderation_view_hide, number, "The post."),
    VIEW_STR(struct moderation_view_hide, author, "Who wrote it."),
    VIEW_STR(struct moderation_view_hide, excerpt, "Its text."),
};
const struct view moderation_hide_json = VIEW("PostToHide", struct moderation_view_hide, hide_fields);

static const struct view_field hidden_fields[] = {
    VIEW_ID(struct moderation_view_hidden, dialogue, "The dialogue."),
    VIEW_INT(struct moderation_view_hidden, number, "The post."),
    VIEW_STR(struct moderation_view_hidden, author, "Who wrote it."),
    VIEW_STR(struct moderation_view_hidden, by, "Who hid it."),
    VIEW_TIME(struct moderation_view_hidden, at, "When."),
    VIEW_STR(struct moderation_view_hidden, reason, "Why."),
    VIEW_BOOL(struct moderation_view_hidden, may_undo, "The reader may show it again."),
    VIEW_STR(struct moderation_view_hidden, text, "What it says, where that was asked for."),
};
const struct view moderation_hidden_json = VIEW("HiddenPost", struct moderation_view_hidden, hidden_fields);

static const struct view_field closing_fields[] = {
    VIEW_ID(struct moderation_view_closing, dialogue, "The dialogue."),
    VIEW_BOOL(struct moderation_view_closing, closed, "It is closed."),
    VIEW_INT(struct moderation_view_closing, side_talks, "How many side talks beside it closing ends."),
    VIEW_BOOL(struct moderation_view_closing, may_reopen, "The reader may open it again."),
    VIEW_STR(struct moderation_view_closing, by, "Who closed it; empty: it closed by itself."),
    VIEW_TIME(struct moderation_view_closing, at, "When."),
    VIEW_STR(struct moderation_view_closing, reason, "Why."),
};
const struct view moderation_closing_json = VIEW("Closing", struct moderation_view_closing, closing_fields);

static const struct view_field relation_fields[] = {
    VIEW_ID(struct moderation_view_relation, dialogue, "The dialogue."),
    VIEW_ID(struct moderation_view_relation, person, "The participant."),
    VIEW_STR(struct moderation_view_relation, name, "Their name."),
    VIEW_STR(struct moderation_view_relation, relation, "What they are to the citizen, in words."),
    VIEW_INT(struct moderation_view_relation, kind, "1: relative; 2: from outside; 0: something else."),
    VIEW_BOOL(struct moderation_view_relation, may_take_over, "Can become coordinator in the reader's place."),
};
const struct view moderation_relation_json = VIEW("ParticipantRelation", struct moderation_view_relation, relation_fields);
