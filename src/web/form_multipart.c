// SPDX-License-Identifier: MPL-2.0
// multipart/form-data (RFC 7578, RFC 2046) as browsers send it, and nothing more lenient: no preamble, no epilogue, no
// transfer encoding, no folded headers, CR LF everywhere.
#include "web/form_source.h"

#include "base/ascii.h"
#include "base/utf8.h"
#include <errno.h>
#include <strings.h>

#define BOUNDARY_MAX 70   // RFC 2046 section 5.1.1
#define HEADERS_MAX 4

struct part {
    struct str name;
    bool has_name;
    bool is_file;
    bool has_type;
    struct str file_name;
    struct str type;
};

static bool is_boundary(struct str boundary)
{
    static const char others[] = "'()+_,-./:=? ";
    if (boundary.len == 0 || boundary.len > BOUNDARY_MAX || boundary.ptr[boundary.len - 1] == ' ')
        return false;
    for (size_t i = 0; i < boundary.len; i++) {
        char c = boundary.ptr[i];
        if (!ascii_is_word(c) && (c == '\0' || !strchr(others, c)))
            return false;
    }
    return true;
}

static bool str_equal_case(struct str a, struct str b)
{
    return a.len == b.len && strncasecmp(a.ptr, b.ptr, a.len) == 0;
}

static bool skip(struct str *s, struct str prefix)
{
    if (!str_starts(*s, prefix))
        return false;
    s->ptr += prefix.len;
    s->len -= prefix.len;
    return true;
}

// Cuts a line that ends in CR LF off *s; a CR or LF that stands alone makes the body malformed.
static int cut_line(struct str *s, struct str *ret_line)
{
    const char *end = s->len ? memchr(s->ptr, '\n', s->len) : NULL;
    if (!end || end == s->ptr || end[-1] != '\r')
        return -EBADMSG;
    struct str line = { s->ptr, (size_t)(end - s->ptr) - 1 };
    if (memchr(line.ptr, '\r', line.len))
        return -EBADMSG;
    s->len -= line.len + 2;
    s->ptr = end + 1;
    *ret_line = line;
    return 0;
}

// Cuts KEY="TEXT" and the semicolon behind it, if more follows, off *s.
static int cut_parameter(struct str *s, struct str *ret_key, struct str *ret_text)
{
    *s = str_trim(*s);
    struct str key = str_cut(s, '=');
    const char *end = skip(s, STR("\"")) && s->len ? memchr(s->ptr, '"', s->len) : NULL;
    if (!end)
        return -EBADMSG;
    struct str text = { s->ptr, (size_t)(end - s->ptr) };
    *s = (struct str){ end + 1, s->len - text.len - 1 };
    if (s->len > 0 && !skip(s, STR(";")))
        return -EBADMSG;
    *ret_key = key;
    *ret_text = text;
    return 0;
}

// form-data; name="text"; filename="portrait.png"
static int read_disposition(struct str value, struct part *part)
{
    if (part->has_name || !str_equal_case(str_trim(str_cut(&value, ';')), STR("form-data")))
        return -EBADMSG;
    while (value.len > 0) {
        struct str key, text;
        int r = cut_parameter(&value, &key, &text);
        if (r < 0)
            return r;
        bool escaped = text.len && memchr(text.ptr, '\\', text.len);
        if (str_equal_case(key, STR("name")) && !part->has_name && !escaped) {
            part->name = text;
            part->has_name = true;
        } else if (str_equal_case(key, STR("filename")) && !part->is_file) {
            part->is_file = true;
            part->file_name = text;
        } else {
            return -EBADMSG;
        }
    }
    return part->has_name ? 0 : -EBADMSG;
}

// A text is text/plain in UTF-8; of a file any type will do.
static int read_type(struct str value, struct part *part, bool *ret_plain)
{
    if (part->has_type)
        return -EBADMSG;
    part->has_type = true;
    part->type = value;
    struct str type = str_trim(str_cut(&value, ';'));
    struct str parameter = str_trim(value);
    *ret_plain = str_equal_case(type, STR("text/plain")) &&
                 (parameter.len == 0 || str_equal_case(parameter, STR("charset=utf-8")));
    return 0;
}

static int read_headers(struct str *body, struct part *part)
{
    bool plain = true;
    for (size_t count = 0;; count++) {
        struct str line;
        int r = cut_line(body, &line);
        if (r < 0)
            return r;
        if (line.len == 0)
            break;
        if (count == HEADERS_MAX || !memchr(line.ptr, ':', line.len))
            return -EBADMSG;
        struct str name = str_cut(&line, ':');
        if (str_equal_case(name, STR("content-disposition")))
            r = read_disposition(str_trim(line), part);
        else if (str_equal_case(name, STR("content-type")))
            r = read_type(str_trim(line), part, &plain);
        else
            r = -EBADMSG;
        if (r < 0)
            return r;
    }
    return part->has_name && (plain || part->is_file) ? 0 : -EBADMSG;
}

// The bytes of a file are anything; a name that is no text is none.
static struct form_value value_of(const struct part *part, struct str content)
{
    if (!part->is_file)
        return (struct form_value){ .name = part->name, .kind = FORM_KIND_RAW, .text = content };
    return (struct form_value){
        .name = part->name, .kind = FORM_KIND_FILE, .text = STR(""),
        .file = { utf8_valid(part->file_name) ? part->file_name : STR(""), part->type, str_bytes(content) },
    };
}

int form_read_multipart(struct str body, struct str boundary, struct form_values *values)
{
    if (!is_boundary(boundary))
        return -EBADMSG;
    char delimiter[4 + BOUNDARY_MAX] = "\r\n--";
    memcpy(delimiter + 4, boundary.ptr, boundary.len);
    size_t delimiter_len = 4 + boundary.len;

    if (!skip(&body, (struct str){ delimiter + 2, delimiter_len - 2 }))
        return -EBADMSG;
    while (!skip(&body, STR("--"))) {
        struct part part = { 0 };
        int r = skip(&body, STR("\r\n")) ? read_headers(&body, &part) : -EBADMSG;
        if (r < 0)
            return r;
        const char *end = body.len ? memmem(body.ptr, body.len, delimiter, delimiter_len) : NULL;
        if (!end)
            return -EBADMSG;
        struct str text = { body.ptr, (size_t)(end - body.ptr) };
        body.ptr = end + delimiter_len;
        body.len -= text.len + delimiter_len;
        r = form_values_add(values, value_of(&part, text));
        if (r < 0)
            return r;
    }
    skip(&body, STR("\r\n"));
    return body.len == 0 ? 0 : -EBADMSG;
}
