// SPDX-License-Identifier: MPL-2.0
#include "web/answer.h"

#include "base/ascii.h"
#include "base/cleanup.h"

#include <errno.h>

#define DISPOSITION_MAX 4096

// RFC 8187: the name's bytes, all but the plainest percent-encoded, so that nothing in it can end the header or mean something else.
static void put_name(struct buf *line, struct str name)
{
    buf_lit(line, "attachment; filename*=UTF-8''");
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (ascii_is_word(c) || c == '-' || c == '.')
            buf_char(line, c);
        else
            buf_format(line, "%%%02X", (unsigned char)c);
    }
}

static int put_disposition(struct request *request, struct str name)
{
    _cleanup_(buf_free) struct buf line = buf_bounded(DISPOSITION_MAX);
    put_name(&line, name);
    if (line.error)
        return line.error;
    struct str text = arena_str(request->arena, buf_view(&line));
    return text.ptr ? answer_header(request->answer, "Content-Disposition", text) : -ENOMEM;
}

int request_file(struct request *request, const char *type, struct str name, const struct source *source)
{
    struct answer *answer = request->answer;
    int r = name.len > 0 ? put_disposition(request, name) : 0;
    if (r < 0) {
        source->done(source->data);
        return r;
    }
    answer->kind = ANSWER_BODY;
    answer->type = type;
    answer->plain = true;
    answer->source = *source;
    return 0;
}
