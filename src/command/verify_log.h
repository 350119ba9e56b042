// SPDX-License-Identifier: MPL-2.0
// `samtraad verify --log`: an exported log, with nothing but itself, the log's public key and, if there is one, a witness's checkpoints.
#pragma once

#include "command/options.h"

// Prints what it found and gives the exit status.
int verify_log(const struct options *options);
