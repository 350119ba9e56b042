// SPDX-License-Identifier: MPL-2.0
#include "feature/dialogue/dialogue.h"

#include "feature/dialogue/dialogue_sql.h"

#include <errno.h>

int dialogue_erase(struct db *db, int64_t id)
{
    int64_t rows = 0;
#define ERASE(what) \
    if (rows >= 0) \
        rows = sql_dialogue_erase_##what(db, &(struct sql_dialogue_erase_##what##_in){ .dialogue = id })
    ERASE(posts);
    ERASE(earlier);
    ERASE(hidden);
    ERASE(drafts);
    ERASE(turns);
    ERASE(side_talk);
    ERASE(grants);
    ERASE(participants);
#undef ERASE
    if (rows >= 0)
        rows = sql_dialogue_make_stub(db, &(struct sql_dialogue_make_stub_in){ .id = id, .state = DIALOGUE_ERASED, .topic = bytes_from("", 0) });
    if (rows == 0)
        return -ENOENT;
    return rows < 0 ? (int)rows : 0;
}
