// SPDX-License-Identifier: MPL-2.0
#include "command/command.h"

const struct command *const command_list[] = {
    &command_init, &command_administrator, &command_demo, &command_serve, &command_verify, &command_export_log, &command_backup,
    &command_restore, &command_move, &command_status, &command_check_config, &command_rotate, &command_matrix,
    &command_openapi, &command_journal_pdf, &command_help, &command_version, NULL,
};

const struct command *command_find(const char *name)
{
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return &command_help;
    if (strcmp(name, "--version") == 0)
        return &command_version;
    for (const struct command *const *command = command_list; *command; command++)
        if (strcmp((*command)->name, name) == 0)
            return *command;
    return NULL;
}

void command_usage(FILE *out, const struct command *command)
{
    if (command) {
        fprintf(out, "samtraad %s: %s\n%s", command->name, command->summary, command->explanation);
        options_usage(out, command->options);
        return;
    }
    fprintf(out, "Samtråd: everyone around a citizen meets in one safe place.\n\n");
    for (const struct command *const *each = command_list; *each; each++)
        fprintf(out, "  samtraad %-11s  %s\n", (*each)->name, (*each)->summary);
    fprintf(out, "\n\"samtraad help COMMAND\" tells more.\n");
}

static int run(const struct options *options)
{
    const struct command *command = options->topic ? command_find(options->topic) : NULL;

    if (options->topic && !command) {
        fprintf(stderr, "samtraad: there is no command \"%s\"\n\n", options->topic);
        command_usage(stderr, NULL);
        return EXIT_USAGE;
    }
    command_usage(stdout, command);
    return EXIT_SUCCESS;
}

const struct command command_help = {
    .name = "help",
    .summary = "says what there is",
    .explanation = "",
    .options = OPTION_TOPIC,
    .run = run,
};
