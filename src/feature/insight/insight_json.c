// SPDX-License-Identifier: MPL-2.0
#include "feature/insight/insight_json.h"

#include "feature/insight/log_view.h"
#include "feature/insight/readers_view.h"
#include "feature/insight/review_view.h"

static const struct view_field one_fields[] = {
    VIEW_STR(struct readers_view_one, who, "Name, or what the person is, as far as the reader may see it."),
    VIEW_STR(struct readers_view_one, unit, "Unit; empty: none, or not shown."),
    VIEW_BOOL(struct readers_view_one, self, "The reader."),
    VIEW_BOOL(struct readers_view_one, author, "Wrote the message."),
    VIEW_BOOL(struct readers_view_one, former, "Takes no part any more."),
    VIEW_TIME(struct readers_view_one, first_at, "When first; null: not yet, or not shown."),
    VIEW_INT(struct readers_view_one, times, "How often, each visit once; 0: not yet, or not shown."),
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
    VIEW_INT(struct log_view_entry, visits, "Of what was read: how often, each visit once."),
    VIEW_STR(struct log_view_entry, reason, "The reason that was given for a look-up; empty: none."),
    VIEW_BOOL(struct log_view_entry, may_ask, "The reader can ask about it."),
    VIEW_BOOL(struct log_view_entry, asked, "The reader has asked about it."),
    VIEW_INT(struct log_view_entry, text_version, "Of an answer about consent: version of the text that was shown; 0: none."),
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

static const struct view_field row_fields[] = {
    VIEW_ID(struct review_view_row, id, "The review."),
    VIEW_STR(struct review_view_row, who, "Who looked."),
    VIEW_STR(struct review_view_row, about_who, "Their title and unit."),
    VIEW_STR(struct review_view_row, what, "What was done, in plain words, without what it was about."),
    VIEW_STR(struct review_view_row, when, "When, the last time."),
    VIEW_STR(struct review_view_row, signs, "What was unusual; empty: nothing."),
    VIEW_BOOL(struct review_view_row, asked, "Somebody asked; otherwise it was drawn."),
    VIEW_BOOL(struct review_view_row, own, "The reader did it: somebody else signs it off."),
    VIEW_STR(struct review_view_row, outcome, "What was found; empty: it waits."),
};
static const struct view row_json = VIEW("ReviewSummary", struct review_view_row, row_fields);

static const struct view_field review_list_fields[] = {
    VIEW_LIST(struct review_view, open, &row_json, "What waits, the oldest first."),
    VIEW_LIST(struct review_view, closed, &row_json, "What was signed off lately."),
};
const struct view review_list_json = VIEW("Reviews", struct review_view, review_list_fields);

static const struct view_field look_fields[] = {
    VIEW_STR(struct review_view_look, what, "What was done."),
    VIEW_STR(struct review_view_look, when, "When."),
    VIEW_INT(struct review_view_look, times, "How often; of what was read each visit once."),
};
static const struct view look_json = VIEW("ReviewLook", struct review_view_look, look_fields);

static const struct view_field review_fields[] = {
    VIEW_OBJECT(struct review_view_one, row, &row_json, "The review."),
    VIEW_STR(struct review_view_one, part, "What who looked is to the dialogue."),
    VIEW_STR(struct review_view_one, reason, "The reason given for a look-up."),
    VIEW_STR(struct review_view_one, asker, "Who asked."),
    VIEW_STR(struct review_view_one, question, "What they asked; empty: a spot check."),
    VIEW_LIST(struct review_view_one, looks, &look_json, "What was done, newest first."),
    VIEW_BOOL(struct review_view_one, may_close, "The reader can sign it off."),
    VIEW_STR(struct review_view_one, note, "The reviewers' note."),
    VIEW_STR(struct review_view_one, answer, "What the citizen was told."),
};
const struct view review_json = VIEW("Review", struct review_view_one, review_fields);
