// SPDX-License-Identifier: MPL-2.0
#include "picture/message.h"

#include "picture/webp.h"

#include <errno.h>

#define SIDE_MAX PICTURE_LARGE_SIDE

static int status_error(uint32_t status)
{
    switch (status) {
    case MESSAGE_DONE:
        return 0;
    case MESSAGE_UNREADABLE:
        return -EINVAL;
    case MESSAGE_TOO_LARGE:
        return -EFBIG;
    case MESSAGE_UNKNOWN_KIND:
        return -EOPNOTSUPP;
    default:
        return -EIO;
    }
}

static bool is_sound(const struct picture *picture)
{
    return picture->width > 0 && picture->width <= SIDE_MAX && picture->height > 0 && picture->height <= SIDE_MAX && webp_is_bare(picture->webp);
}

int message_read_reply(struct bytes reply, size_t count, struct picture *ret_pictures)
{
    struct picture pictures[PICTURE_SIZES];
    size_t heads = MESSAGE_REPLY_HEAD + count * MESSAGE_PICTURE_HEAD;

    if (count > PICTURE_SIZES || reply.len < MESSAGE_REPLY_HEAD || message_get(reply.ptr) != MESSAGE_FORMAT)
        return -EIO;
    int r = status_error(message_get(reply.ptr + 4));
    if (r < 0)
        return r;
    if (message_get(reply.ptr + 8) != count || reply.len < heads)
        return -EIO;
    size_t at = heads;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *head = reply.ptr + MESSAGE_REPLY_HEAD + i * MESSAGE_PICTURE_HEAD;
        size_t len = message_get(head + 8);
        if (len > PICTURE_OUTPUT_MAX || len > reply.len - at)
            return -EIO;
        pictures[i] = (struct picture){ message_get(head), message_get(head + 4), bytes_from(reply.ptr + at, len) };
        if (!is_sound(&pictures[i]))
            return -EIO;
        at += len;
    }
    if (at != reply.len)
        return -EIO;
    memcpy(ret_pictures, pictures, count * sizeof(*pictures));
    return 0;
}
