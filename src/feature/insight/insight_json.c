// SPDX-License-Identifier: MPL-2.0
#include "feature/insight/insight_json.h"

#include "feature/insight/log_view.h"
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

static const struct view_field entry_fields[] = {
    VIEW_ID(struct log_view_entry, record, "The newest of the log's records that say this."),
    VIEW_STR(struct log_view_entry, kind, "Their kind."),
    VIEW_STR(struct log_view_entry, sentence, "What was done, in plain words."),
    VIEW_TIME(struct log_view_entry, at, "When, the last time."),
    VIEW_INT(struct log_view_entry, times, "How many records."),
    VIEW_STR(struct log_view_entry, reason, "The reason that was given for a look-up; empty: none."),
    VIEW_BOOL(struct log_view_entry, may_ask, "The reader can ask about it."),
    VIEW_BOOL(struct log_view_entry, asked, "The reader has asked about it."),
};
static const struct view entry_json = VIEW("LogEntry", struct log_view_entry, entry_fields);

static const struct view_field question_fields[] = {
    VIEW_STR(struct log_view_question, sentence, "What was asked about."),
    VIEW_STR(struct log_view_question, question, "What the reader wrote; empty: a spot check."),
    VIEW_BOOL(struct log_view_question, open, "Waits for an answer."),
    VIEW_STR(struct log_view_question, outcome, "What the reviewer found."),
    VIEW_STR(struct log_view_question, answer, "What the reviewer wrote."),
};
static const struct view question_json = VIEW("LogAnswer", struct log_view_question, question_fields);

static const struct view_field log_fields[] = {
    VIEW_BOOL(struct log_view, own, "What the reader has done; otherwise what others have done."),
    VIEW_LIST(struct log_view, entries, &entry_json, "Newest first."),
    VIEW_LIST(struct log_view, questions, &question_json, "What the reader has asked, and reviews that concern them."),
    VIEW_ID(struct log_view, older_before, "There may be older entries: before this number; null: that was all."),
};
const struct view log_json = VIEW("Log", struct log_view, log_fields);

static const struct view_field ask_fields[] = {
    VIEW_ID(struct log_view_ask, record, "The log's record."),
    VIEW_STR(struct log_view_ask, sentence, "What was done, in plain words."),
    VIEW_STR(struct log_view_ask, reviewers, "The unit whose reviewers get the question; may be empty."),
    VIEW_BOOL(struct log_view_ask, asked, "It has been asked already."),
};
const struct view log_ask_json = VIEW("LogAsk", struct log_view_ask, ask_fields);
