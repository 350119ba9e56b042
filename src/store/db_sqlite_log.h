// SPDX-License-Identifier: MPL-2.0
// SQLite writes each page of its write-ahead log by two system calls, one for a header of 24 bytes and one for the page. Through this
// VFS (https://www.sqlite.org/vfs.html) what a transaction appends goes to the kernel at once, before it is synced or read back.
//
// Only for connections with synchronous = FULL or EXTRA: they sync what they commit before other connections are told of it.
#pragma once

#define DB_SQLITE_LOG "samtraad-log"   // its name, for sqlite3_open_v2

// Makes it known to SQLite. Once, before the first connection; fails (SQLite's code) only without memory.
int db_sqlite_log_register(void);
