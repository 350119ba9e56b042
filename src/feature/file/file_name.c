// SPDX-License-Identifier: MPL-2.0
#include "feature/file/file_name.h"

#include "base/ascii.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/utf8.h"
#include "feature/file/file.h"

#include <strings.h>

#define EXTENSION_MAX 5
#define NAME_BYTES_MAX ((size_t)4 * FILE_NAME_MAX)

// Marks that are not seen but change how the rest is read (Unicode: bidirectional controls, zero-width characters, line and paragraph separators).
static bool is_deceiving(uint32_t c)
{
    return c == 0x61c || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

static bool is_unfit(uint32_t c)
{
    return c < ' ' || (c >= 0x7f && c < 0xa0) || is_deceiving(c) || (c < 0x80 && strchr("<>:\"|?*%;", (int)c));
}

static struct str without_folders(struct str name)
{
    for (size_t i = name.len; i > 0; i--) {
        if (name.ptr[i - 1] == '/' || name.ptr[i - 1] == '\\')
            return (struct str){ name.ptr + i, name.len - i };
    }
    return name;
}

struct str file_name_extension(struct str name)
{
    size_t from = name.len;
    while (from > 0 && name.len - from < EXTENSION_MAX && ascii_is_word(name.ptr[from - 1]))
        from--;
    bool found = from > 1 && from < name.len && name.ptr[from - 1] == '.';
    return found ? (struct str){ name.ptr + from, name.len - from } : STR("");
}

bool file_name_is_picture(struct str name)
{
    static const char kinds[][6] = { "jpg", "jpeg", "jpe", "png", "gif", "webp", "heic", "heif", "avif" };
    struct str extension = file_name_extension(name);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (extension.len == strlen(kinds[i]) && strncasecmp(extension.ptr, kinds[i], extension.len) == 0)
            return true;
    }
    return false;
}

// At most FILE_NAME_MAX characters, the extension kept.
static void put_shortened(struct buf *out, struct str name)
{
    struct str extension = file_name_extension(name);
    size_t keep = extension.len ? FILE_NAME_MAX - extension.len - 2 : FILE_NAME_MAX - 1, at = 0;
    if (utf8_count(name) <= FILE_NAME_MAX) {
        buf_str(out, name);
        return;
    }
    for (size_t n = 0; n < keep; n++)
        utf8_next(name, &at);
    buf_put(out, name.ptr, at);
    buf_lit(out, "…");
    if (extension.len)
        buf_char(out, '.');
    buf_str(out, extension);
}

struct str file_name_clean(struct arena *arena, struct str name)
{
    _cleanup_(buf_free) struct buf clean = buf_bounded(name.len + 8), out = buf_bounded(NAME_BYTES_MAX + 16);
    name = without_folders(name);
    for (size_t at = 0, from = 0; at < name.len; from = at) {
        uint32_t c = utf8_next(name, &at);
        if (at == from)
            break;
        if (!is_unfit(c))
            buf_put(&clean, name.ptr + from, at - from);
    }
    struct str rest = str_trim(buf_view(&clean));
    // A leading dot hides a file, a trailing one is dropped by some systems, which would change the extension.
    while (rest.len > 0 && (rest.ptr[0] == '.' || rest.ptr[0] == ' '))
        rest = (struct str){ rest.ptr + 1, rest.len - 1 };
    while (rest.len > 0 && (rest.ptr[rest.len - 1] == '.' || rest.ptr[rest.len - 1] == ' '))
        rest.len--;
    put_shortened(&out, rest.len ? rest : STR("fil"));
    return clean.error || out.error ? (struct str){ NULL, 0 } : arena_str(arena, buf_view(&out));
}
