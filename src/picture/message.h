// SPDX-License-Identifier: MPL-2.0
// What the server and the picture worker say to each other over a stream socket, once each. Numbers are 4 bytes, most significant first.
//
// To the worker: format | job | cut x | y | zoom | length of the picture | the picture
// Back: format | status | count, then for each picture: width | height | length, then all their bytes in the same order
#pragma once

#include "picture/picture.h"

#define MESSAGE_FORMAT 0x53545031u   // "STP1"
#define MESSAGE_HEAD (6 * 4)
#define MESSAGE_REPLY_HEAD (3 * 4)
#define MESSAGE_PICTURE_HEAD (3 * 4)
#define MESSAGE_REPLY_MAX (MESSAGE_REPLY_HEAD + PICTURE_SIZES * MESSAGE_PICTURE_HEAD + PICTURE_SIZES * PICTURE_OUTPUT_MAX)

enum message_job { MESSAGE_JOB_UNSET, MESSAGE_MAKE, MESSAGE_SQUARE };

enum message_status { MESSAGE_STATUS_UNSET, MESSAGE_DONE, MESSAGE_UNREADABLE, MESSAGE_TOO_LARGE, MESSAGE_UNKNOWN_KIND, MESSAGE_FAILED };

static inline uint8_t *message_put(uint8_t *at, uint32_t number)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(number >> (8 * (3 - i)));
    return at + 4;
}

static inline uint32_t message_get(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | (uint32_t)at[3];
}

// Reads a reply that is to hold exactly 'count' pictures, which then point into it. Trusts nothing: -EIO for whatever the worker would not have said, pictures
// that are not plain WebP of the told size included; otherwise as picture_make.
int message_read_reply(struct bytes reply, size_t count, struct picture *ret_pictures);
