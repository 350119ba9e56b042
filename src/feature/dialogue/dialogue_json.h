// SPDX-License-Identifier: MPL-2.0
// The views of a dialogue as JSON.
#pragma once

#include "web/view.h"

extern const struct view dialogue_json, dialogue_people_json, dialogue_posts_json, dialogue_post_json;
extern const struct view dialogue_menu_json, dialogue_edit_json, dialogue_history_json, dialogue_draft_json;
