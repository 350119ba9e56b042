// SPDX-License-Identifier: MPL-2.0
// When the last backup of a data folder was made: one number in a file of the folder, for "samtraad status" and the metrics.
#pragma once

#include "command/options.h"

int last_backup_write(const struct options *options, int64_t ms);

// 0: none that is known of.
int64_t last_backup_read(const struct options *options);
