// SPDX-License-Identifier: MPL-2.0
#include "mail/mail.h"

#include "base/ascii.h"
#include "base/clock.h"
#include "mail/mail_encode.h"
#include "web/html.h"

#include <errno.h>

#define LOCAL_MAX 64
#define LABEL_MAX 63

// Parts between dots, none of them empty, all of characters that need no quotes.
static bool is_local(struct str local)
{
    static const char more[] = "!#$%&'*+-/=?^_`{|}~";
    char before = '.';
    for (size_t i = 0; i < local.len; i++) {
        char c = local.ptr[i];
        if (c == '.' ? before == '.' : !ascii_is_word(c) && (c == '\0' || !strchr(more, c)))
            return false;
        before = c;
    }
    return local.len > 0 && local.len <= LOCAL_MAX && before != '.';
}

static bool is_label(struct str label)
{
    for (size_t i = 0; i < label.len; i++)
        if (!ascii_is_word(label.ptr[i]) && label.ptr[i] != '-')
            return false;
    return label.len > 0 && label.len <= LABEL_MAX && label.ptr[0] != '-' && label.ptr[label.len - 1] != '-';
}

bool mail_address_valid(struct str address)
{
    struct str domain = address;
    struct str local = str_cut(&domain, '@');
    size_t labels = 0;
    if (address.len > MAIL_ADDRESS_MAX || !is_local(local))
        return false;
    for (bool more = true; more; labels++) {
        more = domain.len > 0 && memchr(domain.ptr, '.', domain.len);
        if (!is_label(str_cut(&domain, '.')))
            return false;
    }
    return labels >= 2;
}

// An http or https address that needs no escaping in a header, in HTML or in angle brackets.
static bool is_url(struct str url)
{
    for (size_t i = 0; i < url.len; i++)
        if (url.ptr[i] <= ' ' || url.ptr[i] > '~' || strchr("<>\"'\\&", url.ptr[i]))
            return false;
    return url.len <= MAIL_URL_MAX && (str_starts(url, STR("https://")) || str_starts(url, STR("http://")));
}

int mail_add(struct mail *mail, enum mail_part_kind kind, struct str text, struct str url)
{
    if (mail->parts_count == MAIL_PARTS_MAX)
        return -E2BIG;
    mail->parts[mail->parts_count++] = (struct mail_part){ kind, text, url };
    return 0;
}

static int check(const struct mail *mail)
{
    if (!mail_address_valid(mail->from) || !mail_address_valid(mail->to) || !mail->domain.len)
        return -EINVAL;
    for (size_t i = 0; i < mail->domain.len; i++)
        if (!ascii_is_word(mail->domain.ptr[i]) && mail->domain.ptr[i] != '-' && mail->domain.ptr[i] != '.')
            return -EINVAL;
    for (size_t i = 0; i < mail->parts_count; i++)
        if (mail->parts[i].kind != MAIL_PARAGRAPH && !is_url(mail->parts[i].url))
            return -EINVAL;
    return mail->stop.len && !is_url(mail->stop) ? -EINVAL : 0;
}

static void put_two(struct buf *out, int number)
{
    buf_format(out, "%02d", number);
}

// RFC 5322, section 3.3: "Sun, 22 Nov 2026 09:05:00 +0000".
static void put_date(struct buf *out, int64_t ms)
{
    static const char days[7][4] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };   // 1970-01-01 was a Thursday
    static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    int64_t day = ms / DAY_MS, rest = ms % DAY_MS;
    struct civil date = clock_date(day);
    buf_format(out, "Date: %s, %d %s %04d ", days[day % 7], date.day, months[date.month - 1], date.year);
    put_two(out, (int)(rest / HOUR_MS));
    buf_char(out, ':');
    put_two(out, (int)(rest % HOUR_MS / MINUTE_MS));
    buf_char(out, ':');
    put_two(out, (int)(rest % MINUTE_MS / SECOND_MS));
    buf_lit(out, " +0000\r\n");
}

static void put_stop(struct buf *out, struct str stop)
{
    buf_lit(out, "List-Unsubscribe: <");
    buf_str(out, stop);
    buf_lit(out, ">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
}

static void put_head(struct buf *out, const struct mail *mail)
{
    put_date(out, mail->date);
    buf_lit(out, "From: ");
    mail_put_words(out, mail->from_name);
    buf_lit(out, " <");
    buf_str(out, mail->from);
    buf_lit(out, ">\r\nTo: <");
    buf_str(out, mail->to);
    buf_lit(out, ">\r\nSubject: ");
    mail_put_words(out, mail->subject);
    buf_format(out, "\r\nMessage-ID: <%lld@", (long long)mail->id);
    buf_str(out, mail->domain);
    // No machine shall answer, and out-of-office assistants shall not either.
    buf_lit(out, ">\r\nAuto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n");
    if (mail->stop.len)
        put_stop(out, mail->stop);
    buf_format(out, "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"=_%lld\"\r\n\r\n", (long long)mail->id);
}

static void write_text(struct buf *text, const struct mail *mail)
{
    for (size_t i = 0; i < mail->parts_count; i++) {
        const struct mail_part *part = &mail->parts[i];
        if (i)
            buf_lit(text, "\n\n");
        buf_str(text, part->text);
        if (part->kind != MAIL_PARAGRAPH) {
            buf_lit(text, "\n");
            buf_str(text, part->url);
        }
    }
    buf_lit(text, "\n");
}

static void write_html_part(struct buf *html, const struct mail_part *part)
{
    static const char button[] = " style=\"display:inline-block;padding:14px 24px;border-radius:10px;background:#14524b;color:#ffffff;font-weight:bold;"
                                 "text-decoration:none\"";
    buf_lit(html, "<p>");
    if (part->kind != MAIL_PARAGRAPH) {
        buf_lit(html, "<a href=\"");
        buf_str(html, part->url);
        buf_lit(html, "\"");
        if (part->kind == MAIL_BUTTON)
            buf_lit(html, button);
        buf_lit(html, ">");
    }
    html_text(html, part->text);
    if (part->kind != MAIL_PARAGRAPH)
        buf_lit(html, "</a>");
    buf_lit(html, "</p>\n");
}

static void write_html(struct buf *html, const struct mail *mail)
{
    buf_lit(html, "<!doctype html>\n<html lang=\"");
    html_text(html, mail->language);
    buf_lit(html, "\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>");
    html_text(html, mail->subject);
    buf_lit(html, "</title></head>\n<body style=\"margin:24px;max-width:560px;font-family:sans-serif;font-size:17px;line-height:1.5;color:#1f2b2a\">\n");
    for (size_t i = 0; i < mail->parts_count; i++)
        write_html_part(html, &mail->parts[i]);
    buf_lit(html, "</body>\n</html>\n");
}

static void put_part(struct buf *out, const struct mail *mail, const char *type, void (*write)(struct buf *out, const struct mail *mail))
{
    struct buf plain = buf_bounded(out->max);
    write(&plain, mail);
    buf_format(out, "--=_%lld\r\nContent-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", (long long)mail->id, type);
    mail_put_quoted(out, buf_view(&plain));
    buf_lit(out, "\r\n");
    if (plain.error)
        out->error = plain.error;
    buf_free(&plain);
}

int mail_write(const struct mail *mail, struct buf *out)
{
    int result = check(mail);
    if (result < 0)
        return result;
    put_head(out, mail);
    put_part(out, mail, "text/plain", write_text);
    put_part(out, mail, "text/html", write_html);
    buf_format(out, "--=_%lld--\r\n", (long long)mail->id);
    return out->error;
}
