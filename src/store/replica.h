// SPDX-License-Identifier: MPL-2.0
// Reads on a server that follows the database's own (streaming replication) and may lag behind it.
//
// A read goes there only when what it will see holds the last turn of the writers that the database itself knows of after the read was asked for. So it
// is never older than a read of the database itself would be, whoever has written, on whichever server: docs/adr/0020-replicas.md. All others go to the
// database itself; so do all while the replica is away or behind, which each reader learns from the first one that sees it.
#pragma once

#include "store/db.h"

// What the readers of a program share: whether reads may go there, found out anew by a thread of its own when they may not.
struct replica;

// Starts that thread; reads go there from when it has seen that the replica follows. -EINVAL: one of the two names is that of a file; -ENOMEM and others.
int replica_start(const char *database, const char *name, struct replica **ret_replica);
void replica_stop(struct replica *replica);   // NULL is allowed; after all its readers were closed

struct replica_statistics {
    bool follows;     // reads go there
    uint64_t reads;   // that went there, since the start
    uint64_t left;    // that went to the database itself
};
struct replica_statistics replica_statistics(const struct replica *replica);

// One thread's connections: to the database itself, and to its replica.
struct reader;

// replica NULL: there is none. As db_open with DB_READ.
int reader_open(const char *database, struct replica *replica, struct reader **ret_reader);
void reader_close(struct reader *reader);   // NULL is allowed

// The connection to the database itself, for statements that stand alone and transactions of one's own.
struct db *reader_own(const struct reader *reader);

// Begins a read transaction, as db_begin_read, and says on which connection. May wait for some 20 ms. reader_end follows.
int reader_begin(struct reader *reader, struct db **ret_db);

// As db_commit. -EAGAIN: the replica failed within the transaction, and nothing that came of it counts; begun again, it goes to the database itself.
int reader_end(struct reader *reader);
