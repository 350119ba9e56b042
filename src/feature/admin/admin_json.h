// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "web/view.h"

extern const struct view admin_json;
extern const struct view admin_units_json;
extern const struct view admin_staff_json;
extern const struct view admin_one_json;
extern const struct view admin_import_json;
extern const struct view admin_statistics_json;
extern const struct view admin_dialogues_json;
