// SPDX-License-Identifier: MPL-2.0
#include "mail/mail.h"
#include "mail/mail_encode.h"
#include "mail/sender.h"
#include "base/clock.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void addresses_that_mail_can_be_sent_to(void **state)
{
    static const char *const good[] = { "a@b.dk", "mette.o+skole@post.example", "x_y-z@mail.sub.example.dk", "o'neil@example.org" };
    static const char *const bad[] = { "", "a", "a@", "@b.dk", "a@b", "a@b.", "a@.dk", "a..b@c.dk", ".a@c.dk", "a.@c.dk", "a b@c.dk", "a@b.dk\r\nBcc: x@y.dk",
        "a@b.dk,c@d.dk",
        "<a@b.dk>", "\"a\"@b.dk", "a@b@c.dk", "a@-b.dk", "a@b-.dk", "søren@b.dk", "a@bø.dk", "a@[127.0.0.1]", "a@b.dk>", "a@b .dk", "a(x)@b.dk" };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(mail_address_valid(str_from(good[i])));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(mail_address_valid(str_from(bad[i])));
    assert_false(mail_address_valid((struct str){ "a\0b@c.dk", 8 }));
    char local[70] = { 0 };
    memset(local, 'a', 65);
    memcpy(local + 65, "@b.d", 4);
    assert_false(mail_address_valid(str_from(local)));
    assert_true(mail_address_valid(str_from(local + 1)));
}

static struct mail sample(void)
{
    struct mail mail = { .id = 42, .date = INT64_C(1795943100000), .domain = STR("samtraad.example.dk"), .from = STR("samtraad@kommune.example"),
        .from_name = STR("Samtråd"), .to = STR("mette@post.example"), .language = STR("da"), .subject = STR("Der er nyt til dig i Samtråd"),
        .stop = STR("https://samtraad.example.dk/mail/stop/abc") };
    assert_int_equal(mail_add(&mail, MAIL_PARAGRAPH, STR("Hej"), STR("")), 0);
    assert_int_equal(mail_add(&mail, MAIL_BUTTON, STR("Læs <det> her"), STR("https://samtraad.example.dk/dialogue/7")), 0);
    return mail;
}

static bool holds(const struct buf *buf, const char *text)
{
    return buf->len && memmem(buf->data, buf->len, text, strlen(text));
}

static void a_mail_has_all_that_it_needs(void **state)
{
    struct buf out = buf_bounded(MAIL_BYTES_MAX);
    struct mail mail = sample();
    assert_int_equal(mail_write(&mail, &out), 0);
    assert_true(holds(&out, "Date: Sun, 29 Nov 2026 09:05:00 +0000\r\n"));
    assert_true(holds(&out, "From: =?utf-8?B?U2FtdHLDpWQ=?= <samtraad@kommune.example>\r\n"));
    assert_true(holds(&out, "To: <mette@post.example>\r\n"));
    assert_true(holds(&out, "Message-ID: <42@samtraad.example.dk>\r\n"));
    assert_true(holds(&out, "Auto-Submitted: auto-generated\r\n"));
    assert_true(holds(&out, "List-Unsubscribe: <https://samtraad.example.dk/mail/stop/abc>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
    assert_true(holds(&out, "L=C3=A6s <det> her\r\nhttps://samtraad.example.dk/dialogue/7\r\n"));
    assert_true(holds(&out, "L=C3=A6s &lt;det&gt; her</a>"));
    for (size_t i = 0; i < out.len; i++) {
        assert_true((unsigned char)out.data[i] < 128);
        if (out.data[i] == '\n')
            assert_true(i && out.data[i - 1] == '\r');
    }
    buf_free(&out);
}

static void nothing_that_somebody_typed_becomes_a_header(void **state)
{
    struct buf out = buf_bounded(MAIL_BYTES_MAX);
    struct mail mail = sample();
    mail.subject = STR("Hej\r\nBcc: alle@post.example");
    mail.from_name = STR("A\r\nX-Evil: 1");
    assert_int_equal(mail_write(&mail, &out), 0);
    out.len = (size_t)((char *)memmem(out.data, out.len, "\r\n\r\n", 4) - out.data);
    assert_false(holds(&out, "Bcc"));
    assert_false(holds(&out, "X-Evil"));
    buf_free(&out);

    mail = sample();
    mail.to = STR("a@b.dk>\r\nBcc: <x@y.dk");
    assert_int_equal(mail_write(&mail, &out), -EINVAL);
    mail = sample();
    mail.stop = STR("https://x.dk/\r\nBcc: x@y.dk");
    assert_int_equal(mail_write(&mail, &out), -EINVAL);
    mail = sample();
    mail.parts[1].url = STR("javascript:alert(1)");
    assert_int_equal(mail_write(&mail, &out), -EINVAL);
    mail = sample();
    mail.domain = STR("x>\r\nBcc: y");
    assert_int_equal(mail_write(&mail, &out), -EINVAL);
    assert_int_equal(out.len, 0);
}

static int unhex(char c)
{
    return c <= '9' ? c - '0' : c - 'A' + 10;
}

// The opposite of mail_put_quoted, after RFC 2045, with its rules held.
static void unquote(struct str quoted, struct buf *out)
{
    size_t column = 0;
    for (size_t i = 0; i < quoted.len; i++) {
        char c = quoted.ptr[i];
        if (c == '\r') {
            assert_true(i + 1 < quoted.len && quoted.ptr[i + 1] == '\n');
            assert_true(i == 0 || quoted.ptr[i - 1] != ' ');
            buf_char(out, '\n');
            column = 0;
            i++;
        } else if (c == '=' && quoted.ptr[i + 1] == '\r') {
            assert_true(column + 1 <= 76);
            column = 0;
            i += 2;
        } else if (c == '=') {
            buf_char(out, (char)(unhex(quoted.ptr[i + 1]) << 4 | unhex(quoted.ptr[i + 2])));
            column += 3;
            i += 2;
        } else {
            assert_true(c >= ' ' && c <= '~');
            assert_false(column == 0 && c == '.');
            buf_char(out, c);
            column++;
        }
        assert_true(column <= 76);
    }
}

static void a_text_comes_out_of_quoted_printable_as_it_went_in(void **state)
{
    static const char *const pieces[] = { "a", " ", ".", "=", "\n", "æ", "From ", "ordet", "\t", "😀", "\x01", "." };
    unsigned seed = 7;
    for (int round = 0; round < 2000; round++) {
        struct buf text = buf_bounded(1 << 16), quoted = buf_bounded(1 << 16), again = buf_bounded(1 << 16);
        for (int i = 0; i < round % 200; i++) {
            seed = seed * 1103515245 + 12345;
            buf_str(&text, str_from(pieces[(seed >> 16) % (sizeof(pieces) / sizeof(pieces[0]))]));
        }
        mail_put_quoted(&quoted, buf_view(&text));
        unquote(buf_view(&quoted), &again);
        assert_true(str_equal(buf_view(&text), buf_view(&again)));
        buf_free(&text);
        buf_free(&quoted);
        buf_free(&again);
    }
}

static void a_long_subject_is_folded_between_characters(void **state)
{
    struct buf out = buf_bounded(1 << 12);
    mail_put_words(&out, STR("Blåbærgrød på en søndag i det grønne, og så en å til, æble, øl, ål, åå, ææ, øø, slut"));
    struct str rest = buf_view(&out);
    int words = 0;
    while (rest.len) {
        struct str line = str_trim(str_cut(&rest, '\n'));
        assert_true(line.len <= 75 && str_starts(line, STR("=?utf-8?B?")));
        words++;
    }
    assert_int_equal(words, 3);
    buf_free(&out);
    mail_put_words(&out, STR("Hello there"));
    assert_true(str_equal(buf_view(&out), STR("Hello there")));
    buf_free(&out);
}

static void pauses_grow(void **state)
{
    assert_int_equal(mail_pause(60000, 1), 60000);
    assert_int_equal(mail_pause(60000, 2), 120000);
    assert_int_equal(mail_pause(60000, 5), 960000);
    assert_int_equal(mail_pause(60000, 99), 6 * HOUR_MS);
    assert_true(str_equal(mail_domain(STR("https://samtraad.example.dk:8443")), STR("samtraad.example.dk")));
    assert_true(str_equal(mail_domain(STR("")), STR("localhost")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_that_mail_can_be_sent_to),
        cmocka_unit_test(a_mail_has_all_that_it_needs),
        cmocka_unit_test(nothing_that_somebody_typed_becomes_a_header),
        cmocka_unit_test(a_text_comes_out_of_quoted_printable_as_it_went_in),
        cmocka_unit_test(a_long_subject_is_folded_between_characters),
        cmocka_unit_test(pauses_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
