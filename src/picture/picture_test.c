// SPDX-License-Identifier: MPL-2.0
// Real workers, started from this test's own binary, on pictures made here.
#include "picture/message.h"

#include "base/buf.h"
#include "base/cleanup.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static struct spawner *spawner;

static struct spawner *spawner_of(const char *program)
{
    static const char *const words[] = { PICTURE_ARGUMENT, NULL };
    struct spawner *made;

    assert_int_equal(spawner_start(&(struct spawner_orders){ program, words, NULL, NULL }, &made), 0);
    return made;
}

static int start_spawner(void **state)
{
    spawner = spawner_of("/proc/self/exe");
    return 0;
}

static int stop_spawner(void **state)
{
    spawner_stop(spawner);
    return 0;
}

static uint32_t crc_of(const uint8_t *data, size_t len)
{
    uint32_t crc = ~0u;

    for (size_t i = 0; i < len; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
    return ~crc;
}

static void put_number(struct buf *png, uint32_t number)
{
    uint8_t bytes[4];

    message_put(bytes, number);
    buf_put(png, bytes, 4);
}

static void put_chunk(struct buf *png, const char *name, struct bytes data)
{
    put_number(png, (uint32_t)data.len);
    size_t from = png->len;
    buf_put(png, name, 4);
    buf_put(png, data.ptr, data.len);
    put_number(png, crc_of((const uint8_t *)png->data + from, png->len - from));
}

// The rows of a grey picture that gets lighter from left to right, as stored (not compressed) deflate blocks.
static void put_rows(struct buf *png, uint32_t width, uint32_t height)
{
    struct buf data = buf_bounded(64 << 20);
    uint32_t a = 1, b = 0;
    size_t row = width + 1;

    buf_put(&data, "\x78\x01", 2);
    for (uint32_t y = 0; y < height; y++) {
        const uint8_t last = (uint8_t)(y + 1 == height);
        const uint8_t head[5] = { last, (uint8_t)(row & 0xff), (uint8_t)(row >> 8), (uint8_t)(~row & 0xff), (uint8_t)(~row >> 8 & 0xff) };
        buf_put(&data, head, sizeof(head));
        for (size_t x = 0; x < row; x++) {
            uint8_t value = (uint8_t)(x == 0 ? 0 : x * 255 / width);
            buf_put(&data, &value, 1);
            a = (a + value) % 65521;
            b = (b + a) % 65521;
        }
    }
    put_number(&data, b << 16 | a);
    put_chunk(png, "IDAT", str_bytes(buf_view(&data)));
    buf_free(&data);
}

// claimed: what the head says, where it lies.
static struct buf png_new(uint32_t width, uint32_t height, uint32_t claimed)
{
    struct buf png = buf_bounded(64 << 20);
    uint8_t head[13] = { 0 };

    message_put(head, claimed ? claimed : width);
    message_put(head + 4, claimed ? claimed : height);
    head[8] = 8;
    buf_put(&png, "\x89PNG\r\n\x1a\n", 8);
    put_chunk(&png, "IHDR", bytes_from(head, sizeof(head)));
    put_chunk(&png, "tEXt", str_bytes(STR("Comment\0Emils adresse")));
    put_rows(&png, width, height);
    put_chunk(&png, "IEND", bytes_from("", 0));
    return png;
}

static struct bytes bytes_of(const struct buf *buf)
{
    return str_bytes(buf_view(buf));
}

static int make(struct bytes input, struct arena *arena, struct picture *ret_sizes)
{
    return picture_make(spawner, input, arena, ret_sizes);
}

static struct arena *new_arena(void)
{
    struct arena *arena;

    assert_int_equal(arena_new(64 << 20, &arena), 0);
    return arena;
}

static void a_picture_comes_back_in_three_sizes_without_what_it_carried(void **state)
{
    struct arena *arena = new_arena();
    struct buf png = png_new(3000, 2000, 0);
    struct picture sizes[PICTURE_SIZES];

    assert_int_equal(make(bytes_of(&png), arena, sizes), 0);
    assert_int_equal(sizes[PICTURE_SMALL].width, 480);
    assert_int_equal(sizes[PICTURE_SMALL].height, 320);
    assert_int_equal(sizes[PICTURE_MIDDLE].width, 1280);
    assert_int_equal(sizes[PICTURE_LARGE].width, 2560);
    for (size_t i = 0; i < PICTURE_SIZES; i++) {
        assert_int_equal(picture_kind_of(sizes[i].webp), PICTURE_WEBP);
        assert_null(memmem(sizes[i].webp.ptr, sizes[i].webp.len, "adresse", 7));
    }
    buf_free(&png);
    arena_free(arena);
}

static void a_small_picture_is_not_blown_up(void **state)
{
    struct arena *arena = new_arena();
    struct buf png = png_new(40, 30, 0);
    struct picture sizes[PICTURE_SIZES];

    assert_int_equal(make(bytes_of(&png), arena, sizes), 0);
    assert_int_equal(sizes[PICTURE_LARGE].width, 40);
    assert_int_equal(sizes[PICTURE_LARGE].height, 30);
    buf_free(&png);
    arena_free(arena);
}

static void a_face_is_cut_to_a_square(void **state)
{
    struct arena *arena = new_arena();
    struct buf png = png_new(900, 600, 0);
    struct picture square;

    assert_int_equal(picture_square(spawner, bytes_of(&png), (struct picture_cut){ 500, 500, 1000 }, arena, &square), 0);
    assert_int_equal(square.width, PICTURE_SQUARE_SIDE);
    assert_int_equal(square.height, PICTURE_SQUARE_SIDE);
    assert_int_equal(picture_square(spawner, bytes_of(&png), (struct picture_cut){ 1000, 0, 4000 }, arena, &square), 0);
    assert_int_equal(picture_square(spawner, bytes_of(&png), (struct picture_cut){ 2000, 0, 4000 }, arena, &square), -EIO);
    buf_free(&png);
    arena_free(arena);
}

static void what_is_no_picture_is_told_apart(void **state)
{
    static const struct {
        struct str input;
        int result;
    } cases[] = {
        { STR("Kære alle, her er referatet."), -EOPNOTSUPP },
        { STR("<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>"), -EOPNOTSUPP },
        { STR("%PDF-1.4\n"), -EOPNOTSUPP },
        { STR("\x89PNG\r\n\x1a\nand nothing else"), -EINVAL },
        { STR("\xff\xd8\xff\xe0 half a photo"), -EINVAL },
        { STR("GIF89a"), -EINVAL },
        { STR("RIFF\x10\0\0\0WEBPVP8 \0\0\0\0"), -EINVAL },
        { STR("\0\0\0\x18"
              "ftypheic\0\0\0\0mif1heic"),
          -EOPNOTSUPP },
        { STR("P5 10 10 255\n"), -EOPNOTSUPP },
    };
    struct arena *arena = new_arena();
    struct picture sizes[PICTURE_SIZES];

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(make(str_bytes(cases[i].input), arena, sizes), cases[i].result);
    arena_free(arena);
}

static void a_picture_that_claims_more_than_anybody_needs_is_not_decoded(void **state)
{
    struct arena *arena = new_arena();
    struct buf png = png_new(10, 10, 50000);
    struct picture sizes[PICTURE_SIZES];

    assert_int_equal(make(bytes_of(&png), arena, sizes), -EFBIG);
    buf_free(&png);
    arena_free(arena);
}

static void a_picture_that_was_cut_short_is_refused(void **state)
{
    struct arena *arena = new_arena();
    struct buf png = png_new(300, 200, 0);
    struct picture sizes[PICTURE_SIZES];

    for (size_t part = 1; part < 4; part++)
        assert_int_equal(make(bytes_from(png.data, png.len * part / 4), arena, sizes), -EINVAL);
    buf_free(&png);
    arena_free(arena);
}

static void without_the_program_it_is_our_fault_not_the_pictures(void **state)
{
    struct arena *arena = new_arena();
    struct buf png = png_new(10, 10, 0);
    struct picture sizes[PICTURE_SIZES];

    struct spawner *lost = spawner_of("/nonexistent/samtraad");
    assert_int_equal(picture_make(lost, bytes_of(&png), arena, sizes), -EIO);
    spawner_stop(lost);
    buf_free(&png);
    arena_free(arena);
}

static struct bytes reply_of(uint8_t *reply, uint32_t status, uint32_t side, struct str webp)
{
    uint8_t *at = message_put(message_put(message_put(reply, MESSAGE_FORMAT), status), 1);

    at = message_put(message_put(message_put(at, side), side), (uint32_t)webp.len);
    memcpy(at, webp.ptr, webp.len);
    return bytes_from(reply, (size_t)(at - reply) + webp.len);
}

static void a_reply_is_believed_in_nothing(void **state)
{
    static const struct str good = { "RIFF\x0e\0\0\0WEBPVP8L\2\0\0\0..", 22 };
    static const struct str bad[] = {
        { "RIFF\x0e\0\0\0WEBPEXIF\2\0\0\0..", 22 },   // metadata
        { "RIFF\x0e\0\0\0WEBPVP8L\4\0\0\0..", 22 },   // a length beyond the end
        { "RIFF\x0f\0\0\0WEBPVP8L\2\0\0\0..", 22 },   // a size that is not the file's
        { "<html><script></script>", 23 },
    };
    struct picture picture;
    uint8_t reply[100];

    assert_int_equal(message_read_reply(reply_of(reply, MESSAGE_DONE, 5, good), 1, &picture), 0);
    assert_int_equal(message_read_reply(reply_of(reply, MESSAGE_DONE, 5, good), 3, &picture), -EIO);
    assert_int_equal(message_read_reply(reply_of(reply, MESSAGE_DONE, 0, good), 1, &picture), -EIO);
    assert_int_equal(message_read_reply(reply_of(reply, MESSAGE_DONE, 100000, good), 1, &picture), -EIO);
    assert_int_equal(message_read_reply(reply_of(reply, MESSAGE_UNREADABLE, 5, good), 1, &picture), -EINVAL);
    assert_int_equal(message_read_reply(reply_of(reply, 77, 5, good), 1, &picture), -EIO);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(message_read_reply(reply_of(reply, MESSAGE_DONE, 5, bad[i]), 1, &picture), -EIO);
    struct bytes whole = reply_of(reply, MESSAGE_DONE, 5, good);
    for (size_t len = 0; len < whole.len; len++)
        assert_int_equal(message_read_reply(bytes_from(whole.ptr, len), 1, &picture), -EIO);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_picture_comes_back_in_three_sizes_without_what_it_carried),
        cmocka_unit_test(a_small_picture_is_not_blown_up),
        cmocka_unit_test(a_face_is_cut_to_a_square),
        cmocka_unit_test(what_is_no_picture_is_told_apart),
        cmocka_unit_test(a_picture_that_claims_more_than_anybody_needs_is_not_decoded),
        cmocka_unit_test(a_picture_that_was_cut_short_is_refused),
        cmocka_unit_test(without_the_program_it_is_our_fault_not_the_pictures),
        cmocka_unit_test(a_reply_is_believed_in_nothing),
    };

    if (argc == 2 && strcmp(argv[1], PICTURE_ARGUMENT) == 0)
        picture_worker();
    return cmocka_run_group_tests(tests, start_spawner, stop_spawner);
}
