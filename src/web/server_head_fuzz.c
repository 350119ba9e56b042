// SPDX-License-Identifier: MPL-2.0
// Raw bytes cut into lines; what the check lets through must be unambiguous.
#include "web/server_head.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void check_accepted(const struct head *head)
{
    must(head->path.len > 0 && head->path.ptr[0] == '/');
    must(head->path.len + head->query.len <= HEAD_TARGET);
    for (size_t i = 0; i < head->target.len; i++)
        must(head->target.ptr[i] > ' ' && head->target.ptr[i] <= '~');
    must(head->length >= 0 && !head_value(head, STR("transfer-encoding")).ptr);
    struct str host = head_value(head, STR("HOST"));
    must(host.ptr == head_last_value(head, STR("Host")).ptr);
    for (size_t i = 0; i < head->count; i++) {
        struct head_field field = head->fields[i];
        must(field.name.len > 0);
        must(!field.value.len || (!memchr(field.value.ptr, '\n', field.value.len) &&
                                  !memchr(field.value.ptr, '\r', field.value.len) &&
                                  !memchr(field.value.ptr, '\0', field.value.len)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct head head;
    head = (struct head){ 0 };
    struct str rest = { (const char *)data, size };
    struct str line = str_cut(&rest, '\n');
    head.method = str_cut(&line, ' ');
    head.target = str_cut(&line, ' ');
    head.version = line;
    while (rest.len > 0 && head.count < HEAD_FIELDS) {
        struct str value = str_cut(&rest, '\n');
        struct str name = str_cut(&value, ':');
        head.fields[head.count++] = (struct head_field){ name, head_trim(value) };
    }
    unsigned status = head_check(&head);
    must(status == 0 || status == 400 || status == 405 || status == 411 || status == 414 ||
         status == 505);
    if (status == 0)
        check_accepted(&head);
    return 0;
}
