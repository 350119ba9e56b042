// SPDX-License-Identifier: MPL-2.0
#include "store/rows.h"

#include "base/log.h"

#include <errno.h>

#define PAGE_MAX ((size_t)1 << 30)
#define COMMIT_ROWS 4096
#define COMMIT_BYTES ((size_t)8 << 20)

struct value {
    bool null;
    int64_t number;
    struct bytes bytes;
};

// The rows of one page, one value behind the other; they live in the arena.
struct page {
    struct arena *arena;
    struct value *values;
    unsigned rows;
    size_t bytes;
};

static void bind_value(struct db_stmt *stmt, unsigned index, char type, const struct value *value)
{
    if (value->null)
        db_bind_null(stmt, index);
    else if (type == 'i')
        db_bind_int(stmt, index, value->number);
    else if (type == 't')
        db_bind_text(stmt, index, bytes_str(value->bytes));
    else
        db_bind_blob(stmt, index, value->bytes);
}

static int take_value(struct db_stmt *stmt, unsigned column, char type, struct page *page, struct value *ret_value)
{
    *ret_value = (struct value){ .null = db_is_null(stmt, column) };
    if (ret_value->null)
        return 0;
    if (type == 'i') {
        ret_value->number = db_int(stmt, column);
        return 0;
    }
    struct bytes bytes = type == 't' ? str_bytes(db_text(stmt, column)) : db_blob(stmt, column);
    ret_value->bytes = arena_bytes(page->arena, bytes);
    page->bytes += bytes.len;
    return ret_value->bytes.ptr ? 0 : -ENOMEM;
}

static int take_rows(struct db_stmt *stmt, const struct table *table, struct page *page)
{
    int r = 1;

    page->rows = 0;
    page->values = arena_array(page->arena, (size_t)TABLE_ROWS * table->count, sizeof(*page->values));
    if (!page->values)
        return -ENOMEM;
    while (page->rows < TABLE_ROWS && (r = db_step(stmt)) == 1) {
        for (unsigned i = 0; i < table->count && r >= 0; i++)
            r = take_value(stmt, i, table->columns[i].type, page, &page->values[page->rows * table->count + i]);
        if (r < 0)
            return r;
        page->rows++;
    }
    return r < 0 ? r : 0;
}

// The page behind a key; NULL: the first one. The key may not lie in the page's arena, which is emptied.
static int read_page(struct db *db, const struct table *table, const struct value *key, struct page *page)
{
    struct db_stmt *stmt;
    int r = db_start(db, key ? &table->next : &table->first, &stmt);

    if (r < 0)
        return r;
    arena_reset(page->arena);
    page->bytes = 0;
    for (unsigned i = 0; key && i < table->keys; i++)
        bind_value(stmt, i + 1, table->columns[i].type, &key[i]);
    db_bind_int(stmt, key ? table->keys + 1 : 1, TABLE_ROWS);
    r = take_rows(stmt, table, page);
    db_end(stmt);
    return r;
}

// Goes through a table in order of its key. Two pages, since the next one begins behind the last row of this one.
struct cursor {
    struct db *db;
    const struct table *table;
    struct page pages[2];
    unsigned page, row;
};

static void cursor_close(struct cursor *cursor)
{
    arena_free(cursor->pages[0].arena);
    arena_free(cursor->pages[1].arena);
}

// To be closed in any case.
static int cursor_open(struct cursor *cursor, struct db *db, const struct table *table)
{
    int r;

    *cursor = (struct cursor){ .db = db, .table = table };
    r = arena_new(PAGE_MAX, &cursor->pages[0].arena);
    r = r < 0 ? r : arena_new(PAGE_MAX, &cursor->pages[1].arena);
    return r < 0 ? r : read_page(db, table, NULL, &cursor->pages[0]);
}

// NULL behind the last one. Lives until the cursor has left its page.
static const struct value *cursor_row(const struct cursor *cursor)
{
    const struct page *page = &cursor->pages[cursor->page];

    return cursor->row < page->rows ? &page->values[cursor->row * cursor->table->count] : NULL;
}

static int cursor_skip(struct cursor *cursor, unsigned rows)
{
    const struct page *page = &cursor->pages[cursor->page];

    cursor->row += rows;
    if (cursor->row < TABLE_ROWS || page->rows < TABLE_ROWS)
        return 0;
    cursor->page = !cursor->page;
    cursor->row = 0;
    return read_page(cursor->db, cursor->table, &page->values[(TABLE_ROWS - 1) * cursor->table->count], &cursor->pages[cursor->page]);
}

static int compare_bytes(struct bytes a, struct bytes b)
{
    const size_t shorter = a.len < b.len ? a.len : b.len;
    const int order = shorter > 0 ? memcmp(a.ptr, b.ptr, shorter) : 0;

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_values(const struct value *a, const struct value *b, unsigned count)
{
    int order = 0;

    for (unsigned i = 0; i < count && order == 0; i++)
        if (a[i].null || b[i].null)
            order = b[i].null - a[i].null;
        else if (a[i].number != b[i].number)
            order = a[i].number > b[i].number ? 1 : -1;
        else
            order = compare_bytes(a[i].bytes, b[i].bytes);
    return order;
}

// One statement with the first values of some rows.
static int change(struct db *db, const struct table *table, const struct db_query *query, const struct value *values, unsigned columns, unsigned rows)
{
    struct db_stmt *stmt;
    int r = db_start(db, query, &stmt);

    if (r < 0)
        return r;
    for (unsigned i = 0; i < columns * rows; i++)
        bind_value(stmt, i + 1, table->columns[i % columns].type, &values[i]);
    r = db_step(stmt);
    db_end(stmt);
    return r;
}

struct syncing {
    const struct table *table;
    const struct rows_told *told;
    struct cursor from, to;
    int64_t rows;        // that were looked at
    size_t changed;      // in this transaction
    size_t bytes;        // that it brought, about
};

static int remove_row(struct syncing *syncing)
{
    syncing->changed++;
    return change(syncing->to.db, syncing->table, &syncing->table->remove, cursor_row(&syncing->to), syncing->table->keys, 1);
}

static int add_row(struct syncing *syncing)
{
    syncing->changed++;
    syncing->bytes += syncing->from.pages[syncing->from.page].bytes / syncing->from.pages[syncing->from.page].rows;
    return change(syncing->to.db, syncing->table, &syncing->table->add, cursor_row(&syncing->from), syncing->table->count, 1);
}

// Behind the last row that 'to' has, a whole page goes over in one statement.
static int bring(struct syncing *syncing)
{
    struct cursor *from = &syncing->from;
    const bool whole = !cursor_row(&syncing->to) && from->row == 0 && from->pages[from->page].rows == TABLE_ROWS;
    const unsigned rows = whole ? TABLE_ROWS : 1;
    int r;

    if (whole) {
        syncing->changed += rows;
        syncing->bytes += from->pages[from->page].bytes;
        r = change(syncing->to.db, syncing->table, &syncing->table->add_many, cursor_row(from), syncing->table->count, rows);
    } else {
        r = add_row(syncing);
    }
    syncing->rows += rows;
    return r < 0 ? r : cursor_skip(from, rows);
}

static int replace(struct syncing *syncing)
{
    int r = 0;

    if (compare_values(cursor_row(&syncing->from), cursor_row(&syncing->to), syncing->table->count) != 0) {
        r = remove_row(syncing);
        r = r < 0 ? r : add_row(syncing);
    }
    syncing->rows++;
    r = r < 0 ? r : cursor_skip(&syncing->from, 1);
    return r < 0 ? r : cursor_skip(&syncing->to, 1);
}

static int sync_one(struct syncing *syncing)
{
    const struct value *from = cursor_row(&syncing->from), *to = cursor_row(&syncing->to);
    const int order = !to ? -1 : !from ? 1 : compare_values(from, to, syncing->table->keys);

    if (order < 0)
        return bring(syncing);
    if (order == 0)
        return replace(syncing);
    int r = remove_row(syncing);
    return r < 0 ? r : cursor_skip(&syncing->to, 1);
}

static int commit(struct syncing *syncing)
{
    int r = db_commit(syncing->to.db);

    if (r == 0) {
        syncing->changed = syncing->bytes = 0;
        syncing->told->told(syncing->told->context, syncing->table, syncing->rows);
    }
    return r;
}

// In a write transaction of 'to', which is ended and begun anew now and then; it is still there when this fails.
static int sync_rows(struct syncing *syncing, bool *begun)
{
    struct db *to = syncing->to.db;
    int r = 0;

    while (r == 0 && (cursor_row(&syncing->from) || cursor_row(&syncing->to))) {
        r = sync_one(syncing);
        if (r == 0 && (syncing->changed >= COMMIT_ROWS || syncing->bytes >= COMMIT_BYTES)) {
            r = commit(syncing);
            *begun = r < 0;
            r = r < 0 ? r : db_begin_write(to);
            *begun = *begun || r == 0;
        }
    }
    return r;
}

static int check_types(struct db *db, const struct table *table)
{
    struct db_stmt *stmt;
    int64_t strange = 0;
    int r = db_start(db, &table->strange, &stmt);

    if (r < 0)
        return r;
    r = db_step(stmt);
    if (r == 1)
        strange = db_int(stmt, 0);
    db_end(stmt);
    if (r == 1 && strange > 0)
        log_event(LOG_ERROR, "rows", "table=%s rows=%lld meaning=\"they hold values of another type than the column's\"", table->name,
                  (long long)strange);
    return r < 0 ? r : r == 0 ? -EIO : strange > 0 ? -ENOTSUP : 0;
}

int rows_sync(struct db *from, struct db *to, const struct table *table, const struct rows_told *told)
{
    struct syncing syncing = { .table = table, .told = told };
    int r = check_types(from, table);

    r = r < 0 ? r : db_begin_write(to);
    if (r < 0)
        return r;
    bool begun = true;
    r = cursor_open(&syncing.from, from, table);
    r = r < 0 ? r : cursor_open(&syncing.to, to, table);
    r = r < 0 ? r : sync_rows(&syncing, &begun);
    if (r == 0) {
        r = commit(&syncing);
        begun = r < 0;
    }
    if (begun)
        db_rollback(to);
    cursor_close(&syncing.from);
    cursor_close(&syncing.to);
    return r;
}

static void hash_row(struct row_hash *hash, const struct table *table, const struct value *values)
{
    for (unsigned i = 0; i < table->count; i++) {
        const char type = table->columns[i].type;

        if (values[i].null)
            row_hash_null(hash);
        else if (type == 'i')
            row_hash_int(hash, values[i].number);
        else
            row_hash_bytes(hash, type == 't' ? ROW_TEXT : ROW_BLOB, values[i].bytes);
    }
}

int rows_hash(struct db *db, const struct table *table, uint8_t ret_hash[ROW_HASH], int64_t *ret_rows)
{
    _cleanup_(row_hash_free_pointer) struct row_hash *hash = NULL;
    struct cursor cursor = { 0 };
    int64_t rows = 0;
    int r = row_hash_new(&hash);

    r = r < 0 ? r : cursor_open(&cursor, db, table);
    for (; r == 0 && cursor_row(&cursor); rows++) {
        hash_row(hash, table, cursor_row(&cursor));
        r = cursor_skip(&cursor, 1);
    }
    cursor_close(&cursor);
    r = r < 0 ? r : row_hash_end(hash, ret_hash);
    if (r == 0)
        *ret_rows = rows;
    return r;
}

static int clear(struct db *db, const struct table *table)
{
    struct db_stmt *stmt;
    int r = db_start(db, &table->clear, &stmt);

    if (r < 0)
        return r;
    r = db_step(stmt);
    db_end(stmt);
    return r;
}

int rows_clear(struct db *db, const struct table *tables, size_t count)
{
    int r = db_begin_write(db);

    if (r < 0)
        return r;
    for (size_t i = count; i > 0 && r == 0; i--)
        r = clear(db, &tables[i - 1]);
    r = r < 0 ? r : db_commit(db);
    if (r < 0)
        db_rollback(db);
    return r;
}
