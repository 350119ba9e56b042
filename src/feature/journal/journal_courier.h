// SPDX-License-Identifier: MPL-2.0
// What happens to an entry after it was made: its proofs, its way to the other system, and the answer. One thread of its own, which may wait for other
// machines; what it changes it changes through the writer. All that it has to do stands in the entries themselves, written in the same transaction
// as their cause: after a crash it goes on where it was, and what was handed over already is recognised at its target.
#pragma once

#include "web/app.h"

struct journal_courier;

// Reads the settings (journal.…) and starts the thread. -EINVAL when a setting is wrong (logged).
int journal_courier_start(struct app *app, struct journal_courier **ret_courier);

// Waits for what it is about, at most until the other machine answers or times out. Before writer_stop. NULL is allowed.
void journal_courier_stop(struct journal_courier *courier);
