// SPDX-License-Identifier: MPL-2.0
#include "feature/journal/journal_json.h"

#include "feature/journal/journal_view.h"

static const struct view_field entry_fields[] = {
    VIEW_ID(struct journal_view_entry, id, "The entry."),
    VIEW_STR(struct journal_view_entry, theme, "What it is about."),
    VIEW_STR(struct journal_view_entry, day, "The date that it carries."),
    VIEW_STR(struct journal_view_entry, kind, "What it holds."),
    VIEW_STR(struct journal_view_entry, author, "Who filed it."),
    VIEW_TIME(struct journal_view_entry, made_at, "When it was filed."),
    VIEW_STR(struct journal_view_entry, state_key, "made, delivering, delivered, accepted, refused or failed."),
    VIEW_STR(struct journal_view_entry, case_number, "The case in the other system; empty before it has answered."),
    VIEW_STR(struct journal_view_entry, message, "What the other system said."),
    VIEW_STR(struct journal_view_entry, code, "The verification code of the package."),
    VIEW_BOOL(struct journal_view_entry, proven, "Its proofs can be fetched."),
};
const struct view journal_entry_json = VIEW("JournalEntry", struct journal_view_entry, entry_fields);

static const struct view_field mark_fields[] = {
    VIEW_INT(struct journal_view_mark, number, "The post."),
    VIEW_STR(struct journal_view_mark, author, "Who wrote it."),
    VIEW_BOOL(struct journal_view_mark, late, "It has waited longer than it should."),
};
static const struct view mark_json = VIEW("JournalMark", struct journal_view_mark, mark_fields);

static const struct view_field journal_fields[] = {
    VIEW_ID(struct journal_view, dialogue, "The dialogue."),
    VIEW_STR(struct journal_view, topic, "Its topic."),
    VIEW_INT(struct journal_view, posts, "How many posts it has."),
    VIEW_INT(struct journal_view, missing, "How many of them no entry holds."),
    VIEW_BOOL(struct journal_view, may_finish, "It is closed and all of it is filed: that can be confirmed."),
    VIEW_BOOL(struct journal_view, finished, "That was confirmed."),
    VIEW_LIST(struct journal_view, marks, &mark_json, "Important posts that no entry holds."),
    VIEW_LIST(struct journal_view, entries, &journal_entry_json, "The entries, the newest first."),
};
const struct view journal_json = VIEW("Journal", struct journal_view, journal_fields);

static const struct view_field new_fields[] = {
    VIEW_ID(struct journal_view_new, dialogue, "The dialogue."),
    VIEW_INT(struct journal_view_new, posts, "How many posts it has."),
    VIEW_INT(struct journal_view_new, missing, "How many of them no entry holds."),
};
const struct view journal_new_json = VIEW("JournalNew", struct journal_view_new, new_fields);

static const struct view_field call_fields[] = {
    VIEW_ID(struct journal_view_call, dialogue, "The dialogue."),
    VIEW_BOOL(struct journal_view_call, may_post, "The note can become a message as well."),
};
const struct view journal_call_json = VIEW("JournalCall", struct journal_view_call, call_fields);

static const struct view_field important_fields[] = {
    VIEW_ID(struct journal_view_important, dialogue, "The dialogue."),
    VIEW_INT(struct journal_view_important, number, "The post."),
    VIEW_BOOL(struct journal_view_important, important, "It is marked as important for the case."),
    VIEW_BOOL(struct journal_view_important, filed, "An entry holds it."),
};
const struct view journal_important_json = VIEW("JournalImportant", struct journal_view_important, important_fields);

static const struct view_field late_fields[] = {
    VIEW_ID(struct journal_view_late, dialogue, "The dialogue."),
    VIEW_STR(struct journal_view_late, topic, "Its topic."),
    VIEW_INT(struct journal_view_late, posts, "How many important posts wait."),
};
static const struct view late_json = VIEW("JournalLate", struct journal_view_late, late_fields);

static const struct view_field mine_fields[] = {
    VIEW_INT(struct journal_view_mine, days, "After so many days one is reminded."),
    VIEW_LIST(struct journal_view_mine, late, &late_json, "Dialogues with important posts that wait to be filed."),
};
const struct view journal_mine_json = VIEW("JournalMine", struct journal_view_mine, mine_fields);
