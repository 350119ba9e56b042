// SPDX-License-Identifier: MPL-2.0
// Assets over HTTP.
#pragma once

#include <stdbool.h>

struct exchange;

// Answers when the path lies under /asset/ (404 for an unknown one); false otherwise.
bool asset_serve(struct exchange *exchange);
