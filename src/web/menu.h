// SPDX-License-Identifier: MPL-2.0
// Menus: each feature says which of its pages are to be found where, so that a new feature needs no change in others' pages.
#pragma once

#include "web/request.h"

enum menu {
    MENU_UNSET,
    MENU_PERSON,     // behind one's name on every page: one's own things
    MENU_WORK,       // there too, below: what one does as an employee
    MENU_ADMIN,      // the page of administration
    MENU_DIALOGUE,   // at the head of a dialogue
    MENU_POST,       // of one message
};

struct menu_item {
    enum menu menu;
    unsigned order;                // from the top, in tens: 10, 20, 30 …
    const char *text;              // TEXT("…")
    const char *path;              // "/dialogue/{dialogue}/post/{number}/readers"; the braces become request->number[0] and the post's number
    enum permission permission;    // who sees it
    bool (*wanted)(struct request *request, int64_t number);   // whether there is use for it on this page; NULL: always
    void (*ask)(struct request *request);   // asks ahead (db_ask) what 'wanted' will; NULL mostly
};

// Registers an item; collected at link time in the section "menu_items".
#define MENU_ITEM(identifier, ...)                                          \
    static const struct menu_item identifier##_menu_item = { __VA_ARGS__ }; \
    static const struct menu_item *const identifier##_menu_item_entry       \
        __attribute__((used, retain, section("menu_items"))) = &identifier##_menu_item

// A link as pages show it.
struct menu_link {
    struct str text;   // in the reader's language
    struct url url;
};

// For a route's ask: what the menus on a whole page will ask of the database.
void menu_ask(struct request *request);

// The items of a menu that the person of the request may use, in order, in the request's arena. number: of the post, for MENU_POST; else 0.
int menu_links(struct request *request, enum menu menu, int64_t number, const struct menu_link **ret_links, size_t *ret_count);
