// SPDX-License-Identifier: MPL-2.0
// A log of its own in a folder of its own, for the tests.
#pragma once

#include "audit/audit.h"

#include <sqlite3.h>

struct audit_fixture {
    struct clock clock;        // one second further at each look
    int64_t now;
    char folder[64];
    char key_file[96];
    char database[96];
    char checkpoints[96];
    char copy[96];             // of the database, by fixture_keep
    struct keeper *keeper;
    struct db *db;
    struct audit *audit;
};

int fixture_setup(void **state);
int fixture_teardown(void **state);

// Closes and opens again. What audit_open gave.
int fixture_reopen(struct audit_fixture *fixture);
void fixture_close(struct audit_fixture *fixture);

// Adds records in one transaction, as the writer does. The first is the log's n-th event of fixture_event.
void fixture_append(struct audit_fixture *fixture, int count);
struct audit_event fixture_event(int64_t n);

// Keeps a copy of the whole database; puts it back.
void fixture_keep(struct audit_fixture *fixture);
void fixture_put_back(struct audit_fixture *fixture);

// Does with the database what an administrator could.
void fixture_tamper(struct audit_fixture *fixture, const char *sql);
sqlite3 *fixture_open_raw(struct audit_fixture *fixture);

struct audit_report fixture_verify(struct audit_fixture *fixture);
