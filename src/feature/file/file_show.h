// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "feature/file/file.h"

// A size as people read it.
struct request;
struct str file_size_text(struct request *request, int64_t bytes);
