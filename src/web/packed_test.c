// SPDX-License-Identifier: MPL-2.0
#include "web/packed.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <zlib.h>
#include <cmocka.h>

#define ROOM ((size_t)1 << 20)

// What is written, beside what a browser must read.
struct written {
    struct buf gzip, plain;
    struct html_out out;
    struct arena *arena;
};

static void start(struct written *written, size_t max)
{
    *written = (struct written){ .gzip = buf_bounded(max), .plain = buf_bounded(ROOM) };
    written->out = (struct html_out){ .buf = &written->gzip };
    assert_int_equal(arena_new(4 * ROOM, &written->arena), 0);
}

static struct str words(size_t len, struct arena *arena)
{
    char *text = arena_alloc(arena, len + 1);
    for (size_t i = 0; i < len; i++)
        text[i] = "Vi ses torsdag. <b>"[i * i % 19];
    return (struct str){ text, len };
}

static void as_it_is(struct written *written, size_t len)
{
    struct str text = words(len, written->arena);
    buf_str(&written->gzip, text);
    buf_str(&written->plain, text);
}

static void packed(struct written *written, size_t len)
{
    struct packed piece;
    struct str text = words(len, written->arena);
    assert_int_equal(packed_make(text, written->arena, &piece), 0);
    packed_html(&written->out, &piece);
    buf_str(&written->plain, text);
}

// zlib looks at the sum and the length.
static void ends_as_gzip(struct written *written)
{
    static uint8_t room[ROOM];
    assert_true(packed_end(&written->out));
    z_stream stream = { .next_in = (uint8_t *)written->gzip.data, .avail_in = (unsigned)written->gzip.len, .next_out = room, .avail_out = ROOM };
    assert_int_equal(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.avail_in, 0);
    assert_int_equal(stream.total_out, written->plain.len);
    assert_memory_equal(room, written->plain.data, written->plain.len);
    inflateEnd(&stream);
}

static void finish(struct written *written)
{
    buf_free(&written->gzip);
    buf_free(&written->plain);
    arena_free(written->arena);
}

static void a_piece_stands_between_what_is_not_packed(void **state)
{
    struct written written;
    start(&written, ROOM);
    as_it_is(&written, 700);
    packed(&written, 40000);
    as_it_is(&written, 300);
    packed(&written, 1);
    packed(&written, 5000);
    as_it_is(&written, 1);
    ends_as_gzip(&written);
    assert_in_range(written.gzip.len, 1001, 20000);
    finish(&written);
}

static void a_piece_may_be_all(void **state)
{
    struct written written;
    start(&written, ROOM);
    packed(&written, 1000);
    ends_as_gzip(&written);
    finish(&written);
}

// A block that is not deflated holds 65,535 bytes.
static void what_is_not_packed_may_be_long(void **state)
{
    static const size_t lengths[] = { 65534, 65535, 65536, 2 * 65535, 2 * 65535 + 1, 200000 };
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct written written;
        start(&written, ROOM);
        as_it_is(&written, lengths[i]);
        packed(&written, 10);
        as_it_is(&written, lengths[i]);
        ends_as_gzip(&written);
        finish(&written);
    }
}

static void what_does_not_shrink_is_stored(void **state)
{
    struct written written;
    struct packed piece;
    start(&written, ROOM);
    char *noise = arena_alloc(written.arena, 300000);
    uint64_t mixed = 1;
    for (size_t i = 0; i < 300000; i++) {
        mixed = mixed * UINT64_C(6364136223846793005) + 1442695040888963407;
        noise[i] = (char)(mixed >> 56);
    }
    assert_int_equal(packed_make((struct str){ noise, 300000 }, written.arena, &piece), 0);
    packed_html(&written.out, &piece);
    buf_put(&written.plain, noise, 300000);
    ends_as_gzip(&written);
    finish(&written);
}

static void without_a_piece_nothing_changes(void **state)
{
    struct written written;
    start(&written, ROOM);
    as_it_is(&written, 100);
    assert_false(packed_end(&written.out));
    assert_memory_equal(written.gzip.data, written.plain.data, 100);
    assert_int_equal(written.gzip.len, 100);
    finish(&written);
}

static void what_finds_no_room_is_told(void **state)
{
    for (size_t max = 700; max < 800; max++) {
        struct written written;
        start(&written, max);
        as_it_is(&written, 700);
        packed(&written, 30);
        bool whole = packed_end(&written.out);
        assert_int_equal(written.gzip.error, whole ? 0 : -EMSGSIZE);
        finish(&written);
    }
}

static void too_much_is_not_packed(void **state)
{
    struct written written;
    struct packed piece;
    start(&written, ROOM);
    assert_int_equal(packed_make(words(PACKED_MAX, written.arena), written.arena, &piece), 0);
    assert_int_equal(packed_make(words(PACKED_MAX + 1, written.arena), written.arena, &piece), -EMSGSIZE);
    assert_int_equal(packed_make(STR(""), written.arena, &piece), -EMSGSIZE);
    finish(&written);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_piece_stands_between_what_is_not_packed),
        cmocka_unit_test(a_piece_may_be_all),
        cmocka_unit_test(what_is_not_packed_may_be_long),
        cmocka_unit_test(what_does_not_shrink_is_stored),
        cmocka_unit_test(without_a_piece_nothing_changes),
        cmocka_unit_test(what_finds_no_room_is_told),
        cmocka_unit_test(too_much_is_not_packed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
