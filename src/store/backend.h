// SPDX-License-Identifier: MPL-2.0
// What one kind of database must be able to do. db.c keeps the statements of a connection and
// guards the order of the calls; a backend is one file that fills this table. Only db.c and the
// backends include this.
#pragma once

#include "base/buf.h"
#include "store/db.h"

struct db_backend;

struct db_stmt {
    struct db *db;
    const struct db_query *query;   // NULL: the place is free
    void *handle;                   // the backend's prepared statement
    int error;                      // the first failure since db_start; sticks
    bool busy;                      // between db_start and db_end
    bool finished;                  // db_step has said 0
};

// A backend's connection begins with this.
struct db {
    const struct db_backend *backend;
    enum db_mode mode;   // DB_WRITE_BESIDE is DB_WRITE here
    bool alone;          // as db_alone
    bool in_transaction;
    bool reading;   // it is a read transaction
    int failed;   // of a step since the savepoint, or the transaction, began; 0: none
    int lost;   // not 0: the backend has ended the transaction by itself, and why; only db_rollback
                // helps
    struct buf told;     // lines for db_tell; only where 'shared'
    size_t told_before;  // bytes of them when the savepoint began
    struct db_stmt *statements;   // by hash of the query's address; a power of two of places
    size_t places, used;
};

enum db_control {
    DB_BEGIN_READ,
    DB_BEGIN_WRITE,
    DB_COMMIT,
    DB_ROLLBACK,
    DB_SAVEPOINT,
    DB_RELEASE,
    DB_ROLLBACK_TO,
    DB_CONTROLS
};

struct db_backend {
    bool shared;   // as db_shared
    int (*probe)(const char *name);   // as db_probe
    int (*needs)(const char *name, const struct db_needs *needs);
    int (*open)(const char *name, enum db_mode mode,
                struct db **ret_db);   // with zeroed statements
    void (*close)(struct db *db);      // no statement is left
    int (*join)(struct db *db);        // as db_join

    // The statement of a query's text, checked against its count of parameters and columns (here
    // or when it is first stepped).
    int (*prepare)(struct db *db, const struct db_query *query, void **ret_handle);
    void (*finish)(void *handle);
    void (*reset)(void *handle);   // ready for binding; nothing of earlier values is kept

    void (*bind_int)(struct db_stmt *stmt, unsigned index, int64_t value);
    void (*bind_text)(struct db_stmt *stmt, unsigned index, struct str value);
    void (*bind_blob)(struct db_stmt *stmt, unsigned index, struct bytes value);
    void (*bind_null)(struct db_stmt *stmt, unsigned index);
    int (*step)(
        struct db_stmt *stmt);   // as db_step; sets db->lost when the transaction has ended by it
    int (*send)(struct db_stmt *stmt);   // as db_send, within a write transaction; NULL: nothing is waited for anyhow
    int (*settle)(struct db *db);        // as db_settle; together with 'send'
    void (*ask)(struct db_stmt *stmt);   // as db_ask; NULL: there is no way that could be spared

    int64_t (*get_int)(struct db_stmt *stmt, unsigned column);
    struct str (*get_text)(struct db_stmt *stmt, unsigned column);
    struct bytes (*get_blob)(struct db_stmt *stmt, unsigned column);
    bool (*get_null)(struct db_stmt *stmt, unsigned column);

    int64_t (*changes)(struct db *db);
    int (*control)(struct db *db, enum db_control control);
    int (*script)(struct db *db, const char *sqlite, const char *postgres);
    void (*tidy)(struct db *db, enum db_load load);
};

extern const struct db_backend db_sqlite, db_postgres;
