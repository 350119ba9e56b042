// SPDX-License-Identifier: MPL-2.0
#include "command/command.h"

#include "audit/exported.h"
#include "command/installation.h"

#include <errno.h>
#include <stdlib.h>

static int run(const struct options *options)
{
    struct installation installation = { .lock = -1 };
    int64_t newer = 0;
    int status = EXIT_FAILURE;
    int r = installation_harden();

    if (r == 0)
        r = installation_open(options, DB_READ, &installation);
    if (r == 0) {
        r = audit_export(installation.db, options->checkpoints, stdout, &newer);
        status = r < 0 ? installation_complain(options, "the log can't be exported", r) : EXIT_SUCCESS;
    }
    if (r == 0 && newer)
        fprintf(stderr, "%lld records are newer than the newest checkpoint and were left out\n", (long long)newer);
    installation_close(&installation);
    return status;
}

const struct command command_export_log = {
    .name = "export-log",
    .summary = "writes the log as hashes and signatures, for verifiers outside",
    .explanation = "On standard output: no records, only the hash of each and the signed checkpoints. Works beside a\n"
                   "running server. \"samtraad verify --log FILE\" and script/verify-log.mjs check it, without database.\n"
                   "Who knows the numbers of persons and dialogues can try whether a guessed record is in it: give it\n"
                   "to those who verify, and do not publish it.\n",
    .options = OPTIONS_FOLDER,
    .run = run,
};
