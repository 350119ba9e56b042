// SPDX-License-Identifier: MPL-2.0
// The figures by which one sees how an installation is: for "samtraad status" and the metrics. Numbers only, about nobody.
#pragma once

#include "command/options.h"
#include "store/db.h"

struct figures {
    int64_t sessions;            // in use
    int64_t mail_waiting, mail_failing, mail_given_up;
    int64_t mail_oldest_ms;      // when the oldest of the failing ones was made; 0: there is none
    int64_t deliveries;          // journal entries that are to be handed over; without "journal.deliver" people file them
    int64_t receipts;            // handed over, not answered yet
    int64_t deliveries_failed;   // or refused: somebody has to look
    int64_t log_records;
    int64_t database_bytes;
    int64_t wal_bytes;           // -1: a server does not tell
    int64_t checkpoint_records, checkpoint_ms;   // of the newest checkpoint; 0: none
    int64_t backup_ms;                           // when the last one was made; 0: none
};

// since: ms; who has not used a session since does not count.
int figures_read(const struct options *options, struct db *db, int64_t since, struct figures *ret_figures);
