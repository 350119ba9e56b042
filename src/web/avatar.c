// SPDX-License-Identifier: MPL-2.0
#include "web/avatar.h"

#include "base/utf8.h"

#include <errno.h>

static struct str first_character(struct str word)
{
    size_t end = 0;
    utf8_next(word, &end);
    return (struct str){ word.ptr, end };
}

int avatar_make(struct arena *arena, int64_t person, struct str name, bool portrait, struct avatar *ret_avatar)
{
    struct str trimmed = str_trim(name);
    struct str last = { "", 0 };
    struct str rest = trimmed;
    struct str initials = first_character(str_cut(&rest, ' '));
    while (rest.len > 0) {
        struct str word = str_cut(&rest, ' ');
        if (word.len > 0)
            last = word;
    }
    if (last.len > 0) {
        struct str end = first_character(last);
        char *both = arena_alloc(arena, initials.len + end.len);
        if (!both)
            return -ENOMEM;
        memcpy(both, initials.ptr, initials.len);
        memcpy(both + initials.len, end.ptr, end.len);
        initials = (struct str){ both, initials.len + end.len };
    }
    *ret_avatar = (struct avatar){
        .person = person,
        .initials = initials,
        .colour = (int64_t)((uint64_t)person % AVATAR_COLOURS) + 1,
        .portrait = portrait,
    };
    return 0;
}
