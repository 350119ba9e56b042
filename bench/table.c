// SPDX-License-Identifier: MPL-2.0
#include "table.h"

#include "base/buf.h"
#include "web/json_out.h"

#include <assert.h>
#include <stdio.h>

struct figures {
    double ours, theirs, ratio; // medians; the ratio is the median of the rounds' ratios
    double noise; // how far the reference's rounds lie apart, in parts of their median
};

struct row *table_row(struct table *table, const char *name, const char *work,
                      const char *reference, const char *unit)
{
    assert(table->count < TABLE_ROWS);
    struct row *row = &table->rows[table->count++];
    *row = (struct row){
        .name = name, .work = work, .reference = reference, .unit = unit, .kind = GOAL_NONE
    };
    return row;
}

void row_add(struct row *row, double ours, double theirs)
{
    assert(row->rounds < TABLE_ROUNDS);
    row->ours[row->rounds] = ours;
    row->theirs[row->rounds++] = theirs;
}

void row_goal(struct row *row, enum goal kind, double goal)
{
    row->kind = kind;
    row->goal = goal;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void sorted(const double *from, size_t count, double *to)
{
    memcpy(to, from, count * sizeof(*to));
    qsort(to, count, sizeof(*to), ascending);
}

static struct figures figures_of(const struct row *row)
{
    double list[TABLE_ROUNDS];
    struct figures figures = { 0 };
    size_t middle = row->rounds / 2;
    if (row->rounds == 0)
        return figures;
    sorted(row->ours, row->rounds, list);
    figures.ours = list[middle];
    sorted(row->theirs, row->rounds, list);
    figures.theirs = list[middle];
    if (figures.theirs > 0)
        figures.noise = (list[row->rounds - 1] - list[0]) / figures.theirs;
    for (size_t i = 0; i < row->rounds; i++)
        list[i] = row->theirs[i] > 0 ? row->ours[i] / row->theirs[i] : 0;
    qsort(list, row->rounds, sizeof(*list), ascending);
    figures.ratio = list[middle];
    return figures;
}

static bool met(const struct row *row, double ratio)
{
    if (row->rounds == 0)
        return row->kind == GOAL_NONE;
    return row->kind == GOAL_AT_MOST    ? ratio <= row->goal
           : row->kind == GOAL_AT_LEAST ? ratio >= row->goal
                                        : true;
}

static void print_row(const struct row *row, const struct figures *figures)
{
    char goal[32] = "";
    if (row->kind != GOAL_NONE)
        (void)snprintf(goal, sizeof(goal), "%s %.2f %s",
                       row->kind == GOAL_AT_MOST ? "<=" : ">=", row->goal,
                       met(row, figures->ratio) ? "yes" : "NO");
    printf("%-50s %10.1f %-8s %-42s %10.1f %8.2f  %-12s %4.0f %%\n", row->work, figures->ours,
           row->unit, row->reference, figures->theirs, figures->ratio, goal, figures->noise * 100);
}

static void json_number(struct json_out *out, const char *name, double number)
{
    json_out_key(out, str_from(name));
    buf_format(out->buf, "%.5g", number);
    out->more = true;
}

static void json_row(struct json_out *out, const struct row *row, const struct figures *figures)
{
    json_out_open(out, '{');
    json_out_key(out, STR("name"));
    json_out_text(out, str_from(row->name));
    json_out_key(out, STR("unit"));
    json_out_text(out, str_from(row->unit));
    json_number(out, "ours", figures->ours);
    json_number(out, "reference", figures->theirs);
    json_number(out, "ratio", figures->ratio);
    json_number(out, "noise", figures->noise);
    if (row->kind != GOAL_NONE) {
        json_number(out, row->kind == GOAL_AT_MOST ? "at_most" : "at_least", row->goal);
        json_out_key(out, STR("met"));
        json_out_bool(out, met(row, figures->ratio));
    }
    json_out_close(out, '}');
}

bool table_print(struct table *table)
{
    struct buf line = buf_bounded(1 << 16);
    struct json_out out = { .buf = &line };
    bool all = true;
    printf("%-50s %10s %-8s %-42s %10s %8s  %-12s %s\n", "", "ours", "", "against", "", "ratio",
           "goal", "noise");
    json_out_open(&out, '[');
    for (size_t i = 0; i < table->count; i++) {
        struct figures figures = figures_of(&table->rows[i]);
        print_row(&table->rows[i], &figures);
        json_row(&out, &table->rows[i], &figures);
        all = all && met(&table->rows[i], figures.ratio);
    }
    json_out_close(&out, ']');
    printf("%.*s\n", (int)line.len, line.data);
    buf_free(&line);
    return all;
}
