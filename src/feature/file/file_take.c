// SPDX-License-Identifier: MPL-2.0
#include "feature/file/file_take.h"

#include <errno.h>

#define AT_WORK_MAX 4

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

// At most so many at a time: others wait for the same threads.
int file_make_one(struct request *request, struct bytes bytes, struct file_verdict *verdict)
{
    int *at_work = &request->app->files_at_work;
    if (__atomic_add_fetch(at_work, 1, __ATOMIC_SEQ_CST) > AT_WORK_MAX)
        verdict->error = -EBUSY;
    else
        verdict->error = file_make(request->app, bytes, request->arena, &verdict->file);
    __atomic_sub_fetch(at_work, 1, __ATOMIC_SEQ_CST);
    return file_make_text(verdict->error) ? 0 : verdict->error;
}
