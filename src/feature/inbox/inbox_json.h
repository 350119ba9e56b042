// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "web/view.h"

extern const struct view inbox_json;
extern const struct view inbox_one_json;
extern const struct view inbox_write_json;
extern const struct view inbox_absence_json;
