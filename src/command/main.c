// SPDX-License-Identifier: MPL-2.0
#include "command/command.h"
#include "command/owner.h"
#include "picture/picture.h"

int main(int argc, char **argv)
{
    const struct command *command;
    struct options options;
    int status = EXIT_USAGE;

    // The server starts itself like this; nobody else needs to know.
    if (argc == 2 && strcmp(argv[1], PICTURE_ARGUMENT) == 0)
        picture_worker();
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
    if (options_read(command->options, argv + 2, &options) < 0)
        fprintf(stderr, "\"samtraad help %s\" tells more\n", command->name);
    else if ((command->options & OPTION_DATA) && !command->by_root && owner_check(&options, command->name) < 0)
        status = EXIT_FAILURE;
    else
        status = command->run(&options);
    options_free(&options);
    return status;
}
