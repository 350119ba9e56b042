// SPDX-License-Identifier: MPL-2.0
// What must hold for every page that Markdown makes; for the unit tests and the fuzz target.
#pragma once

#include "base/str.h"

// NULL when the markup holds only the promised tags with the promised attributes, properly nested and closed, all else escaped, every
// href http, https or mailto, and every letter and digit of the source in its order; otherwise what is wrong.
const char *markdown_check(struct str source, struct str markup);
