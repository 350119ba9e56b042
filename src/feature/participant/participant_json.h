// SPDX-License-Identifier: MPL-2.0
// The views about participants as JSON.
#pragma once

#include "web/view.h"

extern const struct view participant_json, participant_landing_json, participant_dead_json;
