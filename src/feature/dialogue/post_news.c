// SPDX-License-Identifier: MPL-2.0
// What is new to somebody who is away.
#include "feature/dialogue/dialogue_sql.h"
#include "feature/dialogue/post.h"

int post_news(struct dialogue *dialogue, int64_t after, bool *ret_news)
{
    struct sql_dialogue_posts_of_others row;
    int64_t before = dialogue_first_visible(dialogue) - 1;
    int result = sql_dialogue_posts_of_others(dialogue->scene.db, dialogue->scene.arena, &(struct sql_dialogue_posts_of_others_in){
        .dialogue = dialogue->id, .after = after > before ? after : before, .author = dialogue->member }, &row);
    if (result == 0)
        *ret_news = row.count > 0;
    return result;
}
