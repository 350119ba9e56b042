// SPDX-License-Identifier: MPL-2.0
#include "web/packed.h"

#include "base/cleanup.h"

#include <errno.h>
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <zlib.h>

#define STORED_HEAD 5u        // RFC 1951 section 3.2.4: three bits, to the end of the byte, the length and its complement
#define STORED_MAX 65535u
#define DEFLATED_SPARE 512u   // more than what is stored since it does not shrink grows by

static const uint8_t gzip_head[10] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255 };   // RFC 1952: deflate, no time, no name, system unknown

static int deflate_all(struct str html, struct isal_zstream *stream, uint8_t *room, size_t room_len, size_t *ret_len)
{
    isal_deflate_stateless_init(stream);
    stream->flush = FULL_FLUSH;   // ends on a byte, and is not the last block
    stream->next_in = (uint8_t *)(uintptr_t)html.ptr;
    stream->avail_in = (uint32_t)html.len;
    stream->next_out = room;
    stream->avail_out = (uint32_t)room_len;
    int r = isal_deflate_stateless(stream);
    *ret_len = stream->total_out;
    return r == COMP_OK && stream->avail_in == 0 ? 0 : -EMSGSIZE;
}

int packed_make(struct str html, struct arena *arena, struct packed *ret_packed)
{
    if (html.len == 0 || html.len > PACKED_MAX)
        return -EMSGSIZE;
    size_t room_len = html.len + html.len / 1024 * STORED_HEAD + DEFLATED_SPARE, len;
    _cleanup_(free_pointer) struct isal_zstream *stream = malloc(sizeof(*stream));
    uint8_t *room = arena_alloc(arena, room_len);
    if (!stream || !room)
        return -ENOMEM;
    int r = deflate_all(html, stream, room, room_len, &len);
    if (r == 0)
        *ret_packed = (struct packed){ .deflated = { room, len }, .length = html.len, .sum = crc32_gzip_refl(0, (const uint8_t *)html.ptr, html.len),
                                       .shift = (uint32_t)crc32_combine_gen((z_off_t)html.len) };
    return r;
}

static void put_little(uint8_t *at, uint32_t number, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (uint8_t)(number >> 8 * i);
}

static void put_stored_head(uint8_t *at, size_t length, bool last)
{
    at[0] = last;
    put_little(at + 1, (uint32_t)length, 2);
    put_little(at + 3, ~(uint32_t)length, 2);
}

static void open_block(struct html_out *out)
{
    out->gzip.block = out->buf->len;
    buf_put(out->buf, (const uint8_t[STORED_HEAD]){ 0 }, STORED_HEAD);
}

// What one head can't tell the length of is moved apart, the last part first.
static void close_block(struct html_out *out, bool last)
{
    struct buf *buf = out->buf;
    size_t length = buf->len - out->gzip.block - STORED_HEAD, more = length == 0 ? 0 : (length - 1) / STORED_MAX;
    if (!buf_reserve(buf, more * STORED_HEAD))
        return;
    uint8_t *block = (uint8_t *)buf->data + out->gzip.block;
    out->gzip.sum = crc32_gzip_refl(out->gzip.sum, block + STORED_HEAD, length);
    out->gzip.length += (uint32_t)length;
    for (size_t i = more + 1; i-- > 0;) {
        size_t from = i * STORED_MAX, part = length - from < STORED_MAX ? length - from : STORED_MAX;
        uint8_t *head = block + i * (STORED_HEAD + STORED_MAX);
        memmove(head + STORED_HEAD, block + STORED_HEAD + from, part);
        put_stored_head(head, part, last && i == more);
    }
    buf->len += more * STORED_HEAD;
}

// Moves what is written already behind the head of its block.
static void begin(struct html_out *out)
{
    struct buf *buf = out->buf;
    size_t len = buf->len, head = sizeof(gzip_head) + STORED_HEAD;
    if (!buf_reserve(buf, head))
        return;
    if (len > 0)
        memmove(buf->data + head, buf->data, len);
    memcpy(buf->data, gzip_head, sizeof(gzip_head));
    buf->len += head;
    out->gzip = (struct html_gzip){ .begun = true, .block = sizeof(gzip_head) };
}

void packed_html(struct html_out *out, const struct packed *piece)
{
    if (!out->gzip.begun)
        begin(out);
    if (out->buf->error)
        return;
    close_block(out, false);
    buf_put(out->buf, piece->deflated.ptr, piece->deflated.len);
    out->gzip.sum = (uint32_t)crc32_combine_op(out->gzip.sum, piece->sum, piece->shift);
    out->gzip.length += (uint32_t)piece->length;
    open_block(out);
}

bool packed_end(struct html_out *out)
{
    uint8_t tail[8];
    if (!out->gzip.begun || out->buf->error)
        return false;
    close_block(out, true);
    put_little(tail, out->gzip.sum, 4);
    put_little(tail + 4, out->gzip.length, 4);
    buf_put(out->buf, tail, sizeof(tail));
    return !out->buf->error;
}
