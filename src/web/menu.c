// SPDX-License-Identifier: MPL-2.0
#include "web/menu.h"

#include "base/cleanup.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// Programs without features, as some tests are, have no such section.
extern const struct menu_item *const __start_menu_items[] __attribute__((weak));
extern const struct menu_item *const __stop_menu_items[] __attribute__((weak));

#define PATH_MAX_BYTES 200
#define ITEMS_MAX 256

// All items by menu and order.
static const struct menu_item *sorted[ITEMS_MAX];

static int compare_place(const void *a, const void *b)
{
    const struct menu_item *const *x = a, *const *y = b;
    if ((*x)->menu != (*y)->menu)
        return (*x)->menu < (*y)->menu ? -1 : 1;
    if ((*x)->order != (*y)->order)
        return (*x)->order < (*y)->order ? -1 : 1;
    return strcmp((*x)->path, (*y)->path);
}

static size_t all_items(void)
{
    return (size_t)(__stop_menu_items - __start_menu_items);
}

static void sort_once(void)
{
    size_t all = all_items();
    assert(all <= ITEMS_MAX);
    for (size_t i = 0; i < all; i++)
        sorted[i] = __start_menu_items[i];
    qsort(sorted, all, sizeof(const struct menu_item *), compare_place);
}

// Those of one menu.
static size_t items_of(enum menu menu, const struct menu_item *const **ret_items)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, sort_once);
    size_t all = all_items(), from = 0, to;
    while (from < all && sorted[from]->menu < menu)
        from++;
    for (to = from; to < all && sorted[to]->menu == menu; to++)
        ;
    *ret_items = sorted + from;
    return to - from;
}

// The path with its numbers; the text NULL without memory.
static struct url item_url(struct request *request, const struct menu_item *item, const struct text_value values[2], struct buf *path)
{
    if (!strchr(item->path, '{'))
        return url_local(request->arena, str_from(item->path));
    path->len = 0;
    text_format(path, str_from(item->path), values, 2);
    return path->error ? (struct url){ .text = { NULL, 0 } } : url_local(request->arena, buf_view(path));
}

static bool is_offered(struct request *request, const struct menu_item *item, int64_t number)
{
    return policy_allows(item->permission, &request->subject) && (!item->wanted || item->wanted(request, number));
}

void menu_ask(struct request *request)
{
    const struct menu_item *const *items;
    size_t count = items_of(MENU_WORK, &items);
    if (request->wants_json || request->wants_fragment)
        return;
    for (size_t i = 0; i < count; i++) {
        if (items[i]->ask && policy_allows(items[i]->permission, &request->subject))
            items[i]->ask(request);
    }
}

int menu_links(struct request *request, enum menu menu, int64_t number, const struct menu_link **ret_links, size_t *ret_count)
{
    const struct menu_item *const *items;
    size_t all = items_of(menu, &items), count = 0;
    struct menu_link *links = arena_array(request->arena, all + 1, sizeof(*links));
    if (!links)
        return -ENOMEM;
    _cleanup_(buf_free) struct buf path = buf_bounded(PATH_MAX_BYTES);
    char room[2][DECIMAL_ROOM];
    const struct text_value values[] = { { "dialogue", str_decimal(room[0], request->number[0]) }, { "number", str_decimal(room[1], number) } };
    for (size_t i = 0; i < all; i++) {
        if (!is_offered(request, items[i], number))
            continue;
        links[count] = (struct menu_link){ .text = request_text(request, items[i]->text), .url = item_url(request, items[i], values, &path) };
        if (!links[count++].url.text.ptr)
            return -ENOMEM;
    }
    *ret_links = links;
    *ret_count = count;
    return 0;
}
