// SPDX-License-Identifier: MPL-2.0
#include "store/db_sqlite_log.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define GATHERED ((128 << 10) - 1)   // bytes: what SQLite's own VFS writes at most at once; thirty pages

struct log_file {
    sqlite3_file base;
    char *gathered;   // what is not yet written; NULL before the first write
    sqlite3_int64 from;
    int used;
    void *real[];   // the file of the system's VFS, as large as that says; SQLite's memory is aligned for pointers
};

static sqlite3_vfs *system_vfs;

static sqlite3_file *real_of(sqlite3_file *file)
{
    return (sqlite3_file *)((struct log_file *)file)->real;
}

// What could not be written is forgotten: the transaction fails, and its pages are written anew by the next.
static int write_out(sqlite3_file *file)
{
    struct log_file *log = (struct log_file *)file;
    int used = log->used;

    log->used = 0;
    return used ? real_of(file)->pMethods->xWrite(real_of(file), log->gathered, used, log->from) : SQLITE_OK;
}

static int log_close(sqlite3_file *file)
{
    struct log_file *log = (struct log_file *)file;
    int r = write_out(file);
    int closed = real_of(file)->pMethods->xClose(real_of(file));

    free(log->gathered);
    return r == SQLITE_OK ? closed : r;
}

static int log_read(sqlite3_file *file, void *data, int len, sqlite3_int64 from)
{
    int r = write_out(file);

    return r == SQLITE_OK ? real_of(file)->pMethods->xRead(real_of(file), data, len, from) : r;
}

static int log_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 from)
{
    struct log_file *log = (struct log_file *)file;
    int r = SQLITE_OK;

    if (log->used && (from != log->from + log->used || len > GATHERED - log->used))
        r = write_out(file);
    if (!log->gathered)
        log->gathered = malloc(GATHERED);
    if (r != SQLITE_OK)
        return r;
    if (!log->gathered || len > GATHERED)
        return real_of(file)->pMethods->xWrite(real_of(file), data, len, from);
    if (!log->used)
        log->from = from;
    memcpy(log->gathered + log->used, data, (size_t)len);
    log->used += len;
    return SQLITE_OK;
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int r = write_out(file);

    return r == SQLITE_OK ? real_of(file)->pMethods->xTruncate(real_of(file), size) : r;
}

static int log_sync(sqlite3_file *file, int flags)
{
    int r = write_out(file);

    return r == SQLITE_OK ? real_of(file)->pMethods->xSync(real_of(file), flags) : r;
}

static int log_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
    int r = write_out(file);

    return r == SQLITE_OK ? real_of(file)->pMethods->xFileSize(real_of(file), ret_size) : r;
}

static int log_lock(sqlite3_file *file, int lock)
{
    return real_of(file)->pMethods->xLock(real_of(file), lock);
}

static int log_unlock(sqlite3_file *file, int lock)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), lock);
}

static int log_reserved(sqlite3_file *file, int *ret_reserved)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), ret_reserved);
}

static int log_control(sqlite3_file *file, int what, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), what, argument);
}

static int log_sector(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int log_characteristics(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = log_close,
    .xRead = log_read,
    .xWrite = log_write,
    .xTruncate = log_truncate,
    .xSync = log_sync,
    .xFileSize = log_size,
    .xLock = log_lock,
    .xUnlock = log_unlock,
    .xCheckReservedLock = log_reserved,
    .xFileControl = log_control,
    .xSectorSize = log_sector,
    .xDeviceCharacteristics = log_characteristics,
};

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
    struct log_file *log = (struct log_file *)file;
    int r;

    if (!(flags & SQLITE_OPEN_WAL))
        return system_vfs->xOpen(system_vfs, name, file, flags, ret_flags);
    *log = (struct log_file){ .base.pMethods = NULL };
    r = system_vfs->xOpen(system_vfs, name, real_of(file), flags, ret_flags);
    if (real_of(file)->pMethods)   // with an error too: then SQLite closes it
        log->base.pMethods = &methods;
    return r;
}

int db_sqlite_log_register(void)
{
    static sqlite3_vfs vfs;

    system_vfs = sqlite3_vfs_find(NULL);
    vfs = *system_vfs;
    vfs.zName = DB_SQLITE_LOG;
    vfs.szOsFile += (int)sizeof(struct log_file);
    vfs.xOpen = open_file;
    vfs.pNext = NULL;
    return sqlite3_vfs_register(&vfs, 0);
}
