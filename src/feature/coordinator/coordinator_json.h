// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "web/view.h"

extern const struct view coordinator_json, coordinator_one_json;
