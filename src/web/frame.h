// SPDX-License-Identifier: MPL-2.0
// The page around every page: head, banner, navigation, foot. frame.html is its template.
#pragma once

#include "web/html.h"

struct frame {
    struct str title;          // "Topic · Samtråd"
    struct str person;         // name of who is signed in; empty: nobody
    bool employee;
    bool demo;
    int64_t session_seconds;   // until the session ends without further use; 0: nobody is signed in
    struct str path;           // of this page, for the language switch to come back to
};

// What stands before and behind a page's own markup.
void frame_begin(struct html_out *out, const struct frame *frame);
void frame_end(struct html_out *out, const struct frame *frame);
