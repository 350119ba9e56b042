// SPDX-License-Identifier: MPL-2.0
// How people are found by what somebody types of their name.
#pragma once

#include "base/str.h"

// Whether each of the words begins one of the name's words. Both as utf8_fold makes them. No words: false.
bool account_name_matches(struct str name, struct str words);
