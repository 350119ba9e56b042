// SPDX-License-Identifier: MPL-2.0
// What the routes of retention share.
#pragma once

#include "feature/account/account.h"
#include "feature/retention/retention.h"
#include "web/date.h"
#include "web/request.h"

struct retention_maker {
    struct request *request;
    struct retention_scene scene;
    struct account_scene accounts;
    struct dates dates;
};

int retention_begin(struct request *request, struct retention_maker *maker);

// Who runs one unit sees and decides for that one only.
bool retention_covers(const struct request *request, int64_t unit);

// The dialogue of the path's first number, when it may be erased and the person decides for its unit. -ENOENT.
int retention_due_of_path(struct retention_maker *maker, struct retention_due *ret_due);

// The page on which one asks for a dialogue to be erased; reason: as it was typed.
int retention_show_ask(struct request *request, struct str reason);
