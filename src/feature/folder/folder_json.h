// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "web/view.h"

extern const struct view folder_json, folder_proof_json;
