// SPDX-License-Identifier: MPL-2.0
#include "command/command.h"

#include "command/version.h"

static int run(const struct options *options)
{
    puts("samtraad " SAMTRAAD_VERSION);
    return EXIT_SUCCESS;
}

const struct command command_version = {
    .name = "version",
    .summary = "prints the program's version",
    .explanation = "",
    .run = run,
};
