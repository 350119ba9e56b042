// SPDX-License-Identifier: MPL-2.0
// What the fuzz targets of the three body formats share.
#pragma once

#include "web/form.h"

// Parses the bytes (for multipart: the first line is the boundary) and aborts when what was accepted breaks a rule.
void form_fuzz_one(enum form_source source, const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
