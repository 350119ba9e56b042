// SPDX-License-Identifier: MPL-2.0
// The database server of a run on PostgreSQL. A database is named by its URL, "postgresql://…/name", the name of letters, digits and '_'.
#pragma once

#include <stdbool.h>

// Makes the database, as a copy of another one that nobody is connected to, or empty (like: NULL). One of its name is dropped first. -EIO (printed).
int postgres_create(const char *database, const char *like);
int postgres_drop(const char *database);

// Bytes of it; -1 when it can't be seen.
double postgres_bytes(const char *database);
