// SPDX-License-Identifier: MPL-2.0
#include "sql.h"
#include "tools_test.h"

#define PAGE "-- name: page many\n-- in: dialogue int, before int\n-- out: seq int\n"

static void refuses(const char *path, const char *text, const char *message)
{
    struct sheet sheet;
    struct sql_file file;
    sheet_begin(&sheet, path, text);
    assert_int_equal(sql_parse(sheet.arena, &sheet.source, &file), -EINVAL);
    assert_string_equal(sheet.fault.text, message);
    sheet_end(&sheet);
}

static void query_is_read(void **state)
{
    struct sheet sheet;
    struct sql_file file;
    sheet_begin(&sheet, "a/b/post.sql",
        "-- SPDX-License-Identifier: MPL-2.0\n\n-- Newest first.\n" PAGE "-- out: sealed blob, ended int?\n"
        "SELECT seq, sealed, ended -- why :not\n  FROM post WHERE dialogue = :dialogue\n AND seq < :before /* :no */ AND seq < :before;\n");
    assert_int_equal(sql_parse(sheet.arena, &sheet.source, &file), 0);
    assert_str(file.prefix, "post");
    assert_int_equal(file.count, 1);
    const struct sql_query *query = file.queries;
    assert_str(query->name, "page");
    assert_str(query->comment, "-- Newest first.\n");
    assert_int_equal(query->kind, SQL_MANY);
    assert_int_equal(query->in.count, 2);
    assert_int_equal(query->out.count, 3);
    assert_int_equal(query->out.list[1].type, SQL_BLOB);
    assert_true(query->out.list[2].nullable);
    assert_str(query->sqlite, "SELECT seq, sealed, ended FROM post WHERE dialogue = ?1 AND seq < ?2 AND seq < ?2");
    assert_str(query->postgres, "SELECT seq, sealed, ended FROM post WHERE dialogue = $1 AND seq < $2 AND seq < $2");
    sheet_end(&sheet);
}

static void parameters_are_numbered_by_their_declaration(void **state)
{
    struct sheet sheet;
    struct sql_file file;
    sheet_begin(&sheet, "x.sql", "-- name: set exec\n-- in: id int, value text\nUPDATE t SET value = :value WHERE id = :id;");
    assert_int_equal(sql_parse(sheet.arena, &sheet.source, &file), 0);
    assert_str(file.queries->sqlite, "UPDATE t SET value = ?2 WHERE id = ?1");
    assert_str(file.queries->postgres, "UPDATE t SET value = $2 WHERE id = $1");
    sheet_end(&sheet);
}

static void quotes_and_casts_are_no_parameters(void **state)
{
    struct sheet sheet;
    struct sql_file file;
    sheet_begin(&sheet, "x.sql", "-- name: a one\n-- in: id int\n-- out: b text\nSELECT 'x:y''  :z;?' AS \"a:b\", :id::text;");
    assert_int_equal(sql_parse(sheet.arena, &sheet.source, &file), 0);
    assert_str(file.queries->postgres, "SELECT 'x:y''  :z;?' AS \"a:b\", $1::text");
    sheet_end(&sheet);
}

static void postgres_may_have_its_own_text(void **state)
{
    struct sheet sheet;
    struct sql_file file;
    sheet_begin(&sheet, "x.sql",
        "-- name: a one\n-- in: id int\n-- out: b int\nSELECT b FROM t WHERE id = :id;\n-- postgres:\nSELECT b FROM t WHERE id = :id FOR UPDATE;\n"
        "-- name: c exec\nDELETE FROM t;");
    assert_int_equal(sql_parse(sheet.arena, &sheet.source, &file), 0);
    assert_int_equal(file.count, 2);
    assert_str(file.queries[0].sqlite, "SELECT b FROM t WHERE id = ?1");
    assert_str(file.queries[0].postgres, "SELECT b FROM t WHERE id = $1 FOR UPDATE");
    assert_str(file.queries[1].postgres, "DELETE FROM t");
    sheet_end(&sheet);
}

static void what_is_asked_ahead_has_a_function_for_it(void **state)
{
    struct sheet sheet;
    struct sql_file file;
    struct buf header = buf_bounded(SOURCE_MAX), code = buf_bounded(SOURCE_MAX);
    sheet_begin(&sheet, "x.sql", "-- name: a one ahead\n-- in: id int\n-- out: b int\nSELECT b FROM t WHERE id = :id;\n-- name: c many\n-- out: b int\nSELECT b FROM t;");
    assert_int_equal(sql_parse(sheet.arena, &sheet.source, &file), 0);
    sql_emit_header(&header, &file);
    sql_emit_code(&code, &file, "x_sql.h");
    assert_holds(&header, "void sql_x_a_ask(struct db *db, const struct sql_x_a_in *in);");
    assert_holds(&code, "    db_bind_int(stmt, 1, in->id);\n    db_ask(stmt);\n    db_end(stmt);\n}");
    assert_false(memmem(header.data, header.len, "c_ask", 5));
    buf_free(&header);
    buf_free(&code);
    sheet_end(&sheet);
}

static void mistakes_are_told_with_file_and_line(void **state)
{
    refuses("x.sql", "SELECT 1;", "x.sql:1: expected \"-- name:\", found \"SELECT\"");
    refuses("x.sql", "-- name: page\nSELECT 1;", "x.sql:1: expected one, many, exec or send, found the end of the line");
    refuses("x.sql", "-- name: page some\n", "x.sql:1: expected one, many, exec or send, found \"some\"");
    refuses("x.sql", "-- name: page exec ahead\n", "x.sql:1: expected the end of the line behind exec");
    refuses("x.sql", "-- name: page one then\n", "x.sql:1: expected \"ahead\" or the end of the line behind one");
    refuses("x.sql", "-- name: page one\n-- out: a string\nSELECT 1;", "x.sql:2: expected int, text or blob, found \"string\"");
    refuses("x.sql", "-- name: page one\n-- out: a int b\nSELECT 1;", "x.sql:2: expected \",\" or the end of the line, found \"b\"");
    refuses("x.sql", "-- name: page one\n-- out: a int, a int\nSELECT 1;", "x.sql:2: expected a new name, found \"a\" again");
    refuses("x.sql", "-- name: page one\nSELECT 1;", "x.sql:1: expected \"-- out:\" in a query that reads, found none");
    refuses("x.sql", "-- name: page one\n-- out: a int\nDELETE FROM t RETURNING a;", "x.sql:1: expected SELECT in a query that reads, found another beginning");
    refuses("x.sql", "-- name: page exec\n-- out: a int\nSELECT 1;", "x.sql:1: expected no \"-- out:\" in a query that writes, found one");
    refuses("x.sql", "-- name: page exec\n-- inn: a int\nSELECT 1;", "x.sql:2: expected \"-- in:\", \"-- out:\" or the query's text, found \"-\"");
    refuses("x.sql", PAGE "SELECT seq FROM post\nWHERE dialogue = :dialog;", "x.sql:5: expected a parameter of \"-- in:\", found \":dialog\"");
    refuses("x.sql", PAGE "SELECT seq FROM post WHERE dialogue = :dialogue;",
        "x.sql:4: expected \":before\" of \"-- in:\" somewhere in the query, found it nowhere");
    refuses("x.sql", PAGE "SELECT ?1;", "x.sql:4: expected \":name\" for a parameter, found \"?\"");
    refuses("x.sql", PAGE "SELECT 'abc;", "x.sql:4: expected the closing ' of what begins here, found the end of the file");
    refuses("x.sql", "-- name: a exec\n\nDELETE FROM t", "x.sql:3: expected \";\" at the end of the query that begins here, found the end of the file");
    refuses("x.sql", "-- name: a exec\n;", "x.sql:2: expected the query's text, found \";\"");
    refuses("x.sql", "-- name: a exec\nDELETE FROM t;\n-- name: a exec\nDELETE FROM t;", "x.sql:3: expected a new name, found \"a\" again");
    refuses("x.sql", "-- name: a exec\nDELETE FROM t; x", "x.sql:2: expected \"-- name:\", found \"x\"");
    refuses("x-y.sql", "", "x-y.sql:1: expected a file name that is a C name too, found \"x-y\"");
}

static void table_for_postgres(void **state)
{
    struct sheet sheet;
    struct buf buf = buf_bounded(SOURCE_MAX);
    sheet_begin(&sheet, "0001_a.sql",
        "CREATE TABLE a (id INTEGER PRIMARY KEY, sealed Blob, strict TEXT DEFAULT 'BLOB') WITHOUT ROWID, STRICT; -- INTEGER\n"
        "CREATE TABLE b (id INTEGER) STRICT;\nCREATE TABLE c (id INTEGER);\n");
    assert_int_equal(sql_postgres(&sheet.source, &buf), 0);
    assert_str(buf_view(&buf),
        "CREATE TABLE a (id BIGINT PRIMARY KEY, sealed BYTEA, strict TEXT DEFAULT 'BLOB'); -- INTEGER\n"
        "CREATE TABLE b (id BIGINT);\nCREATE TABLE c (id BIGINT);\n");
    buf_free(&buf);
    sheet_end(&sheet);
}

static int table(const char *const *paths, size_t count, struct sheet *sheet, struct buf *buf)
{
    struct sql_migration migrations[4] = { 0 };
    for (size_t i = 0; i < count; i++) {
        migrations[i].source = (struct source){ paths[i], STR("abc"), &sheet->fault };
        int r = sql_migration_number(paths[i], &sheet->fault, &migrations[i].number);
        if (r < 0)
            return r;
    }
    return sql_emit_migrations(buf, migrations, count, &sheet->fault);
}

static void migrations_refused(const char *const *paths, size_t count, const char *message)
{
    struct sheet sheet;
    struct buf buf = buf_bounded(SOURCE_MAX);
    sheet_begin(&sheet, "", "");
    assert_int_equal(table(paths, count, &sheet, &buf), -EINVAL);
    assert_string_equal(sheet.fault.text, message);
    buf_free(&buf);
    sheet_end(&sheet);
}

static void migrations_are_sorted_and_have_numbers_of_their_own(void **state)
{
    struct sheet sheet;
    struct buf buf = buf_bounded(SOURCE_MAX);
    sheet_begin(&sheet, "", "");
    assert_int_equal(table((const char *const[]){ "b/0002_post.sql", "a/0001_person.sql" }, 2, &sheet, &buf), 0);
    assert_holds(&buf, ".number = 1,\n        .name = \"0001_person\"");
    // SHA-256 of "abc": FIPS 180-4, the example.
    assert_holds(&buf, ".checksum = { 0xba, 0x78, 0x16, 0xbf, ");
    assert_holds(&buf, "const unsigned migrations_count = 2;");
    buf_free(&buf);
    sheet_end(&sheet);
    migrations_refused((const char *const[]){ "0001_a.sql", "0001_b.sql" }, 2, "0001_b.sql:1: expected a number of its own, found 0001 again");
    migrations_refused((const char *const[]){ "1_a.sql" }, 1, "1_a.sql:1: expected a file name like 0001_person.sql, found \"1_a\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(query_is_read),
        cmocka_unit_test(parameters_are_numbered_by_their_declaration),
        cmocka_unit_test(quotes_and_casts_are_no_parameters),
        cmocka_unit_test(postgres_may_have_its_own_text),
        cmocka_unit_test(what_is_asked_ahead_has_a_function_for_it),
        cmocka_unit_test(mistakes_are_told_with_file_and_line),
        cmocka_unit_test(table_for_postgres),
        cmocka_unit_test(migrations_are_sorted_and_have_numbers_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
