// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "web/view.h"

extern const struct view consent_text_edit_json, consent_text_draft_json, consent_text_json;
