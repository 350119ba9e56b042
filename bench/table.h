// SPDX-License-Identifier: MPL-2.0
// The table of figures: ours, the reference of the same rounds, their ratio.
#pragma once

#include <stddef.h>
#include <stdbool.h>

#define TABLE_ROWS 24
#define TABLE_ROUNDS 31

enum goal { GOAL_UNSET, GOAL_NONE, GOAL_AT_MOST, GOAL_AT_LEAST };

struct row {
    const char *name; // for the JSON: "page_cpu"
    const char *work;
    const char *reference; // what it is held against
    const char *unit;
    enum goal kind;
    double goal; // of the ratio
    double ours[TABLE_ROUNDS], theirs[TABLE_ROUNDS];
    size_t rounds;
};

struct table {
    struct row rows[TABLE_ROWS];
    size_t count;
};

// A new row, to be filled by row_add.
struct row *table_row(struct table *table, const char *name, const char *work,
                      const char *reference, const char *unit);
void row_add(struct row *row, double ours, double theirs);
void row_goal(struct row *row, enum goal kind, double goal);

// The table, then one line of JSON. Whether all goals are met.
bool table_print(struct table *table);
