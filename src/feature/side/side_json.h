// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "web/view.h"

extern const struct view side_json, side_about_json;
