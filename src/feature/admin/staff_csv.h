// SPDX-License-Identifier: MPL-2.0
// A staff list as other systems export it: comma-separated values (RFC 4180), also with semicolons as Danish spreadsheets write it, in UTF-8 (with
// or without a byte order mark) or Windows-1252.
#pragma once

#include "base/arena.h"

#define STAFF_LINES_MAX 5000
#define STAFF_FIELD_MAX 120   // characters

struct staff_line {
    int64_t line;          // of the file, from 1; where the record ends
    struct str login, name, title, unit;   // trimmed; title and unit may be empty
    const char *problem;   // TEXT("…"): why the line can't be used; NULL: it can
};

// Reads the file into the arena. Its first line names the columns, in any order, Danish or English: login, navn/name, and if wanted titel/title and
// enhed/unit; others are passed over. -EINVAL with *ret_problem, a TEXT("…"), when the file as a whole can't be read. -ENOMEM.
int staff_csv_read(struct arena *arena, struct bytes file, const struct staff_line **ret_lines, size_t *ret_count, const char **ret_problem);
