// SPDX-License-Identifier: MPL-2.0
// The views about accounts as JSON.
#pragma once

#include "web/view.h"

extern const struct view account_login_json, account_refused_json, account_profile_json;
