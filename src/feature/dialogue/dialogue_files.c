// SPDX-License-Identifier: MPL-2.0
// Pictures and files among the posts, and those that go along with a new one.
#include "feature/dialogue/dialogue_page.h"

#include "feature/file/file.h"

#include <errno.h>

// Both lists are in the order of the posts' numbers.
int dialogue_page_files(struct dialogue_page *page, const struct post *posts, size_t count, struct dialogue_view_post *views)
{
    const struct file *files;
    const struct file_view *shown;
    size_t files_count, at = 0;
    int result = file_of_posts(page->dialogue, posts, count, &files, &files_count);
    if (result == 0 && files_count)
        result = file_show(page->request, page->dialogue, files, files_count, &shown);
    if (result < 0 || files_count == 0)
        return result;
    for (size_t i = 0; i < count; i++) {
        views[i].files = shown + at;
        while (at < files_count && files[at].post == posts[i].number)
            at++;
        views[i].files_count = (size_t)(shown + at - views[i].files);
    }
    return 0;
}

int dialogue_attach(struct request *request, int64_t number, struct str ids)
{
    int64_t list[FILE_POST_MAX];
    size_t count;
    int result = file_read_ids(ids, list, &count);
    if (result == -E2BIG)
        return request_refuse(request, "files", TEXT("There is room for 10 pictures and files in a message. Send these first, and the rest in a new message."));
    if (result == 0)
        result = file_attach(request->entity, number, list, count);
    if (result == -ENOENT || result == -EINVAL)
        return request_refuse(request, "files", TEXT("A picture or file is no longer there. Add it again."));
    if (result == -EBUSY)
        return request_refuse(request, "files", TEXT("A picture or file has not all arrived yet. Wait a moment, or remove it."));
    return result;
}
