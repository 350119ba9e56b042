// SPDX-License-Identifier: MPL-2.0
#include "feature/account/account_name.h"

static bool begins_one(struct str name, struct str word)
{
    while (name.len) {
        if (str_starts(str_cut(&name, ' '), word))
            return true;
    }
    return false;
}

bool account_name_matches(struct str name, struct str words)
{
    bool any = false;
    while (words.len) {
        struct str word = str_cut(&words, ' ');
        if (word.len == 0)
            continue;
        if (!begins_one(name, word))
            return false;
        any = true;
    }
    return any;
}
