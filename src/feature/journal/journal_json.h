// SPDX-License-Identifier: MPL-2.0
// The journal's views as JSON.
#pragma once

#include "web/view.h"

extern const struct view journal_json, journal_entry_json, journal_new_json, journal_call_json, journal_important_json, journal_mine_json;
