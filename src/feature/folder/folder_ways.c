// SPDX-License-Identifier: MPL-2.0
// How one signs in, with an account of the installation's own.
#include "feature/folder/folder_html.h"
#include "feature/folder/folder_part.h"
#include "feature/folder/folder_view.h"
#include "feature/folder/folder_write.h"
#include "feature/local/local.h"

#include <errno.h>

static struct str when_or_never(struct folder_part *part, int64_t ms)
{
    return ms ? folder_when(part, part->scratch, ms) : STR("");
}

static void put_data(struct folder_part *part, const struct local_ways *ways)
{
    json_out_key(&part->values, STR("sign_in"));
    json_out_open(&part->values, '{');
    folder_put_text(part, "account", ways->account);
    json_out_key(&part->values, STR("passkeys"));
    json_out_open(&part->values, '[');
    for (size_t i = 0; i < ways->passkeys_count; i++) {
        json_out_open(&part->values, '{');
        folder_put_text(part, "name", ways->passkeys[i].name);
        folder_put_time(part, "made", ways->passkeys[i].created);
        folder_put_time(part, "used", ways->passkeys[i].used);
        json_out_close(&part->values, '}');
    }
    json_out_close(&part->values, ']');
    folder_put_int(part, "codes_left", ways->codes);
    folder_put_time(part, "code_used", ways->code_used);
    json_out_close(&part->values, '}');
}

int folder_part_ways(struct folder_part *part)
{
    struct request *request = part->request;
    struct account_scene scene = { request->db, request->keys, part->scratch, request->now };
    struct local_ways ways;
    int result = local_ways(&scene, part->account.id, &ways);
    if (result < 0)
        return result == -ENOENT ? 0 : result;
    struct folder_view_passkey *passkeys = arena_array(part->scratch, ways.passkeys_count + 1, sizeof(*passkeys));
    if (!passkeys)
        return -ENOMEM;
    for (size_t i = 0; i < ways.passkeys_count; i++) {
        const struct local_passkey *one = &ways.passkeys[i];
        passkeys[i] = (struct folder_view_passkey){ one->name, when_or_never(part, one->created), when_or_never(part, one->used) };
    }
    folder_ways_html(&part->out, &(struct folder_view_ways){ .account = ways.account, .passkeys = passkeys, .passkeys_count = ways.passkeys_count,
        .codes = ways.codes, .code_used = when_or_never(part, ways.code_used) });
    put_data(part, &ways);
    return folder_flush(part);
}
