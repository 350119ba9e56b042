// SPDX-License-Identifier: MPL-2.0
#include "source.h"

#include <errno.h>
#include <stdarg.h>

int fault_set(struct fault *fault, const char *format, ...)
{
    if (fault->text[0])
        return -EINVAL;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(fault->text, sizeof(fault->text), format, arguments);
    va_end(arguments);
    return -EINVAL;
}

int source_fail(const struct source *source, size_t at, const char *format, ...)
{
    char text[384];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    return fault_set(source->fault, "%.100s:%u: %s", source->path, source_line(source, at), text);
}

int source_read(struct arena *arena, const char *path, size_t max, struct fault *fault, struct source *ret_source)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return fault_set(fault, "%.300s: %s", path, strerror(errno));
    struct buf buf = buf_bounded(max);
    size_t got = 1;
    while (got > 0 && buf_reserve(&buf, 1)) {
        got = fread(buf.data + buf.len, 1, buf.cap - buf.len, file);
        buf.len += got;
    }
    bool bad = ferror(file);
    fclose(file);
    struct str text = bad || buf.error ? (struct str){ NULL, 0 } : arena_str(arena, buf_view(&buf));
    int error = buf.error;
    buf_free(&buf);
    if (!text.ptr)
        return fault_set(fault, "%.300s: %s", path, error == -EMSGSIZE ? "the file is too large" : "the file can't be read");
    *ret_source = (struct source){ path, text, fault };
    return 0;
}

unsigned source_line(const struct source *source, size_t at)
{
    unsigned line = 1;
    for (size_t i = 0; i < at && i < source->text.len; i++)
        line += source->text.ptr[i] == '\n';
    return line;
}

struct found scanner_found(const struct scanner *scanner)
{
    struct found found = { "the end of the file" };
    size_t len = 0;
    struct str text = scanner->source->text;
    if (scanner->at >= text.len)
        return found;
    if (text.ptr[scanner->at] == '\n')
        return (struct found){ "the end of the line" };
    while (scanner->at + len < text.len && len < 24 && is_name(text.ptr[scanner->at + len]))
        len++;
    if (len == 0) {
        // One character, with the bytes that follow its first in UTF-8.
        len = 1;
        while (scanner->at + len < text.len && len < 4 && (text.ptr[scanner->at + len] & 0xC0) == 0x80)
            len++;
    }
    (void)snprintf(found.text, sizeof(found.text), "\"%.*s\"", (int)len, text.ptr + scanner->at);
    return found;
}

int scanner_expected(const struct scanner *scanner, const char *what)
{
    return source_fail(scanner->source, scanner->at, "expected %s, found %s", what, scanner_found(scanner).text);
}

char scanner_peek(const struct scanner *scanner, size_t ahead)
{
    struct str text = scanner->source->text;
    return scanner->at < text.len && ahead < text.len - scanner->at ? text.ptr[scanner->at + ahead] : '\0';
}

bool scanner_done(const struct scanner *scanner)
{
    return scanner->at >= scanner->source->text.len;
}

bool scanner_at(const struct scanner *scanner, const char *literal)
{
    struct str rest = { scanner->source->text.ptr + scanner->at, scanner->source->text.len - scanner->at };
    return str_starts(rest, str_from(literal));
}

bool scanner_take(struct scanner *scanner, const char *literal)
{
    if (!scanner_at(scanner, literal))
        return false;
    scanner->at += strlen(literal);
    return true;
}

void scanner_spaces(struct scanner *scanner)
{
    while (!scanner_done(scanner) && is_space(scanner_peek(scanner, 0)))
        scanner->at++;
}

void scanner_blanks(struct scanner *scanner)
{
    while (scanner_peek(scanner, 0) == ' ' || scanner_peek(scanner, 0) == '\t')
        scanner->at++;
}

struct str scanner_name(struct scanner *scanner)
{
    size_t start = scanner->at;
    if (is_name_start(scanner_peek(scanner, 0))) {
        while (is_name(scanner_peek(scanner, 0)))
            scanner->at++;
    }
    return (struct str){ scanner->source->text.ptr + start, scanner->at - start };
}

struct str scanner_line(struct scanner *scanner)
{
    size_t start = scanner->at;
    while (!scanner_done(scanner) && scanner_peek(scanner, 0) != '\n')
        scanner->at++;
    struct str line = { scanner->source->text.ptr + start, scanner->at - start };
    if (!scanner_done(scanner))
        scanner->at++;
    return line;
}

bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_name(char c)
{
    return is_name_start(c) || is_digit(c);
}

char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool str_equal_fold(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (ascii_lower(a.ptr[i]) != ascii_lower(b.ptr[i]))
            return false;
    }
    return true;
}

struct str path_stem(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    return (struct str){ name, dot && dot != name ? (size_t)(dot - name) : strlen(name) };
}

void emit_literal(struct buf *buf, struct str s)
{
    buf_char(buf, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c == '\n')
            buf_lit(buf, "\\n");
        else if (c == '"' || c == '\\')
            buf_put(buf, (char[]){ '\\', (char)c }, 2);
        else if (c < ' ' || c == 0x7F)
            buf_format(buf, "\\%03o", c);
        else
            buf_char(buf, (char)c);
    }
    buf_char(buf, '"');
}

static bool file_holds(const char *path, struct str want)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    char part[4096];
    size_t at = 0, got;
    bool same = true;
    while (same && (got = fread(part, 1, sizeof(part), file)) > 0) {
        same = got <= want.len - at && memcmp(part, want.ptr + at, got) == 0;
        at += got;
    }
    fclose(file);
    return same && at == want.len;
}

int output_write(const char *path, const struct buf *buf)
{
    int error = buf->error;
    if (error == 0 && file_holds(path, buf_view(buf)))
        return 0;
    FILE *file = error == 0 ? fopen(path, "wb") : NULL;
    if (!file) {
        error = error ? error : -errno;
    } else {
        struct str view = buf_view(buf);
        bool bad = fwrite(view.ptr, 1, view.len, file) != view.len;
        if (fclose(file) != 0 || bad)
            error = -EIO;
    }
    if (error < 0)
        fprintf(stderr, "%s: the file can't be written: %s\n", path, strerror(-error));
    return error;
}

void *arena_grow(struct arena *arena, void *array, size_t count, size_t size)
{
    // Room doubles at each power of two.
    if (count != 0 && (count & (count - 1)) != 0)
        return array;
    void *room = arena_array(arena, count ? count * 2 : 1, size);
    if (room && count)
        memcpy(room, array, count * size);
    return room;
}
