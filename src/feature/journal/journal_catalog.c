// SPDX-License-Identifier: MPL-2.0
#include "feature/journal/journal_layout.h"

#include <errno.h>

static const char *find_last(struct str text, const char *word)
{
    size_t len = strlen(word);
    for (size_t at = text.len + 1 > len ? text.len + 1 - len : 0; at > 0; at--) {
        if (memcmp(text.ptr + at - 1, word, len) == 0)
            return text.ptr + at - 1;
    }
    return NULL;
}

// The number behind the last occurrence of a word; 0 when there is none.
static int64_t number_after(struct str text, const char *word)
{
    const char *at = find_last(text, word);
    int64_t number = 0;
    for (at = at ? at + strlen(word) : text.ptr + text.len; at < text.ptr + text.len && *at >= '0' && *at <= '9' && number < INT32_MAX; at++)
        number = number * 10 + (*at - '0');
    return number;
}

int journal_catalog(enum language language, struct buf *pdf)
{
    struct str whole = buf_view(pdf);
    char object[40];
    int64_t root = number_after(whole, "/Root "), info = number_after(whole, "/Info "), size = number_after(whole, "/Size ");
    int64_t before = number_after(whole, "startxref\n");
    snprintf(object, sizeof(object), "\n%lld 0 obj\n<<", (long long)root);
    const char *begin = find_last(whole, object);
    const char *end = begin ? memmem(begin, (size_t)(whole.ptr + whole.len - begin), "\n>>\nendobj", 10) : NULL;
    if (!root || !info || !size || !before || !end)
        return -EBADMSG;
    begin += strlen(object);
    struct buf update = buf_bounded(1 << 16);
    int64_t place = (int64_t)pdf->len + 1;
    buf_format(&update, "\n%lld 0 obj\n<<", (long long)root);
    buf_put(&update, begin, (size_t)(end - begin));
    buf_format(&update, "\n   /Lang (%s)\n   /MarkInfo << /Marked true >>\n   /ViewerPreferences << /DisplayDocTitle true >>\n>>\nendobj\n",
               language == LANGUAGE_DANISH ? "da-DK" : "en-GB");
    int64_t table = (int64_t)pdf->len + (int64_t)update.len;
    buf_format(&update, "xref\n%lld 1\n%010lld 00000 n \ntrailer\n<< /Size %lld\n   /Root %lld 0 R\n   /Info %lld 0 R\n   /Prev %lld\n>>\nstartxref\n%lld\n%%%%EOF\n",
               (long long)root, (long long)place, (long long)size, (long long)root, (long long)info, (long long)before, (long long)table);
    buf_str(pdf, buf_view(&update));
    int result = update.error ? update.error : pdf->error;
    buf_free(&update);
    return result;
}
