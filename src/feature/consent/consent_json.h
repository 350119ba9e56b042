// SPDX-License-Identifier: MPL-2.0
// The views as JSON.
#pragma once

#include "web/view.h"

extern const struct view consent_list_json, consent_one_json, propose_list_json, propose_json;
