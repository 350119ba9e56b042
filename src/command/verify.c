// SPDX-License-Identifier: MPL-2.0
#include "command/command.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "command/installation.h"
#include "command/verify_file.h"
#include "command/verify_log.h"

#include <stdlib.h>

static int print(const struct audit_report *report)
{
    _cleanup_(buf_free) struct buf root = buf_bounded(128);

    buf_hex(&root, bytes_from(report->root, sizeof(report->root)));
    printf("records      %llu\n", (unsigned long long)report->records);
    printf("root         %.*s\n", (int)root.len, buf_view(&root).ptr);
    printf("checkpoints  %llu%s\n", (unsigned long long)report->checkpoints,
           report->torn_checkpoint
               ? " (and one that a crash cut short while it was written, which harms nothing)"
               : "");
    if (!report->problem) {
        printf("the log holds\n");
        return EXIT_SUCCESS;
    }
    printf("the log does not hold: %s", report->problem);
    if (report->bad_record >= 0)
        printf(" (record %lld)", (long long)report->bad_record);
    if (report->bad_checkpoint > 0)
        printf(" (line %llu of the checkpoints)", (unsigned long long)report->bad_checkpoint);
    printf("\n");
    return EXIT_FAILURE;
}

static int run(const struct options *options)
{
    struct installation installation = { .lock = -1 };
    struct audit_report report = { 0 };
    int status = EXIT_FAILURE;

    if (options->file)
        return verify_file(options);
    if (options->log)
        return verify_log(options);
    int r = installation_harden();

    if (r == 0)
        r = installation_open(options, DB_READ, &installation);
    if (r == 0) {
        r = audit_verify(installation.db, installation.keeper, options->checkpoints, &report);
        status =
            r < 0 ? installation_complain(options, "the log can't be read", r) : print(&report);
    }
    installation_close(&installation);
    return status;
}

const struct command command_verify = {
    .name = "verify",
    .summary = "reads the whole log and checks every record and checkpoint",
    .explanation = "Works beside a running server and on a stopped one's folder. Ends with 1 when "
                   "anything is wrong.\n"
                   "With --file it checks one document that people have got from the server, and needs "
                   "no database:\nonly the document and the log's public key, and, to be sure that the "
                   "log was not rewritten,\nthe checkpoints of somebody outside. With --log it checks a log that was\n"
                   "exported (\"samtraad export-log\"), in the same way.\n",
    .options = OPTIONS_FOLDER | OPTIONS_FILE,
    .run = run,
};
