// SPDX-License-Identifier: MPL-2.0
// From the rules to the views of the journal's pages.
#pragma once

#include "feature/journal/journal.h"
#include "feature/journal/journal_view.h"
#include "web/request.h"

// Days after which one is reminded of an important post that is not filed; the setting journal.remind_days.
int64_t journal_remind_days(const struct app *app);

int journal_page(struct request *request, struct journal_view *ret_view);
int journal_page_entry(struct request *request, const struct journal_entry *entry, struct journal_view_entry *ret_view);
int journal_page_mine(struct request *request, struct journal_view_mine *ret_view);

// The beginning of a post's text, and who wrote it. Notes in the log that it was shown.
int journal_page_excerpt(struct request *request, int64_t number, struct str *ret_author, struct str *ret_excerpt);

// How the journal's routes begin.
#define JOURNAL_GET(path_text, kind, ...)                                                                                            \
    { .method = METHOD_GET, .path = path_text, .permission = PERMISSION_DIALOGUE_JOURNAL, .audit = kind, .load = dialogue_load, __VA_ARGS__ }
#define JOURNAL_POST(path_text, kind, ...)                                                                                           \
    { .method = METHOD_POST, .path = path_text, .permission = PERMISSION_DIALOGUE_JOURNAL, .audit = kind, .load = dialogue_load, __VA_ARGS__ }
