// SPDX-License-Identifier: MPL-2.0
// A worker that was taken over says whatever it likes.
#include "picture/message.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct picture pictures[PICTURE_SIZES];

    for (size_t count = 1; count <= PICTURE_SIZES; count++) {
        if (message_read_reply(bytes_from(data, size), count, pictures) < 0)
            continue;
        for (size_t i = 0; i < count; i++) {
            if (pictures[i].webp.ptr < data || pictures[i].webp.ptr + pictures[i].webp.len > data + size)
                abort();
        }
    }
    picture_kind_of(bytes_from(data, size));
    return 0;
}
