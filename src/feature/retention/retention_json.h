// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "web/view.h"

extern const struct view retention_json, retention_ask_json;
