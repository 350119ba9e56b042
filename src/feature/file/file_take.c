// SPDX-License-Identifier: MPL-2.0
#include "feature/file/file_take.h"

#include <errno.h>

int file_open_early(struct request *request, struct dialogue **ret_dialogue)
{
    request->subject = (struct policy_subject){ .role = request->session.role, .relation = RELATION_NONE, .state = DIALOGUE_NONE };
    int result = dialogue_load(request);
    if (result == 0 && !policy_allows(request->route->permission, &request->subject))
        result = -ENOENT;
    if (result == 0)
        *ret_dialogue = request->entity;
    return result;
}

int file_too_many(struct request *request, const char *field)
{
    return request_refuse(request, field, TEXT("There is room for 10 pictures and files in a message. Send these first, and the rest in a new message."));
}

int file_make_one(struct request *request, struct bytes bytes, struct file_verdict *verdict)
{
    verdict->error = file_make(request->app, bytes, request->arena, &verdict->file);
    return file_error_text(verdict->error) ? 0 : verdict->error;
}
