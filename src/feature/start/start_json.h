// SPDX-License-Identifier: MPL-2.0
// The views of the start pages as JSON.
#pragma once

#include "web/view.h"

extern const struct view start_json, start_citizen_json, start_topic_json;
