// SPDX-License-Identifier: MPL-2.0
// The generator for SQL: named queries in a .sql file become typed C functions, NNNN_*.sql files become the table of migrations.
// The grammar is described in docs/sql.md.
#pragma once

#include "source.h"

#define SQL_COLUMNS_MAX 64

enum sql_kind { SQL_UNSET, SQL_ONE, SQL_MANY, SQL_EXEC, SQL_SEND };
enum sql_type { SQL_TYPE_UNSET, SQL_INT, SQL_TEXT, SQL_BLOB };

// A parameter or a column.
struct sql_value {
    struct str name;
    enum sql_type type;
    bool nullable;
};

struct sql_values {
    struct sql_value *list;
    size_t count;
};

struct sql_query {
    struct str name;
    struct str comment;   // lines as they stand, with their dashes; may be empty
    unsigned line;
    enum sql_kind kind;
    bool ahead;   // can be asked ahead (db_ask)
    struct sql_values in, out;
    struct str sqlite;    // numbered ?1, ?2, …
    struct str postgres;  // numbered $1, $2, …
};

struct sql_file {
    const char *path;
    struct str prefix;    // the file's name: "dialogue" of …/dialogue.sql
    struct sql_query *queries;
    size_t count;
};

// Reads the queries of a file. Views point into the source and the arena. -EINVAL with the source's fault set; -ENOMEM.
int sql_parse(struct arena *arena, const struct source *source, struct sql_file *ret_file);

// Reads one statement up to and with its ';' from the scanner; appends it with placeholders numbered by the order in 'in', comments left
// out, white space outside quotes made one space. mark is '?' or '$'. -EINVAL: an unknown or unused parameter, no ';'.
int sql_statement(struct scanner *scanner, const struct sql_values *in, char mark, struct buf *buf);

// Moves behind a quoted string, quoted name or comment, when one begins here; *ret_comment tells which. false when none begins here.
// -EINVAL when it has no end.
int sql_skip(struct scanner *scanner, bool *ret_skipped, bool *ret_comment);

// Writes the functions. header_name is how the C file includes the header.
void sql_emit_header(struct buf *buf, const struct sql_file *file);
void sql_emit_code(struct buf *buf, const struct sql_file *file, const char *header_name);

// A migration's text for PostgreSQL: outside quotes and comments BLOB becomes BYTEA, INTEGER becomes BIGINT, and the table options
// WITHOUT ROWID and STRICT behind a closing parenthesis are left out. -EINVAL: a quote or comment without an end.
int sql_postgres(const struct source *source, struct buf *buf);

struct sql_migration {
    unsigned number;
    struct source source;
};

// The number of "NNNN_name.sql". -EINVAL with the fault set for another form of name.
int sql_migration_number(const char *path, struct fault *fault, unsigned *ret_number);

// Sorts by number and writes the table. -EINVAL: a number that is missing or there twice.
int sql_emit_migrations(struct buf *buf, struct sql_migration *migrations, size_t count, struct fault *fault);
