// SPDX-License-Identifier: MPL-2.0
#include "web/server_head.h"

#define HOST_BYTES 255

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
}

// Whether s is one or more of the letters, digits and characters of 'others'.
static bool consists_of(struct str s, const char *others)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_alphanumeric(s.ptr[i]) && (s.ptr[i] == '\0' || !strchr(others, s.ptr[i])))
            return false;
    return s.len > 0;
}

// token of RFC 9110 section 5.6.2.
static bool is_token(struct str s)
{
    return consists_of(s, "!#$%&'*+-.^_`|~");
}

// field-value of RFC 9110 section 5.5; a stray CR, NUL or other control character has no place in
// it.
static bool is_field_value(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

bool head_name_equal(struct str a, struct str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    return true;
}

struct str head_trim(struct str value)
{
    while (value.len && (value.ptr[0] == ' ' || value.ptr[0] == '\t')) {
        value.ptr++;
        value.len--;
    }
    while (value.len && (value.ptr[value.len - 1] == ' ' || value.ptr[value.len - 1] == '\t'))
        value.len--;
    return value;
}

static size_t count_of(const struct head *head, struct str name)
{
    size_t found = 0;
    for (size_t i = 0; i < head->count; i++)
        found += head_name_equal(head->fields[i].name, name);
    return found;
}

struct str head_value(const struct head *head, struct str name)
{
    for (size_t i = 0; i < head->count; i++)
        if (head_name_equal(head->fields[i].name, name))
            return head->fields[i].value;
    return (struct str){ NULL, 0 };
}

struct str head_last_value(const struct head *head, struct str name)
{
    for (size_t i = head->count; i > 0; i--)
        if (head_name_equal(head->fields[i - 1].name, name))
            return head->fields[i - 1].value;
    return (struct str){ NULL, 0 };
}

// Only the origin form is served: "/path?query", visible ASCII, no fragment, no backslash.
static unsigned check_target(struct head *head)
{
    if (head->target.len > HEAD_TARGET)
        return 414;
    if (head->target.len == 0 || head->target.ptr[0] != '/')
        return 400;
    for (size_t i = 0; i < head->target.len; i++) {
        char c = head->target.ptr[i];
        if (c <= ' ' || c > '~' || c == '#' || c == '\\')
            return 400;
    }
    head->query = head->target;
    head->path = str_cut(&head->query, '?');
    return 0;
}

static unsigned check_fields(const struct head *head)
{
    for (size_t i = 0; i < head->count; i++)
        if (!is_token(head->fields[i].name) || !is_field_value(head->fields[i].value))
            return 400;
    size_t hosts = count_of(head, STR("host"));
    if (hosts > 1 || (hosts == 0 && str_equal(head->version, STR("HTTP/1.1"))))
        return 400;
    struct str host = head_value(head, STR("host"));
    if (host.ptr && (host.len > HOST_BYTES || !consists_of(host, "-._:[]")))
        return 400;
    return 0;
}

// How long the body is must be said once, beforehand and in one way (RFC 9112 section 6.3, which
// allows to ask for it). The library takes chunks whose lines end in a bare LF or hold NUL, and shows
// the body alone: what a front may have read otherwise could not be told from here (docs/adr/0030).
static unsigned check_length(struct head *head)
{
    size_t lengths = count_of(head, STR("content-length"));
    size_t codings = count_of(head, STR("transfer-encoding"));
    if (lengths + codings > 1)
        return 400;
    if (codings == 1)
        return str_equal(head->version, STR("HTTP/1.1")) &&
                       head_name_equal(head_value(head, STR("transfer-encoding")), STR("chunked"))
                   ? 411
                   : 400;
    if (lengths == 1)
        return str_to_int(head_value(head, STR("content-length")), &head->length) < 0 ? 400 : 0;
    return str_equal(head->method, STR("POST")) ? 411 : 0;
}

unsigned head_check(struct head *head)
{
    if (!str_equal(head->version, STR("HTTP/1.1")) && !str_equal(head->version, STR("HTTP/1.0")))
        return 505;
    head->is_head = str_equal(head->method, STR("HEAD"));
    if (!head->is_head && !str_equal(head->method, STR("GET")) &&
        !str_equal(head->method, STR("POST")))
        return is_token(head->method) ? 405 : 400;
    unsigned status = check_target(head);
    if (!status)
        status = check_fields(head);
    if (!status)
        status = check_length(head);
    return status;
}
