// SPDX-License-Identifier: MPL-2.0
// Every setting that the configuration file may have, as "samtraad check-config" knows them. A test compares them with the program's
// source, docs/samtraad.conf and the manual page.
#pragma once

#include "base/config.h"

// Words first, then addresses and files (settings_fit).
enum setting_kind {
    SETTING_UNSET,
    SETTING_TEXT,          // on which quotation marks and comments are no part of it
    SETTING_SECRET,        // text of any kind
    SETTING_NUMBER,        // within min and max
    SETTING_CHOICE,        // one of the words of 'choices', with spaces between
    SETTING_LIST,          // some of these words
    SETTING_SCOPE,         // "openid" among its words
    SETTING_URL,           // http:// or https://
    SETTING_ORIGIN,        // the same, without a path
    SETTING_ADDRESS,       // numeric, IPv4 or IPv6
    SETTING_ZONE,          // of the time: Europe/Copenhagen
    SETTING_DATABASE,      // a file, or postgresql://...
    SETTING_TOKEN,         // of PKCS#11
    SETTING_SECRET_FILE,   // a file that only this user may read
    SETTING_FILE,          // a file that can be read
    SETTING_PLACE,         // a file or a folder that can be read
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

// Times are shown in the municipality's time zone, wherever the machine stands. One that the system does not know would silently be UTC:
// -EINVAL, which is logged.
int settings_take_zone(const struct config *config);

// Whether a value is one. Otherwise *ret_expected says in English what would be.
bool settings_fit(const struct setting_rule *rule, const char *value, struct arena *arena, const char **ret_expected);
