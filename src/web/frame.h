// SPDX-License-Identifier: MPL-2.0
// The page around every page: head, banner, navigation, foot. frame.html has its templates:
// frame_top and frame_bottom stand before and behind a page's own markup.
#pragma once

#include "web/form.h"
#include "web/menu.h"

struct frame {
    struct str title;    // of the page; the product's name stands behind it
    struct str person;   // name of who is signed in; empty: nobody
    bool employee;
    bool demo;
    int64_t session_seconds;   // until the session ends without further use; 0: nobody is signed in
    const struct menu_link *own, *work;   // behind the name: the person's own pages, then an employee's
    size_t own_count, work_count;
    struct str path;           // of this page, for the language switch to come back to
    const struct form_error *errors;      // what has to be changed and is said nowhere on the page itself
    size_t errors_count;
};
