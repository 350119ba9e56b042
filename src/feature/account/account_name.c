// SPDX-License-Identifier: MPL-2.0
#include "feature/account/account_name.h"

// Double names are written with and without their hyphen.
static struct str next_word(struct str *text)
{
    const char *space = memchr(text->ptr, ' ', text->len), *hyphen = memchr(text->ptr, '-', text->len);
    return str_cut(text, hyphen && (!space || hyphen < space) ? '-' : ' ');
}

static bool begins_one(struct str name, struct str word)
{
    while (name.len) {
        if (str_starts(next_word(&name), word))
            return true;
    }
    return false;
}

bool account_name_matches(struct str name, struct str words)
{
    bool any = false;
    while (words.len) {
        struct str word = next_word(&words);
        if (word.len == 0)
            continue;
        if (!begins_one(name, word))
            return false;
        any = true;
    }
    return any;
}
