// SPDX-License-Identifier: MPL-2.0
// Every setting that the configuration file may have, as "samtraad check-config" knows them. A test compares them with the program's
// source, docs/samtraad.conf and the manual page.
#pragma once

#include "base/config.h"

enum setting_kind {
    SETTING_UNSET,
    SETTING_TEXT,
    SETTING_NUMBER,        // within min and max
    SETTING_CHOICE,        // one of the words of 'choices', with spaces between
    SETTING_URL,           // http:// or https://
    SETTING_SECRET_FILE,   // a file that only this user may read
    SETTING_FILE,          // a file that can be read
    SETTING_SOCKET,
};

struct setting_rule {
    const char *name;      // "session.idle_minutes"
    enum setting_kind kind;
    int64_t min, max;
    const char *choices;
};

// Ended by a rule without name.
extern const struct setting_rule setting_rules[];

// NULL when there is none.
const struct setting_rule *settings_find(struct str name);

// Whether a value is one. Otherwise *ret_expected says in English what would be.
bool settings_fit(const struct setting_rule *rule, const char *value, struct arena *arena, const char **ret_expected);
