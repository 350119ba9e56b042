// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "web/view.h"

extern const struct view moderation_hide_json, moderation_hidden_json, moderation_closing_json, moderation_relation_json;
