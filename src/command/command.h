// SPDX-License-Identifier: MPL-2.0
// The subcommands of the binary, one file each, and what their files share.
#pragma once

#include "command/options.h"

struct command {
    const char *name;
    const char *summary;       // one line for `samtraad help`
    const char *explanation;   // further lines for `samtraad help NAME`; may be empty
    unsigned options;          // bits of enum option: what it understands
    bool by_root;              // root too may run it on another user's folder
    int (*run)(const struct options *options);   // gives the exit status
};

#define EXIT_USAGE 2

extern const struct command command_serve, command_init, command_administrator, command_demo, command_verify, command_export_log, command_backup, command_restore,
    command_move, command_status, command_check_config, command_rotate, command_matrix, command_openapi, command_journal_pdf,
    command_help, command_version;

// All of them in the order of `samtraad help`, ended by NULL.
extern const struct command *const command_list[];

// NULL when there is none of that name.
const struct command *command_find(const char *name);

// Writes how the program, or one command, is used.
void command_usage(FILE *out, const struct command *command);
