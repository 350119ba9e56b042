// SPDX-License-Identifier: MPL-2.0
// The pages about mail as JSON.
#pragma once

#include "web/view.h"

extern const struct view notice_json, notice_confirm_json, notice_stop_json;
