// SPDX-License-Identifier: MPL-2.0
#include "feature/retention/retention_json.h"

#include "feature/retention/retention_view.h"

static const struct view_field unit_fields[] = {
    VIEW_ID(struct retention_view_unit, id, "The unit."),
    VIEW_STR(struct retention_view_unit, name, "Its name."),
    VIEW_INT(struct retention_view_unit, years, "For how many years it keeps a closed and journalised dialogue; 0: for good."),
    VIEW_STR(struct retention_view_unit, ground, "The archive rule, in words."),
};
static const struct view unit_json = VIEW("RetentionUnit", struct retention_view_unit, unit_fields);

static const struct view_field item_fields[] = {
    VIEW_ID(struct retention_view_item, dialogue, "The dialogue."),
    VIEW_ID(struct retention_view_item, erasure, "The erasure; null: nobody has asked for it."),
    VIEW_STR(struct retention_view_item, citizen, "Whom the dialogue is about."),
    VIEW_STR(struct retention_view_item, unit, "The unit's name."),
    VIEW_INT(struct retention_view_item, posts, "How many posts it has or had."),
    VIEW_STR(struct retention_view_item, closed, "When it was closed and journalised."),
    VIEW_STR(struct retention_view_item, asked_by, "Who asked for the erasure."),
    VIEW_STR(struct retention_view_item, asked, "When."),
    VIEW_STR(struct retention_view_item, agreed_by, "Who agreed."),
    VIEW_STR(struct retention_view_item, when, "When it takes place or took place."),
    VIEW_STR(struct retention_view_item, reason, "Why."),
    VIEW_BOOL(struct retention_view_item, own, "The reader asked: somebody else has to agree."),
    VIEW_BOOL(struct retention_view_item, restored, "Nobody asked: it had been erased already when the database was restored from a backup."),
};
static const struct view item_json = VIEW("RetentionItem", struct retention_view_item, item_fields);

static const struct view_field retention_fields[] = {
    VIEW_LIST(struct retention_view, units, &unit_json, "The rules of the units."),
    VIEW_LIST(struct retention_view, due, &item_json, "What may be erased."),
    VIEW_LIST(struct retention_view, asked, &item_json, "What waits for somebody else who agrees."),
    VIEW_LIST(struct retention_view, agreed, &item_json, "What waits for its time."),
    VIEW_LIST(struct retention_view, done, &item_json, "What was erased, the newest first."),
    VIEW_INT(struct retention_view, approval_days, "For how many days a request waits."),
    VIEW_INT(struct retention_view, wait_days, "How many days after the second yes it takes place."),
};
const struct view retention_json = VIEW("Retention", struct retention_view, retention_fields);

static const struct view_field ask_fields[] = {
    VIEW_OBJECT(struct retention_view_ask, item, &item_json, "What is to be erased."),
    VIEW_INT(struct retention_view_ask, left, "How many talks of employees beside it are not in the journal and have nobody left who could file them."),
    VIEW_BOOL(struct retention_view_ask, delivers, "Entries of the journal go to another system by themselves, so that these talks can be filed unread."),
};
const struct view retention_ask_json = VIEW("RetentionAsk", struct retention_view_ask, ask_fields);
