// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "base/str.h"

// GET /dialogue/{dialogue#}/favourite
struct favourite_view {
    int64_t dialogue;
    struct str topic;
    bool favourite;   // the reader has marked the dialogue
};
