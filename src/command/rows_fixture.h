// SPDX-License-Identifier: MPL-2.0
// Rows of two units, two citizens and their dialogues, so that a query which forgets whose, where or when gives too much. Only rows: nothing in them is sealed.
//     North: Anne coordinates OWN, which is about Emil; his mother Mette takes part, Bo has left at LEFT. ASIDE is a talk of Anne and Bo beside it.
//            CLOSED is about Emil too; Anne has left it at LEFT, and nobody coordinates it.
//     South: Karim coordinates OTHER, which is about Sara; Mette has left it at LEFT.
// Ada administers North. Gone was employed there.
#pragma once

#include "policy/policy.h"
#include "store/db.h"

enum { NORTH = 1, SOUTH };
enum { EMIL = 1, METTE, ANNE, BO, KARIM, ADA, GONE, SARA, NOBODY };
enum { OWN = 10, OTHER, ASIDE, CLOSED };
enum { JOINED = 20, LEFT = 50, NOW = 100, LATER = 200 };

struct rows {
    struct db *db;
    struct arena *arena;
    char folder[64], database[96];
};

// For cmocka's groups and, in a transaction that is rolled back afterwards, for each test.
int rows_open(void **state);
int rows_close(void **state);
int rows_begin(void **state);
int rows_end(void **state);

struct bytes rows_sealed(void);
void rows_join(struct db *db, int64_t dialogue, int64_t person, enum relation relation);
void rows_leave(struct db *db, int64_t dialogue, int64_t person, int64_t ended);
void rows_post(struct db *db, int64_t dialogue, int64_t number, int64_t author, int64_t created);

// Numbers as text: "10 12".
struct rows_list {
    char text[200];
};
void rows_list_add(struct rows_list *list, int64_t number);

// That a query of many rows gives those numbers in that column, in that order: assert_gives("10 12", start_dialogues, id, .person = ANNE, .count = 9).
#define assert_gives(expected, query, column, ...)                                                                              \
    do {                                                                                                                        \
        struct db_stmt *stmt_of_query = NULL;                                                                                   \
        struct sql_##query row_of_query;                                                                                        \
        struct rows_list found_by_query = { .text = "" };                                                                       \
        int result_of_query = sql_##query(db, &(struct sql_##query##_in){ __VA_ARGS__ }, &stmt_of_query);                       \
        while (result_of_query == 0 && (result_of_query = sql_##query##_next(stmt_of_query, &row_of_query)) == 1) {             \
            rows_list_add(&found_by_query, row_of_query.column);                                                                \
            result_of_query = 0;                                                                                                \
        }                                                                                                                       \
        db_end(stmt_of_query);                                                                                                  \
        assert_int_equal(result_of_query, 0);                                                                                   \
        assert_string_equal(found_by_query.text, expected);                                                                     \
    } while (0)

// The same of a query of one row: its number; and that there is none.
#define assert_one(expected, query, column, ...)                                                                                \
    do {                                                                                                                        \
        struct sql_##query row_of_query;                                                                                        \
        assert_int_equal(sql_##query(db, arena, &(struct sql_##query##_in){ __VA_ARGS__ }, &row_of_query), 0);                  \
        assert_int_equal(row_of_query.column, expected);                                                                        \
    } while (0)
#define assert_none(query, ...)                                                                                                 \
    do {                                                                                                                        \
        struct sql_##query row_of_query;                                                                                        \
        assert_int_equal(sql_##query(db, arena, &(struct sql_##query##_in){ __VA_ARGS__ }, &row_of_query), -ENOENT);            \
    } while (0)

// How many rows a change touches.
#define assert_changes(expected, query, ...) assert_int_equal(sql_##query(db, &(struct sql_##query##_in){ __VA_ARGS__ }), expected)

// The same of a change that is only sent: outside a transaction it is made at once.
#define assert_sends(expected, query, ...)                                                                                        \
    do {                                                                                                                          \
        assert_int_equal(sql_##query(db, &(struct sql_##query##_in){ __VA_ARGS__ }), 0);                                          \
        assert_int_equal(db_changes(db), expected);                                                                               \
    } while (0)
