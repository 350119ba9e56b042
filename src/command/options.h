// SPDX-License-Identifier: MPL-2.0
// What the command line, the environment and the configuration file say; the first of these that
// says something counts.
#pragma once

#include "base/config.h"

#include <stdio.h>

enum option {
    OPTION_DATA = 1,
    OPTION_KEY = 2,
    OPTION_CONFIG = 4,
    OPTION_PORT = 8,
    OPTION_ADDRESS = 16,
    OPTION_BASE_URL = 32,
    OPTION_WORKERS = 64,
    OPTION_DEMO = 128,
    OPTION_TOPIC = 256,   // one word without dashes
    OPTION_FILE = 512,    // what a document is checked with: also the next three
    OPTION_PROOF = 1024,
    OPTION_LOG_KEY = 2048,
    OPTION_CHECKPOINTS = 4096,
    OPTION_LOG = 8192,   // an exported log is checked
    OPTION_DRILL = 16384,
    OPTION_BACKUP = 32768,
    OPTION_GRACE = 65536,
    OPTION_KEEP = 131072,
    OPTION_DATABASE = 262144,
    OPTION_FROM = 524288,
    OPTION_TO = 1048576,
    OPTION_UNDO = 2097152,
    OPTION_NAME = 4194304,

    OPTIONS_FOLDER = OPTION_DATA | OPTION_KEY | OPTION_CONFIG | OPTION_DATABASE,
    OPTIONS_FILE = OPTION_FILE | OPTION_PROOF | OPTION_LOG_KEY | OPTION_CHECKPOINTS | OPTION_LOG,
    OPTIONS_SERVE = OPTIONS_FOLDER | OPTION_PORT | OPTION_ADDRESS | OPTION_BASE_URL |
                    OPTION_WORKERS | OPTION_DEMO,
};

#define NODES_MAX 64

struct options {
    struct arena *arena;
    struct config *config;   // what was said, by the names of the settings
    bool understood;         // the command line: what fails then is in the configuration
    bool demo;
    int64_t nodes;   // servers on the database, at most; by default 1
    bool drill;
    bool undo;
    const char *topic;   // NULL when none was given
    const char *data;    // the folder; by default "data"
    const char *key;     // its file; by default beside the folder, the folder's name with ".key"
    const char *database;   // its name for db_open; by default a file in the folder
    const char *replica;    // name of a database that follows it; NULL: none
    const char *checkpoints;   // in the folder, as the next four but the shares
    const char *shares;    // by default beside the folder, the folder's name with ".shares"
    const char *log_key;   // public half of the key that signs checkpoints
    const char *lock;
    const char *files;   // folder of the sealed files
    const char *config_file;   // NULL: none
    const char *last_backup;   // when the last one was made: command/last_backup.h
    const char *backup;        // its name; NULL when none was given
    const char *from, *to;     // names of databases; NULL when not given
    const char *name;          // of a person; NULL when none was given
    const char *file;        // a document to be checked; NULL when none was given
    const char *proof;       // its proof; NULL: in the document
    const char *log;         // an exported log to be checked; NULL when none was given
    bool checkpoints_given;  // on the command line
};

// Reads them all. Faults are printed to standard error for the person at the terminal. -EINVAL,
// -ENOENT (no such configuration file), -ENOMEM. options_free in any case.
int options_read(unsigned allowed, char **arguments, struct options *options);
void options_free(struct options *options);

// Writes one line for each.
void options_usage(FILE *out, unsigned allowed);
