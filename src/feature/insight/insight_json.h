// SPDX-License-Identifier: MPL-2.0
// The views about looking as JSON.
#pragma once

#include "web/view.h"

extern const struct view readers_json, log_json, log_ask_json, review_list_json, review_json;
