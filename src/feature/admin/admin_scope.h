// SPDX-License-Identifier: MPL-2.0
// Which units an administrator looks after: the one that they belong to, or all when they belong to none.
#pragma once

#include "feature/admin/admin_view.h"

// 0: all.
static inline int64_t admin_scope(const struct request *request)
{
    return request->session.unit;
}

static inline bool admin_covers(const struct request *request, int64_t unit)
{
    return admin_scope(request) == 0 || admin_scope(request) == unit;
}

// The units of the scope by name, in the request's arena; 'selected' is marked.
int admin_units_of(struct request *request, int64_t selected, struct admin_view_unit **ret_units, size_t *ret_count);
