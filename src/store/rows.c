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

// Takes rows until there are none, or 'room' of them. The first 'columns' of the table.
static int take_rows(struct db_stmt *stmt, const struct table *table, unsigned columns, unsigned room, struct page *page)
{
    int r = 1;

    page->rows = 0;
    page->bytes = 0;
    page->values = arena_array(page->arena, (size_t)room * columns, sizeof(*page->values));
    if (!page->values)
        return -ENOMEM;
    while (page->rows < room && (r = db_step(stmt)) == 1) {
        for (unsigned i = 0; i < columns && r >= 0; i++)
            r = take_value(stmt, i, table->columns[i].type, page, &page->values[page->rows * columns + i]);
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
    for (unsigned i = 0; key && i < table->keys; i++)
        bind_value(stmt, i + 1, table->columns[i].type, &key[i]);
    db_bind_int(stmt, key ? table->keys + 1 : 1, TABLE_ROWS);
    r = take_rows(stmt, table, table->count, TABLE_ROWS, page);
    db_end(stmt);
    return r;
}

// Calls 'each' with one page after the other; the key they begin behind may be NULL. Two pages, since one holds the key of the next.
static int walk(struct db *db, const struct table *table, const struct value *key, int (*each)(void *context, const struct page *page), void *context)
{
    struct page pages[2] = { { 0 }, { 0 } };
    int r = arena_new(PAGE_MAX, &pages[0].arena);
    bool more = true;

    r = r < 0 ? r : arena_new(PAGE_MAX, &pages[1].arena);
    for (unsigned n = 0; more && r == 0; n++) {
        struct page *page = &pages[n % 2];

        r = read_page(db, table, key, page);
        more = r == 0 && page->rows == TABLE_ROWS;
        if (r == 0 && page->rows > 0)
            r = each(context, page);
        if (more)
            key = &page->values[(TABLE_ROWS - 1) * table->count];
    }
    arena_free(pages[0].arena);
    arena_free(pages[1].arena);
    return r;
}

static int add_rows(struct db *db, const struct table *table, const struct db_query *query, const struct value *values, unsigned rows)
{
    const unsigned count = rows * table->count;
    struct db_stmt *stmt;
    int r = db_start(db, query, &stmt);

    if (r < 0)
        return r;
    for (unsigned i = 0; i < count; i++)
        bind_value(stmt, i + 1, table->columns[i % table->count].type, &values[i]);
    r = db_step(stmt);
    db_end(stmt);
    return r;
}

static int add_page(struct db *db, const struct table *table, const struct page *page)
{
    int r = 0;

    if (page->rows == TABLE_ROWS)
        return add_rows(db, table, &table->add_many, page->values, TABLE_ROWS);
    for (unsigned row = 0; row < page->rows && r == 0; row++)
        r = add_rows(db, table, &table->add, &page->values[row * table->count], 1);
    return r;
}

struct copying {
    struct db *to;
    const struct table *table;
    const struct rows_told *told;
    int64_t rows;
    size_t waiting_rows, waiting_bytes;   // of the transaction
    bool begun;
};

static int commit(struct copying *copying)
{
    int r = db_commit(copying->to);

    if (r < 0)
        return r;
    copying->begun = false;
    copying->waiting_rows = copying->waiting_bytes = 0;
    copying->told->told(copying->told->context, copying->table, copying->rows);
    return 0;
}

static int copy_page(void *context, const struct page *page)
{
    struct copying *copying = context;
    int r = copying->begun ? 0 : db_begin_write(copying->to);

    if (r < 0)
        return r;
    copying->begun = true;
    r = add_page(copying->to, copying->table, page);
    if (r < 0)
        return r;
    copying->rows += page->rows;
    copying->waiting_rows += page->rows;
    copying->waiting_bytes += page->bytes;
    return copying->waiting_rows >= COMMIT_ROWS || copying->waiting_bytes >= COMMIT_BYTES ? commit(copying) : 0;
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

// The key of the table's last row: none when page->rows is 0.
static int last_key(struct db *db, const struct table *table, struct page *page)
{
    struct db_stmt *stmt;
    int r = db_start(db, &table->last, &stmt);

    if (r < 0)
        return r;
    r = take_rows(stmt, table, table->keys, 1, page);
    db_end(stmt);
    return r;
}

static int read_last_key(struct db *db, const struct table *table, struct page *page)
{
    int r = db_begin_read(db);

    if (r < 0)
        return r;
    r = last_key(db, table, page);
    int ended = r < 0 ? db_rollback(db) : db_commit(db);
    return r < 0 ? r : ended;
}

int rows_copy(struct db *from, struct db *to, const struct table *table, const struct rows_told *told)
{
    struct copying copying = { .to = to, .table = table, .told = told };
    struct page last = { 0 };
    int r = arena_new(PAGE_MAX, &last.arena);

    r = r < 0 ? r : check_types(from, table);
    r = r < 0 ? r : read_last_key(to, table, &last);
    r = r < 0 ? r : walk(from, table, last.rows > 0 ? last.values : NULL, copy_page, &copying);
    if (r == 0 && copying.begun)
        r = commit(&copying);
    if (r < 0 && copying.begun)
        db_rollback(to);
    arena_free(last.arena);
    return r;
}

struct hashing {
    const struct table *table;
    struct row_hash *hash;
    int64_t rows;
};

static int hash_page(void *context, const struct page *page)
{
    struct hashing *hashing = context;
    const struct table *table = hashing->table;

    hashing->rows += page->rows;
    for (unsigned i = 0; i < page->rows * table->count; i++) {
        const struct value *value = &page->values[i];
        const char type = table->columns[i % table->count].type;

        if (value->null)
            row_hash_null(hashing->hash);
        else if (type == 'i')
            row_hash_int(hashing->hash, value->number);
        else
            row_hash_bytes(hashing->hash, type == 't' ? ROW_TEXT : ROW_BLOB, value->bytes);
    }
    return 0;
}

int rows_hash(struct db *db, const struct table *table, uint8_t ret_hash[ROW_HASH], int64_t *ret_rows)
{
    _cleanup_(row_hash_free_pointer) struct row_hash *hash = NULL;
    struct hashing hashing = { .table = table };
    int r = row_hash_new(&hash);

    hashing.hash = hash;
    r = r < 0 ? r : walk(db, table, NULL, hash_page, &hashing);
    *ret_rows = hashing.rows;
    return r < 0 ? r : row_hash_end(hash, ret_hash);
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
