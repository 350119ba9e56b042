// SPDX-License-Identifier: MPL-2.0
// Linked into the program with the mutants: which of them is on (MUTANT, a number), and which were come by (MUTANT_TRACE, a file with a byte for each).
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define MUTANTS_MAX 4096

int mutant_on(int number);
int __real_sqlite3_open_v2(const char *path, sqlite3 **ret_handle, int flags, const char *vfs);
int __wrap_sqlite3_open_v2(const char *path, sqlite3 **ret_handle, int flags, const char *vfs);

static int on;
static volatile unsigned char *met;

// Before the program locks itself in.
__attribute__((constructor)) static void begin(void)
{
    const char *number = getenv("MUTANT"), *trace = getenv("MUTANT_TRACE");
    int file = trace ? open(trace, O_RDWR | O_CLOEXEC) : -1;
    on = number ? (int)strtol(number, NULL, 10) : 0;
    if (!trace)
        return;
    met = file < 0 ? MAP_FAILED : mmap(NULL, MUTANTS_MAX, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (met == MAP_FAILED)
        abort();
    close(file);
}

int mutant_on(int number)
{
    if (met && number > 0 && number < MUTANTS_MAX)
        met[number] = 1;
    return on == number;
}

static void mutant(sqlite3_context *context, int count, sqlite3_value **values)
{
    sqlite3_result_int(context, mutant_on(count == 1 ? sqlite3_value_int(values[0]) : 0));
}

// Queries ask by a function. It is never the same twice for SQLite, so that a condition which is not met is not asked.
int __wrap_sqlite3_open_v2(const char *path, sqlite3 **ret_handle, int flags, const char *vfs)
{
    int r = __real_sqlite3_open_v2(path, ret_handle, flags, vfs);
    return r == SQLITE_OK ? sqlite3_create_function_v2(*ret_handle, "mutant", 1, SQLITE_UTF8, NULL, mutant, NULL, NULL, NULL) : r;
}
