// SPDX-License-Identifier: MPL-2.0
#include "feature/notice/notice_json.h"

#include "feature/notice/notice_view.h"

static const struct view_field dialogue_fields[] = {
    VIEW_ID(struct notice_view_dialogue, id, "The dialogue."),
    VIEW_STR(struct notice_view_dialogue, topic, "Topic."),
    VIEW_STR(struct notice_view_dialogue, choice, "When one is told by mail: at_once, daily or never."),
};
static const struct view dialogue_json = VIEW("MailChoice", struct notice_view_dialogue, dialogue_fields);

static const struct view_field fields[] = {
    VIEW_BOOL(struct notice_view, enabled, "The municipality sends mail."),
    VIEW_STR(struct notice_view, address, "The confirmed address; empty: none."),
    VIEW_BOOL(struct notice_view, refused, "The mail server does not take mail for it."),
    VIEW_STR(struct notice_view, wished, "An address that waits to be confirmed; empty: none."),
    VIEW_STR(struct notice_view, unit, "The unit in which one works; empty: none."),
    VIEW_BOOL(struct notice_view, unit_told, "One is told of what is new in its inbox."),
    VIEW_LIST(struct notice_view, dialogues, &dialogue_json, "One's dialogues."),
};
const struct view notice_json = VIEW("Mail", struct notice_view, fields);

static const struct view_field confirm_fields[] = {
    VIEW_STR(struct notice_view_confirm, address, "The address."),
    VIEW_BOOL(struct notice_view_confirm, done, "The answer was taken."),
};
const struct view notice_confirm_json = VIEW("MailConfirmation", struct notice_view_confirm, confirm_fields);

static const struct view_field stop_fields[] = {
    VIEW_INT(struct notice_view_stop, count, "Of dialogues that it is about; 0: all."),
    VIEW_BOOL(struct notice_view_stop, done, "No such mail is sent any more."),
};
const struct view notice_stop_json = VIEW("MailStop", struct notice_view_stop, stop_fields);
