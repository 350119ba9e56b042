// SPDX-License-Identifier: MPL-2.0
// What the pages of this folder have in common.
#pragma once

#include "feature/account/account.h"
#include "web/date.h"
#include "web/request.h"

// A person's name; "?" for one who is not there any more.
static inline int moderation_name(struct request *request, int64_t person, struct str *ret_name)
{
    struct account_scene scene = { request->db, request->keys, request->arena, request->now };
    struct account account;
    int result = account_get(&scene, person, &account);
    *ret_name = result == 0 ? account.name : STR("?");
    return result == -ENOENT ? 0 : result;
}

// "22. november kl. 14.32"
static inline struct str moderation_moment(struct request *request, int64_t ms)
{
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    struct str date = dates_date(&dates, ms), clock = dates_clock(&dates, ms), at = request_text(request, TEXT("at"));
    return date.ptr && clock.ptr ? arena_format(request->arena, "%s %.*s %s", date.ptr, (int)at.len, at.ptr, clock.ptr) : (struct str){ NULL, 0 };
}
