// SPDX-License-Identifier: MPL-2.0
// The part of a form that asks why. Filled by reason.c, read by reason.html.
#pragma once

#include "base/str.h"

struct reason_view_choice {
    struct str value, text;
    bool chosen;
};

struct reason_view {
    const struct reason_view_choice *choices;
    size_t choices_count;
    struct str why_error, words, words_error;
};
