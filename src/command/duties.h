// SPDX-License-Identifier: MPL-2.0
// What a running server does by itself at intervals: keeps streams open, signs checkpoints, forgets
// sessions that have ended.
#pragma once

#include "web/app.h"

struct duties;

int duties_new(struct app *app, struct duties **ret_duties);

// Does what is due; quick. With several servers only their leader does more than keep its own streams open. monotonic_ms from clock_monotonic.
void duties_tick(struct duties *duties, int64_t monotonic_ms);

// Waits for a duty that the writer still has. Before writer_stop.
void duties_free(struct duties *duties);
