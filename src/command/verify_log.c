// SPDX-License-Identifier: MPL-2.0
#include "command/verify_log.h"

#include "audit/exported.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/encode.h"

#include <errno.h>
#include <stdlib.h>

static void close_stream(FILE **file)
{
    if (*file)
        fclose(*file);
}

static int open_stream(const char *path, FILE **ret_file)
{
    *ret_file = fopen(path, "re");
    if (*ret_file)
        return 0;
    fprintf(stderr, "samtraad: %s can't be read: %s\n", path, strerror(errno));
    return -errno;
}

static int read_key(const char *path, uint8_t ret_key[KEEPER_PUBLIC_KEY])
{
    __attribute__((cleanup(close_stream))) FILE *file = NULL;
    char text[200];
    int r = open_stream(path, &file);

    if (r < 0)
        return r;
    struct str key = str_trim((struct str){ text, fread(text, 1, sizeof(text), file) });
    if (decode_hex_exact(key, ret_key, KEEPER_PUBLIC_KEY) == 0)
        return 0;
    fprintf(stderr, "samtraad: %s: 64 hexadecimal digits were expected\n", path);
    return -EINVAL;
}

static int print(const struct exported_report *report)
{
    _cleanup_(buf_free) struct buf root = buf_bounded(128);

    buf_hex(&root, bytes_from(report->root, sizeof(report->root)));
    printf("records      %llu\n", (unsigned long long)report->records);
    printf("root         %.*s\n", (int)root.len, buf_view(&root).ptr);
    printf("checkpoints  %llu\n", (unsigned long long)report->checkpoints);
    if (!report->problem) {
        printf("the log holds\n");
        return EXIT_SUCCESS;
    }
    printf("the log does not hold: %s (line %llu)\n", report->problem, (unsigned long long)report->line);
    return EXIT_FAILURE;
}

int verify_log(const struct options *options)
{
    __attribute__((cleanup(close_stream))) FILE *log = NULL;
    __attribute__((cleanup(close_stream))) FILE *witness = NULL;
    uint8_t key[KEEPER_PUBLIC_KEY];
    struct exported_report report = { .problem = NULL };
    int r = open_stream(options->log, &log);

    if (r == 0)
        r = read_key(options->log_key, key);
    if (r == 0 && options->checkpoints_given)
        r = open_stream(options->checkpoints, &witness);
    if (r == 0)
        r = exported_check(log, witness, key, &report);
    return r < 0 ? EXIT_FAILURE : print(&report);
}
