// SPDX-License-Identifier: MPL-2.0
#include "sql.h"

#define S(s) (int)(s).len, (s).ptr

static const char *c_type(enum sql_type type)
{
    return type == SQL_INT ? "int64_t " : type == SQL_TEXT ? "struct str " : "struct bytes ";
}

static const char *db_word(enum sql_type type)
{
    return type == SQL_INT ? "int" : type == SQL_TEXT ? "text" : "blob";
}

static void emit_members(struct buf *buf, const struct sql_values *values)
{
    for (size_t i = 0; i < values->count; i++) {
        const struct sql_value *value = &values->list[i];
        buf_format(buf, "    %s%.*s;", c_type(value->type), S(value->name));
        if (value->nullable && value->type == SQL_INT)
            buf_format(buf, "\n    bool %.*s_null;", S(value->name));
        else if (value->nullable)
            buf_lit(buf, "   // ptr NULL: null");
        buf_char(buf, '\n');
    }
}

// "int sql_dialogue_get(struct db *db, …)" without what ends it.
static void emit_signature(struct buf *buf, struct str prefix, const struct sql_query *query)
{
    buf_format(buf, "%s sql_%.*s_%.*s(struct db *db", query->kind == SQL_EXEC ? "int64_t" : "int", S(prefix), S(query->name));
    if (query->kind == SQL_ONE)
        buf_lit(buf, ", struct arena *arena");
    if (query->in.count > 0)
        buf_format(buf, ", const struct sql_%.*s_%.*s_in *in", S(prefix), S(query->name));
    if (query->kind == SQL_ONE)
        buf_format(buf, ", struct sql_%.*s_%.*s *ret_row", S(prefix), S(query->name));
    if (query->kind == SQL_MANY)
        buf_lit(buf, ", struct db_stmt **ret_stmt");
    buf_char(buf, ')');
}

static void emit_next_signature(struct buf *buf, struct str prefix, const struct sql_query *query)
{
    buf_format(buf, "int sql_%.*s_%.*s_next(struct db_stmt *stmt, struct sql_%.*s_%.*s *ret_row)", S(prefix), S(query->name), S(prefix),
        S(query->name));
}

static void emit_ask_signature(struct buf *buf, struct str prefix, const struct sql_query *query)
{
    buf_format(buf, "void sql_%.*s_%.*s_ask(struct db *db", S(prefix), S(query->name));
    if (query->in.count > 0)
        buf_format(buf, ", const struct sql_%.*s_%.*s_in *in", S(prefix), S(query->name));
    buf_char(buf, ')');
}

static void emit_declaration(struct buf *buf, struct str prefix, const struct sql_query *query)
{
    if (query->in.count > 0) {
        buf_format(buf, "struct sql_%.*s_%.*s_in {\n", S(prefix), S(query->name));
        emit_members(buf, &query->in);
        buf_lit(buf, "};\n\n");
    }
    if (query->out.count > 0) {
        buf_format(buf, "struct sql_%.*s_%.*s {\n", S(prefix), S(query->name));
        emit_members(buf, &query->out);
        buf_lit(buf, "};\n\n");
    }
    for (struct str rest = query->comment; rest.len > 0;) {
        struct str line = str_cut(&rest, '\n');
        buf_format(buf, "//%.*s\n", (int)(line.len - 2), line.ptr + 2);
    }
    emit_signature(buf, prefix, query);
    buf_lit(buf, ";\n");
    if (query->kind == SQL_MANY) {
        emit_next_signature(buf, prefix, query);
        buf_lit(buf, ";\n");
    }
    if (query->ahead) {
        emit_ask_signature(buf, prefix, query);
        buf_lit(buf, ";\n");
    }
    buf_char(buf, '\n');
}

void sql_emit_header(struct buf *buf, const struct sql_file *file)
{
    buf_format(buf,
        "// SPDX-License-Identifier: MPL-2.0\n"
        "// Made by tools/sql from %.*s.sql.\n"
        "// One row: 0, -ENOENT when there is none; text and blob are copied into the arena.\n"
        "// Many rows: begin, then _next gives 1 for a row, 0 at the end; text and blob live until the following call. db_end ends it, early or not.\n"
        "// No rows: the number of changed rows; 0 when it is only sent (db_send). All: -E… as db_step. _ask: as db_ask.\n"
        "#pragma once\n\n"
        "#include \"store/db.h\"\n\n",
        S(file->prefix));
    for (size_t i = 0; i < file->count; i++)
        emit_declaration(buf, file->prefix, &file->queries[i]);
}

static void emit_query(struct buf *buf, struct str prefix, const struct sql_query *query)
{
    buf_format(buf, "DB_QUERY(sql_%.*s_%.*s_query,\n    .name = \"%.*s.%.*s\",\n    .sqlite = ", S(prefix), S(query->name), S(prefix),
        S(query->name));
    emit_literal(buf, query->sqlite);
    buf_lit(buf, ",\n    .postgres = ");
    emit_literal(buf, query->postgres);
    buf_format(buf, ",\n    .parameters = %zu, .columns = %zu, .types = \"", query->in.count, query->out.count);
    for (size_t i = 0; i < query->in.count; i++)
        buf_char(buf, db_word(query->in.list[i].type)[0]);
    buf_lit(buf, "\");\n\n");
}

static void emit_parameters(struct buf *buf, const struct sql_query *query)
{
    for (size_t i = 0; i < query->in.count; i++) {
        const struct sql_value *value = &query->in.list[i];
        if (value->nullable) {
            buf_format(buf, value->type == SQL_INT ? "    if (in->%.*s_null)\n" : "    if (!in->%.*s.ptr)\n", S(value->name));
            buf_format(buf, "        db_bind_null(stmt, %zu);\n    else\n    ", i + 1);
        }
        buf_format(buf, "    db_bind_%s(stmt, %zu, in->%.*s);\n", db_word(value->type), i + 1, S(value->name));
    }
}

// db_start and the parameters.
static void emit_start(struct buf *buf, struct str prefix, const struct sql_query *query)
{
    buf_format(buf, "    struct db_stmt *stmt;\n    int r = db_start(db, &sql_%.*s_%.*s_query, &stmt);\n    if (r < 0)\n        return r;\n",
        S(prefix), S(query->name));
    emit_parameters(buf, query);
}

static void emit_ask(struct buf *buf, struct str prefix, const struct sql_query *query)
{
    emit_ask_signature(buf, prefix, query);
    buf_format(buf, "\n{\n    struct db_stmt *stmt;\n    if (!db_asks(db) || db_start(db, &sql_%.*s_%.*s_query, &stmt) < 0)\n        return;\n",
        S(prefix), S(query->name));
    emit_parameters(buf, query);
    buf_lit(buf, "    db_ask(stmt);\n    db_end(stmt);\n}\n\n");
}

// Reads the columns into 'row'.
static void emit_columns(struct buf *buf, struct str prefix, const struct sql_query *query)
{
    buf_format(buf, "    *ret_row = (struct sql_%.*s_%.*s){\n", S(prefix), S(query->name));
    for (size_t i = 0; i < query->out.count; i++) {
        const struct sql_value *value = &query->out.list[i];
        bool copied = query->kind == SQL_ONE && value->type != SQL_INT;
        buf_format(buf, "        .%.*s = ", S(value->name));
        if (value->nullable && value->type == SQL_INT)
            buf_format(buf, "db_int(stmt, %zu),\n        .%.*s_null = db_is_null(stmt, %zu),\n", i, S(value->name), i);
        else if (copied)
            buf_format(buf, "%.*s_copy,\n", S(value->name));
        else if (value->nullable)
            buf_format(buf, "db_is_null(stmt, %zu) ? (%s){ 0 } : db_%s(stmt, %zu),\n", i,
                value->type == SQL_TEXT ? "struct str" : "struct bytes", db_word(value->type), i);
        else
            buf_format(buf, "db_%s(stmt, %zu),\n", db_word(value->type), i);
    }
    buf_lit(buf, "    };\n");
}

// Copies text and blob of the one row into the arena before the row is filled.
static void emit_copies(struct buf *buf, const struct sql_query *query)
{
    for (size_t i = 0; i < query->out.count; i++) {
        const struct sql_value *value = &query->out.list[i];
        if (value->type == SQL_INT)
            continue;
        const char *word = db_word(value->type), *copy = value->type == SQL_TEXT ? "str" : "bytes";
        buf_format(buf, "    struct %s %.*s_copy = ", copy, S(value->name));
        if (value->nullable)
            buf_format(buf, "{ 0 };\n    if (!db_is_null(stmt, %zu))\n        %.*s_copy = ", i, S(value->name));
        buf_format(buf, "arena_%s(arena, db_%s(stmt, %zu));\n", copy, word, i);
        buf_format(buf, value->nullable ? "    if (!%.*s_copy.ptr && !db_is_null(stmt, %zu)) {\n" : "    if (!%.*s_copy.ptr) {\n", S(value->name), i);
        buf_lit(buf, "        db_end(stmt);\n        return -ENOMEM;\n    }\n");
    }
}

static void emit_one(struct buf *buf, struct str prefix, const struct sql_query *query)
{
    buf_lit(buf, "    r = db_step(stmt);\n    if (r <= 0) {\n        db_end(stmt);\n        return r < 0 ? r : -ENOENT;\n    }\n");
    emit_copies(buf, query);
    emit_columns(buf, prefix, query);
    buf_lit(buf, "    db_end(stmt);\n    return 0;\n}\n\n");
}

static void emit_function(struct buf *buf, struct str prefix, const struct sql_query *query)
{
    emit_query(buf, prefix, query);
    emit_signature(buf, prefix, query);
    buf_lit(buf, "\n{\n");
    emit_start(buf, prefix, query);
    switch (query->kind) {
    case SQL_ONE:
        emit_one(buf, prefix, query);
        break;
    case SQL_EXEC:
        buf_lit(buf, "    r = db_step(stmt);\n    int64_t changes = r < 0 ? r : db_changes(db);\n    db_end(stmt);\n    return changes;\n}\n\n");
        break;
    case SQL_SEND:
        buf_lit(buf, "    r = db_send(stmt);\n    db_end(stmt);\n    return r;\n}\n\n");
        break;
    default:
        buf_lit(buf, "    *ret_stmt = stmt;\n    return 0;\n}\n\n");
        emit_next_signature(buf, prefix, query);
        buf_lit(buf, "\n{\n    int r = db_step(stmt);\n    if (r != 1)\n        return r;\n");
        emit_columns(buf, prefix, query);
        buf_lit(buf, "    return 1;\n}\n\n");
    }
    if (query->ahead)
        emit_ask(buf, prefix, query);
}

void sql_emit_code(struct buf *buf, const struct sql_file *file, const char *header_name)
{
    buf_format(buf, "// SPDX-License-Identifier: MPL-2.0\n// Made by tools/sql from %.*s.sql.\n#include \"%s\"\n\n#include <errno.h>\n\n",
        S(file->prefix), header_name);
    for (size_t i = 0; i < file->count; i++)
        emit_function(buf, file->prefix, &file->queries[i]);
}
