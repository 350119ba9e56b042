// SPDX-License-Identifier: MPL-2.0
#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024

// The one setting and the counters of the whole process; they exist before anything that could carry it.
static _Atomic int threshold = LOG_INFO;
static _Atomic uint64_t counts[LOG_ERROR + 1];
static atomic_bool journal;

uint64_t log_count(enum log_level level)
{
    return atomic_load(&counts[level]);
}

void log_find_journal(void)
{
    const char *told = getenv("JOURNAL_STREAM");
    char ours[64];
    struct stat status;

    if (told && fstat(STDERR_FILENO, &status) == 0 &&
        snprintf(ours, sizeof(ours), "%llu:%llu", (unsigned long long)status.st_dev, (unsigned long long)status.st_ino) > 0)
        atomic_store(&journal, strcmp(told, ours) == 0);
}

void log_threshold(enum log_level level)
{
    atomic_store(&threshold, (int)level);
}

static const char *level_name(enum log_level level)
{
    static const char *const names[] = { "unset", "debug", "info", "warning", "error" };
    return (unsigned)level < sizeof(names) / sizeof(names[0]) ? names[level] : "unset";
}

// sd-daemon(3): the journal takes it off and files the line under it.
static const char *priority(enum log_level level)
{
    static const char *const priorities[] = { "", "<7>", "<6>", "<4>", "<3>" };
    return atomic_load(&journal) && (unsigned)level < sizeof(priorities) / sizeof(priorities[0]) ? priorities[level] : "";
}

// Bytes that fit behind 'used' of a line, as the result of a (v)snprintf says.
static size_t advance(size_t used, int written)
{
    if (written < 0)
        return used;
    size_t end = used + (size_t)written;
    return end < LINE_MAX_BYTES - 1 ? end : LINE_MAX_BYTES - 1;
}

void log_event(enum log_level level, const char *event, const char *format, ...)
{
    atomic_fetch_add(&counts[level], 1);
    if ((int)level < atomic_load(&threshold))
        return;
    char line[LINE_MAX_BYTES + 1];
    struct timespec now;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    size_t used = advance(0, snprintf(line, sizeof(line), "%s", priority(level)));
    used += strftime(line + used, sizeof(line) - used, "time=%Y-%m-%dT%H:%M:%S", &tm);
    used = advance(used, snprintf(line + used, LINE_MAX_BYTES - used, ".%03ldZ level=%s event=%s ", now.tv_nsec / 1000000,
                                  level_name(level), event));
    va_list arguments;
    va_start(arguments, format);
    used = advance(used, vsnprintf(line + used, LINE_MAX_BYTES - used, format, arguments));
    va_end(arguments);
    for (size_t i = 0; i < used; i++) {
        if ((unsigned char)line[i] < ' ' || line[i] == 127)
            line[i] = '?';
    }
    while (used && line[used - 1] == ' ')
        used--;
    line[used++] = '\n';
    // There is nobody to tell when standard error is gone.
    ssize_t ignored = write(STDERR_FILENO, line, used);
    (void)ignored;
}
