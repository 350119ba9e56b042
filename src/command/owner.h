// SPDX-License-Identifier: MPL-2.0
// Root may do everything, so a command that was typed without "runuser" succeeds, and what it leaves behind keeps the service from starting.
#pragma once

#include "command/options.h"

// -EPERM, and says to standard error as whom to run the command, when this is root and the data folder is somebody else's. Where there is no
// folder yet, that goes by the one it would be made in, as long as that is closed to others: a folder of one user's.
int owner_check(const struct options *options, const char *command);
