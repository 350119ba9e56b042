// SPDX-License-Identifier: MPL-2.0
// The way to another system (a case or filing system): hands a package over whole or not at all, and looks for the answer.
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/config.h"

// Whether the configuration names a place to hand packages over to.
bool journal_adapter_wanted(const struct config *config);
