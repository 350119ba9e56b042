// SPDX-License-Identifier: MPL-2.0
// What the commands that work on a data folder share.
#pragma once

#include "audit/audit.h"
#include "command/options.h"

struct installation {
    struct keeper *keeper;
    struct db *db;
    int lock;   // descriptor of the folder's lock, or -1
};

// No core files, no tracing by others: what is in memory stays there. Before any secret is read.
int installation_harden(void);

// Takes the folder for this process alone (until it ends), so that never two write; or, 'beside', together with others
// that take it so (options.nodes). -EAGAIN: another has it.
int installation_lock(const struct options *options, bool beside, struct installation *installation);

// Whether another process has the folder.
int installation_is_running(const struct options *options, bool *ret_running);

// Starts the keeper, then opens the database; DB_WRITE and DB_WRITE_BESIDE bring it to the newest schema (-EBUSY: it
// is an older one, and others work with it). Faults are
// printed for the person at the terminal. installation_close in any case.
int installation_open(const struct options *options, enum db_mode mode,
                      struct installation *installation);
// The keeper alone, checked against the data folder's log.pub when that is there. Faults are printed.
int installation_open_keeper(const struct options *options, struct installation *installation);

// Hardens, locks and opens for writing: the beginning of a command that changes an installation on which no server runs.
// Faults are printed. installation_close in any case.
int installation_take(const struct options *options, struct installation *installation);

// Runs one job and signs the log that it left. The database is closed after that.
int installation_write(struct installation *installation, struct audit *audit, struct write_job *job);

void installation_close(struct installation *installation);

// Says why a data folder can't be used. Gives the exit status.
int installation_complain(const struct options *options, const char *what, int error);
