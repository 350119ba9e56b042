// SPDX-License-Identifier: MPL-2.0
#include "base/utf8.h"
#include "feature/journal/journal_steps.h"

#include <errno.h>
#include <jansson.h>

#define CASE_MAX 100      // bytes
#define MESSAGE_MAX 1000

// A text of one line that is fit to be shown; empty when it is missing.
static int take_text(const json_t *object, const char *key, size_t max, struct arena *arena, struct str *ret_text)
{
    const json_t *value = json_object_get(object, key);
    struct str text = json_is_string(value) ? (struct str){ json_string_value(value), json_string_length(value) } : STR("");
    if ((value && !json_is_string(value) && !json_is_null(value)) || text.len > max || !utf8_valid(text) || utf8_has_control(text) ||
        memchr(text.ptr, '\n', text.len))
        return -EBADMSG;
    *ret_text = arena_str(arena, text);
    return ret_text->ptr ? 0 : -ENOMEM;
}

static int take_state(const json_t *object, enum journal_state *ret_state)
{
    const char *state = json_string_value(json_object_get(object, "state"));
    if (state && strcmp(state, "accepted") == 0)
        *ret_state = JOURNAL_ACCEPTED;
    else if (state && strcmp(state, "refused") == 0)
        *ret_state = JOURNAL_REFUSED;
    else
        return -EBADMSG;
    return 0;
}

int journal_receipt_read(struct str text, int64_t entry, struct arena *arena, enum journal_state *ret_state, struct journal_receipt *ret_receipt)
{
    json_t *json = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);
    const char *id = json_string_value(json_object_get(json, "entry"));
    char wanted[24];
    snprintf(wanted, sizeof(wanted), "%lld", (long long)entry);
    int result = id && strcmp(id, wanted) == 0 ? take_state(json, ret_state) : -EBADMSG;
    if (result == 0)
        result = take_text(json, "case", CASE_MAX, arena, &ret_receipt->case_number);
    if (result == 0)
        result = take_text(json, "message", MESSAGE_MAX, arena, &ret_receipt->message);
    json_decref(json);
    return result;
}
