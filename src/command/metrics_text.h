// SPDX-License-Identifier: MPL-2.0
#pragma once

#include "base/buf.h"
#include "command/figures.h"
#include "web/app.h"

// Writes all of them. 'figures' NULL: the database could not be read, which is told as a figure of its own.
void metrics_text(const struct app *app, const struct figures *figures, struct buf *out);
