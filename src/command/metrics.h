// SPDX-License-Identifier: MPL-2.0
// The figures of a running server in Prometheus' text format, at an address of their own: http://ADDRESS:PORT/metrics. Numbers only, about nobody.
#pragma once

#include "command/options.h"
#include "web/app.h"

struct metrics;

// Settings: metrics.port (0 or absent: none), metrics.address (127.0.0.1), metrics.token_file. -EINVAL (logged); *ret_metrics is NULL when none are wanted.
int metrics_start(const struct options *options, const struct app *app, struct metrics **ret_metrics);
void metrics_stop(struct metrics *metrics);   // NULL is allowed

// Whether the settings fit together. -EINVAL (logged).
int metrics_settings_check(const struct config *config);
