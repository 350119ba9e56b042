// SPDX-License-Identifier: MPL-2.0
#include "feature/local/cbor.h"

enum major { POSITIVE, NEGATIVE, BYTES, TEXT_STRING, ARRAY, MAP, TAG, SIMPLE };

#define INLINE_MAX 23   // above it the argument stands in 1, 2, 4 or 8 bytes behind

static void skip(struct bytes *rest, size_t count)
{
    rest->ptr += count;
    rest->len -= count;
}

// Reads an item's head. False where it is cut short, or of indefinite length.
static bool read_head(struct bytes *rest, enum major *ret_major, uint64_t *ret_argument)
{
    if (rest->len == 0)
        return false;
    uint8_t first = rest->ptr[0] & 31;
    *ret_major = (enum major)(rest->ptr[0] >> 5);
    skip(rest, 1);
    uint64_t argument = first;
    if (first > INLINE_MAX) {
        size_t width = (size_t)1 << (first - INLINE_MAX - 1);
        if (first > INLINE_MAX + 4 || width > rest->len)
            return false;
        argument = 0;
        for (size_t i = 0; i < width; i++)
            argument = argument << 8 | rest->ptr[i];
        skip(rest, width);
    }
    *ret_argument = argument;
    return true;
}

static bool take_items(struct bytes *rest, uint64_t items, unsigned depth);

static bool take_item(struct bytes *rest, unsigned depth)
{
    enum major major;
    uint64_t argument;
    // No item is shorter than a byte.
    if (!read_head(rest, &major, &argument) || (major >= BYTES && major <= MAP && argument > rest->len))
        return false;
    switch (major) {
    case BYTES:
    case TEXT_STRING:
        skip(rest, (size_t)argument);
        return true;
    case ARRAY:
        return take_items(rest, argument, depth + 1);
    case MAP:
        return take_items(rest, 2 * argument, depth + 1);
    case TAG:
        return false;
    default:
        return true;
    }
}

static bool take_items(struct bytes *rest, uint64_t items, unsigned depth)
{
    bool sound = depth <= CBOR_DEPTH_MAX;
    for (uint64_t i = 0; i < items && sound; i++)
        sound = take_item(rest, depth);
    return sound;
}

bool cbor_sound(struct bytes bytes, size_t items)
{
    return take_items(&bytes, items, 0) && bytes.len == 0;
}
