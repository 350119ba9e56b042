// SPDX-License-Identifier: MPL-2.0
#include "feature/insight/insight_json.h"

#include "feature/insight/readers_view.h"

static const struct view_field one_fields[] = {
    VIEW_STR(struct readers_view_one, who, "Name, or what the person is, as far as the reader may see it."),
    VIEW_STR(struct readers_view_one, unit, "Unit; empty: none, or not shown."),
    VIEW_BOOL(struct readers_view_one, self, "The reader."),
    VIEW_BOOL(struct readers_view_one, author, "Wrote the message."),
    VIEW_BOOL(struct readers_view_one, former, "Takes no part any more."),
    VIEW_TIME(struct readers_view_one, first_at, "When first; null: not yet, or not shown."),
    VIEW_INT(struct readers_view_one, times, "How often; 0: not yet, or not shown."),
    VIEW_STR(struct readers_view_one, what, "Of who does not take part: what they looked at."),
    VIEW_ID(struct readers_view_one, record, "The log's record that can be questioned; null: none."),
};
static const struct view one_json = VIEW("Reader", struct readers_view_one, one_fields);

static const struct view_field readers_fields[] = {
    VIEW_ID(struct readers_view, dialogue, "The dialogue."),
    VIEW_INT(struct readers_view, number, "The message."),
    VIEW_STR(struct readers_view, author, "Who wrote it."),
    VIEW_LIST(struct readers_view, read, &one_json, "Who has been shown the message, those who have left included."),
    VIEW_LIST(struct readers_view, unread, &one_json, "Who takes part and has not."),
    VIEW_LIST(struct readers_view, strangers, &one_json, "Who looked at the dialogue without ever having taken part."),
};
const struct view readers_json = VIEW("Readers", struct readers_view, readers_fields);
