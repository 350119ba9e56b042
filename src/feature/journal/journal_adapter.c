// SPDX-License-Identifier: MPL-2.0
#include "feature/journal/journal_adapter.h"

bool journal_adapter_wanted(const struct config *config)
{
    return config_get(config, "journal.deliver", NULL) != NULL;
}
