// SPDX-License-Identifier: MPL-2.0
#include "base/log.h"
#include "command/command.h"
#include "command/owner.h"
#include "picture/picture.h"

static int perform(const struct command *command, char **arguments, struct options *options)
{
    const int r = options_read(command->options, arguments, options);

    if (r < 0 && !options->understood) {
        fprintf(stderr, "\"samtraad help %s\" tells more\n", command->name);
        return EXIT_USAGE;
    }
    if (r < 0 || ((command->options & OPTION_DATA) && !command->by_root && owner_check(options, command->name) < 0))
        return EXIT_FAILURE;
    return command->run(options);
}

int main(int argc, char **argv)
{
    const struct command *command;
    struct options options;
    int status;

    // The server starts itself like this; nobody else needs to know.
    if (argc == 2 && strcmp(argv[1], PICTURE_ARGUMENT) == 0)
        picture_worker();
    log_find_journal();
    if (argc < 2) {
        command_usage(stderr, NULL);
        return EXIT_USAGE;
    }
    command = command_find(argv[1]);
    if (!command) {
        fprintf(stderr, "samtraad: there is no command \"%s\"\n\n", argv[1]);
        command_usage(stderr, NULL);
        return EXIT_USAGE;
    }
    status = perform(command, argv + 2, &options);
    options_free(&options);
    return status;
}
