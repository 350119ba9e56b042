// SPDX-License-Identifier: MPL-2.0
// `samtraad verify --file`: a document against the log, with nothing but the document, its proof and the log's public key.
#pragma once

#include "command/options.h"

// Prints what it found and gives the exit status.
int verify_file(const struct options *options);
