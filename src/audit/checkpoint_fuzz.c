// SPDX-License-Identifier: MPL-2.0
// Any bytes as a line of the checkpoint file: refused, or exactly the line that the same values are written as.
#include "audit/checkpoint.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf line = buf_bounded(CHECKPOINT_LINE);
    struct checkpoint checkpoint;

    if (checkpoint_parse(bytes_str(bytes_from(data, size)), &checkpoint) == 0) {
        checkpoint_format(&checkpoint, &line);
        assert(line.error == 0 && line.len == size && memcmp(line.data, data, size) == 0);
        assert(checkpoint.size >= 0 && checkpoint.time_ms >= 0);
    }
    buf_free(&line);
    return 0;
}
