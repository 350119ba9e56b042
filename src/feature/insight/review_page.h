// SPDX-License-Identifier: MPL-2.0
// From reviews to the views of a reviewer's pages.
#pragma once

#include "feature/insight/people.h"
#include "feature/insight/review.h"
#include "feature/insight/review_view.h"

int review_page_row(struct people *people, const struct review *review, struct review_view_row *ret_row);
int review_page_one(struct people *people, const struct review *review, struct review_view_one *ret_view);

// What a reviewer found, in words: TEXT("It was in order.").
const char *review_outcome_text(enum review_outcome outcome);
