// SPDX-License-Identifier: MPL-2.0
#include "feature/retention/retention_page.h"

#include <errno.h>

int retention_begin(struct request *request, struct retention_maker *maker)
{
    *maker = (struct retention_maker){
        .request = request, .accounts = { request->db, request->keys, request->arena, request->now },
        .dates = dates_begin(request->arena, request->language, 0),   // every date with its year
    };
    return retention_scene_of(request->app, request->db, request->keys, request->arena, request->now, &maker->scene);
}

bool retention_covers(const struct request *request, int64_t unit)
{
    return request->session.unit == 0 || request->session.unit == unit;
}

int retention_due_of_path(struct retention_maker *maker, struct retention_due *ret_due)
{
    int result = retention_due_get(&maker->scene, maker->request->number[0], ret_due);
    return result == 0 && !retention_covers(maker->request, ret_due->unit) ? -ENOENT : result;
}
