// SPDX-License-Identifier: MPL-2.0
#include "store/tables.h"

#include "base/buf.h"
#include "base/log.h"
#include "store/migration.h"

#include <assert.h>
#include <errno.h>
#include <sqlite3.h>

#define TABLES_MAX 500
#define COLUMNS_MAX 60
#define TEXT_MAX ((size_t)1 << 20)

DEFINE_POINTER_CLEANUP(sqlite3_stmt, sqlite3_finalize)
DEFINE_POINTER_CLEANUP(sqlite3, sqlite3_close)

struct list {
    struct arena *arena;
    struct table *tables;
    size_t count;
};

static int unsupported(const char *table, const char *what)
{
    log_event(LOG_ERROR, "tables", "table=%s meaning=\"%s\"", table, what);
    return -ENOTSUP;
}

// In memory, and never written to.
static int make_schema(sqlite3 **ret_handle)
{
    int code = sqlite3_open_v2(":memory:", ret_handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);

    for (unsigned i = 0; i < migrations_count && code == SQLITE_OK; i++)
        code = sqlite3_exec(*ret_handle, migrations[i].sqlite, NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : code == SQLITE_NOMEM ? -ENOMEM : unsupported("", sqlite3_errstr(code));
}

static char type_of(struct str declared)
{
    if (str_equal(declared, STR("INTEGER")) || str_equal(declared, STR("BIGINT")))
        return 'i';
    return str_equal(declared, STR("BLOB")) ? 'b' : str_equal(declared, STR("TEXT")) ? 't' : '\0';
}

static struct table *table_of(struct list *list, const char *name)
{
    struct table *table = list->count > 0 ? &list->tables[list->count - 1] : NULL;

    if (table && strcmp(table->name, name) == 0)
        return table;
    if (list->count == TABLES_MAX)
        return NULL;
    table = &list->tables[list->count];
    table->name = arena_str(list->arena, str_from(name)).ptr;
    table->columns = arena_array(list->arena, COLUMNS_MAX, sizeof(*table->columns));
    if (!table->name || !table->columns)
        return NULL;
    list->count++;
    return table;
}

// The row: table, column, type, place in the primary key.
static int take_column(struct list *list, sqlite3_stmt *stmt)
{
    struct table *table = table_of(list, (const char *)sqlite3_column_text(stmt, 0));

    if (!table)
        return list->count == TABLES_MAX ? unsupported("", "there are too many tables") : -ENOMEM;
    if (table->count == COLUMNS_MAX)
        return unsupported(table->name, "it has too many columns");
    struct table_column *column = &table->columns[table->count++];
    column->name = arena_str(list->arena, str_from((const char *)sqlite3_column_text(stmt, 1))).ptr;
    column->type = type_of(str_from((const char *)sqlite3_column_text(stmt, 2)));
    if (sqlite3_column_int(stmt, 3) > 0)
        table->keys = table->count;
    if (!column->name)
        return -ENOMEM;
    if (!column->type)
        return unsupported(table->name, "a column has another type than INTEGER, BIGINT, BLOB or TEXT");
    // Both databases put numbers and bytes in the same order; text only by chance.
    return table->keys == table->count && column->type == 't' ? unsupported(table->name, "text in its key") : 0;
}

static int read_schema(sqlite3 *handle, struct list *list)
{
    static const char columns[] = "SELECT t.name, c.name, c.type, c.pk FROM sqlite_schema t, pragma_table_info(t.name) c"
                                  " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY t.rowid, c.pk = 0, c.pk, c.cid";
    _cleanup_(sqlite3_finalize_pointer) sqlite3_stmt *stmt = NULL;
    int code = sqlite3_prepare_v2(handle, columns, -1, &stmt, NULL), r = 0;

    while (r == 0 && code != SQLITE_DONE && (code = sqlite3_step(stmt)) == SQLITE_ROW)
        r = take_column(list, stmt);
    if (r == 0 && code != SQLITE_DONE)
        r = code == SQLITE_NOMEM ? -ENOMEM : unsupported("", sqlite3_errstr(code));
    for (size_t i = 0; i < list->count && r == 0; i++)
        if (list->tables[i].keys == 0)
            r = unsupported(list->tables[i].name, "it has no primary key");
    return r;
}

// The texts are made of names out of the program's own migrations, never of anything that came from outside.
static void put_names(struct buf *buf, const struct table *table, unsigned count, const char *behind)
{
    for (unsigned i = 0; i < count; i++)
        buf_format(buf, "%s\"%s\"%s", i > 0 ? ", " : "", table->columns[i].name, behind);
}

// "(?4, ?5)", or "($4, $5)".
static void put_places(struct buf *buf, char sign, unsigned from, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        buf_format(buf, "%s%c%u", i > 0 ? ", " : "(", sign, from + i);
    buf_char(buf, ')');
}

enum text { TEXT_FIRST, TEXT_NEXT, TEXT_ADD, TEXT_ADD_MANY, TEXT_REMOVE, TEXT_CLEAR, TEXT_STRANGE };

static void put_page(struct buf *buf, const struct table *table, char sign, bool next)
{
    buf_lit(buf, "SELECT ");
    put_names(buf, table, table->count, "");
    buf_format(buf, " FROM \"%s\"", table->name);
    if (next) {
        buf_lit(buf, " WHERE (");
        put_names(buf, table, table->keys, "");
        buf_lit(buf, ") > ");
        put_places(buf, sign, 1, table->keys);
    }
    buf_lit(buf, " ORDER BY ");
    put_names(buf, table, table->keys, "");
    buf_format(buf, " LIMIT %c%u", sign, next ? table->keys + 1 : 1);
}

static void put_remove(struct buf *buf, const struct table *table, char sign)
{
    buf_format(buf, "DELETE FROM \"%s\" WHERE (", table->name);
    put_names(buf, table, table->keys, "");
    buf_lit(buf, ") = ");
    put_places(buf, sign, 1, table->keys);
}

static void put_add(struct buf *buf, const struct table *table, char sign, unsigned rows)
{
    buf_format(buf, "INSERT INTO \"%s\" (", table->name);
    put_names(buf, table, table->count, "");
    buf_lit(buf, ") VALUES ");
    for (unsigned row = 0; row < rows; row++) {
        if (row > 0)
            buf_lit(buf, ", ");
        put_places(buf, sign, row * table->count + 1, table->count);
    }
}

static void put_strange(struct buf *buf, const struct table *table, char sign)
{
    if (sign == '$') {   // PostgreSQL lets none in
        buf_lit(buf, "SELECT CAST(0 AS BIGINT)");
        return;
    }
    buf_format(buf, "SELECT COUNT(*) FROM \"%s\" WHERE ", table->name);
    for (unsigned i = 0; i < table->count; i++) {
        const char type = table->columns[i].type;

        buf_format(buf, "%stypeof(\"%s\") NOT IN ('null', '%s')", i > 0 ? " OR " : "", table->columns[i].name,
                   type == 'i' ? "integer" : type == 't' ? "text" : "blob");
    }
}

static const char *make_text(struct arena *arena, const struct table *table, enum text text, char sign)
{
    _cleanup_(buf_free) struct buf buf = buf_bounded(TEXT_MAX);

    if (text == TEXT_FIRST || text == TEXT_NEXT)
        put_page(&buf, table, sign, text == TEXT_NEXT);
    else if (text == TEXT_REMOVE)
        put_remove(&buf, table, sign);
    else if (text == TEXT_ADD || text == TEXT_ADD_MANY)
        put_add(&buf, table, sign, text == TEXT_ADD ? 1 : TABLE_ROWS);
    else if (text == TEXT_CLEAR)
        buf_format(&buf, "DELETE FROM \"%s\"", table->name);
    else
        put_strange(&buf, table, sign);
    return buf.error ? NULL : arena_str(arena, buf_view(&buf)).ptr;
}

// The types of the parameters: of 'rows' times the first columns, and one number behind them when 'counted'.
static const char *make_types(struct arena *arena, const struct table *table, unsigned columns, unsigned rows, bool counted)
{
    char *types = arena_alloc(arena, (size_t)columns * rows + counted + 1);

    for (unsigned i = 0; types && i < columns * rows; i++)
        types[i] = table->columns[i % columns].type;
    if (types && counted)
        types[columns * rows] = 'i';
    return types;
}

static int make_query(struct arena *arena, const struct table *table, enum text text, struct db_query *ret_query)
{
    static const char *const names[] = { "first", "next", "add", "add_many", "remove", "clear", "strange" };
    const bool adds = text == TEXT_ADD || text == TEXT_ADD_MANY, pages = text == TEXT_FIRST || text == TEXT_NEXT;
    const bool keyed = text == TEXT_NEXT || text == TEXT_REMOVE;
    const unsigned rows = text == TEXT_ADD_MANY ? TABLE_ROWS : 1, columns = adds ? table->count : keyed ? table->keys : 0;

    *ret_query = (struct db_query){
        .name = arena_format(arena, "%s.%s", table->name, names[text]).ptr,
        .sqlite = make_text(arena, table, text, '?'),
        .postgres = make_text(arena, table, text, '$'),
        .parameters = columns * rows + pages,
        .columns = pages ? table->count : text == TEXT_STRANGE,
        .types = make_types(arena, table, columns, rows, pages),
    };
    return ret_query->name && ret_query->sqlite && ret_query->postgres && ret_query->types ? 0 : -ENOMEM;
}

static int make_queries(struct arena *arena, struct table *table)
{
    struct db_query *const queries[] = { &table->first,  &table->next,  &table->add,    &table->add_many,
                                         &table->remove, &table->clear, &table->strange };
    int r = 0;

    for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]) && r == 0; i++)
        r = make_query(arena, table, (enum text)i, queries[i]);
    return r;
}

int tables_read(struct arena *arena, const struct table **ret_tables, size_t *ret_count)
{
    _cleanup_(sqlite3_close_pointer) sqlite3 *handle = NULL;
    struct list list = { arena, arena_array(arena, TABLES_MAX, sizeof(struct table)), 0 };
    int r = list.tables ? make_schema(&handle) : -ENOMEM;

    r = r < 0 ? r : read_schema(handle, &list);
    for (size_t i = 0; i < list.count && r == 0; i++)
        r = make_queries(arena, &list.tables[i]);
    if (r == 0) {
        *ret_tables = list.tables;
        *ret_count = list.count;
    }
    return r;
}
