// SPDX-License-Identifier: MPL-2.0
#include "feature/notice/notice_news.h"

#include "feature/account/account.h"
#include "feature/dialogue/post.h"
#include "feature/notice/notice_sql.h"

#include <errno.h>

#define PAYLOAD_MAX ((size_t)16 << 10)

static struct seal_place payload_place(int64_t entry)
{
    return (struct seal_place){ .type = SEAL_OUTBOX, .object = entry };
}

// One line for each dialogue: its number, a space, 'after'.
static int read_line(struct str line, struct notice_list *list)
{
    struct notice_item item;
    struct str rest = line;
    if (str_to_int(str_cut(&rest, ' '), &item.dialogue) < 0 || str_to_int(rest, &item.after) < 0)
        return -EBADMSG;
    return notice_list_add(list, item);
}

int notice_list_open(const struct dialogue_scene *scene, const struct outbox_entry *entry, struct notice_list **ret_list)
{
    struct seal_place place = payload_place(entry->id);
    struct bytes plain;
    struct notice_list *list = arena_alloc(scene->arena, sizeof(*list));
    int result = list ? unseal(keyring_directory(scene->keys), &place, entry->sealed, scene->arena, &plain) : -ENOMEM;
    if (result < 0)
        return result;
    struct str rest = bytes_str(plain);
    while (result == 0 && rest.len)
        result = read_line(str_cut(&rest, '\n'), list);
    if (result == 0)
        *ret_list = list;
    return result;
}

int notice_list_add(struct notice_list *list, struct notice_item item)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].dialogue == item.dialogue)
            return 0;
    if (list->count == NEWS_DIALOGUES_MAX)
        return -E2BIG;
    list->items[list->count++] = item;
    return 0;
}

int notice_list_seal(const struct dialogue_scene *scene, int64_t entry, const struct notice_list *list, struct bytes *ret_sealed)
{
    struct seal_place place = payload_place(entry);
    struct buf plain = buf_bounded(PAYLOAD_MAX);
    for (size_t i = 0; i < list->count; i++)
        buf_format(&plain, "%lld %lld\n", (long long)list->items[i].dialogue, (long long)list->items[i].after);
    int result = plain.error;
    if (result == 0)
        result = seal(keyring_directory(scene->keys), &place, str_bytes(buf_view(&plain)), scene->arena, ret_sealed);
    buf_free(&plain);
    return result;
}

// As the router would let them in.
static int may_read(const struct dialogue_scene *scene, int64_t person, const struct dialogue *dialogue, bool *ret_may)
{
    struct account_scene accounts = { scene->db, scene->keys, scene->arena, scene->now };
    struct account account;
    int result = account_get(&accounts, person, &account);
    if (result < 0)
        return result;
    struct policy_subject subject = { account.role, dialogue->relation, dialogue->state };
    *ret_may = policy_allows(PERMISSION_DIALOGUE_READ, &subject);
    return 0;
}

int notice_is_news(const struct dialogue_scene *scene, int64_t person, struct notice_item item, bool *ret_news)
{
    struct dialogue *dialogue;
    bool may = false, news = false;
    int result = dialogue_open(scene, item.dialogue, person, &dialogue);
    if (result == 0)
        result = may_read(scene, person, dialogue, &may);
    if (result == 0 && may)
        result = post_news(dialogue, item.after > dialogue->read_number ? item.after : dialogue->read_number, &news);
    // -ENOENT: no longer one of those who take part. -EBADMSG: somebody has changed a row (logged); the others are told all the same.
    if (result < 0 && result != -ENOENT && result != -EBADMSG)
        return result;
    *ret_news = result == 0 && news;
    return 0;
}

int notice_choice_get(const struct dialogue_scene *scene, int64_t person, int64_t dialogue, enum notice_choice *ret_choice)
{
    struct sql_notice_choice row;
    int result = sql_notice_choice(scene->db, scene->arena, &(struct sql_notice_choice_in){ .person = person, .dialogue = dialogue }, &row);
    if (result < 0 && result != -ENOENT)
        return result;
    *ret_choice = result == 0 ? (enum notice_choice)row.choice : NOTICE_AT_ONCE;
    return 0;
}

int notice_choose(const struct dialogue_scene *scene, int64_t person, int64_t dialogue, enum notice_choice choice)
{
    int64_t rows = sql_notice_choose(scene->db, &(struct sql_notice_choose_in){ .person = person, .dialogue = dialogue, .choice = choice });
    return rows < 0 ? (int)rows : 0;
}
