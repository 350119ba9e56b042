// SPDX-License-Identifier: MPL-2.0
#include "feature/notice/notice_stop.h"

#include "base/encode.h"
#include "feature/notice/notice_sql.h"

#include <errno.h>
#include <sodium.h>

#define PROOF_BYTES 16
#define HEAD_BYTES 9   // sort of mail, person
#define SAID_MAX (HEAD_BYTES + 8 * STOP_DIALOGUES_MAX)

static void put_number(uint8_t *at, int64_t number)
{
    for (int i = 0; i < 8; i++)
        at[i] = (uint8_t)((uint64_t)number >> (56 - 8 * i));
}

static int64_t get_number(const uint8_t *at)
{
    uint64_t number = 0;
    for (int i = 0; i < 8; i++)
        number = number << 8 | at[i];
    return (int64_t)number;
}

// A keyed hash over what is said, with the purpose in front so that no other token can be taken for one of these.
static void prove(const struct dialogue_scene *scene, const uint8_t *said, size_t len, uint8_t ret_proof[PROOF_BYTES])
{
    uint8_t bound[12 + SAID_MAX] = "notice-stop";
    uint8_t hash[LOOKUP_BYTES];
    memcpy(bound + 12, said, len);
    keyring_lookup(scene->keys, LOOKUP_TOKEN, bytes_str(bytes_from(bound, 12 + len)), hash);
    memcpy(ret_proof, hash, PROOF_BYTES);
}

struct notice_stop notice_stop_of(int64_t person, enum notice_choice choice, const struct notice_list *list)
{
    struct notice_stop stop = { .person = person, .choice = choice };
    for (size_t i = 0; list->count <= STOP_DIALOGUES_MAX && i < list->count; i++)
        stop.dialogues[stop.count++] = list->items[i].dialogue;
    return stop;
}

struct str notice_stop_token(const struct dialogue_scene *scene, const struct notice_stop *stop)
{
    uint8_t token[SAID_MAX + PROOF_BYTES];
    size_t len = HEAD_BYTES;
    token[0] = (uint8_t)stop->choice;
    put_number(token + 1, stop->person);
    for (size_t i = 0; i < stop->count; i++, len += 8)
        put_number(token + len, stop->dialogues[i]);
    prove(scene, token, len, token + len);
    return encode_base64url(scene->arena, bytes_from(token, len + PROOF_BYTES));
}

int notice_stop_read(const struct dialogue_scene *scene, struct str token, struct notice_stop *ret_stop)
{
    struct bytes bytes;
    uint8_t proof[PROOF_BYTES];
    int result = decode_base64url(scene->arena, token, &bytes);
    if (result < 0)
        return result == -EINVAL ? -ENOENT : result;
    size_t len = bytes.len - PROOF_BYTES;
    if (bytes.len < HEAD_BYTES + PROOF_BYTES || len > SAID_MAX || (len - HEAD_BYTES) % 8)
        return -ENOENT;
    prove(scene, bytes.ptr, len, proof);
    if (sodium_memcmp(proof, bytes.ptr + len, PROOF_BYTES) != 0)
        return -ENOENT;
    struct notice_stop stop = { .choice = (enum notice_choice)bytes.ptr[0], .person = get_number(bytes.ptr + 1) };
    for (size_t at = HEAD_BYTES; at < len; at += 8)
        stop.dialogues[stop.count++] = get_number(bytes.ptr + at);
    *ret_stop = stop;
    return 0;
}

int notice_stop_do(const struct dialogue_scene *scene, const struct notice_stop *stop)
{
    if (stop->count == 0) {
        int64_t rows = sql_notice_stop_all(scene->db, &(struct sql_notice_stop_all_in){
            .person = stop->person, .choice = stop->choice, .unset = NOTICE_AT_ONCE, .never = NOTICE_NEVER });
        return rows < 0 ? (int)rows : 0;
    }
    int result = 0;
    for (size_t i = 0; result == 0 && i < stop->count; i++)
        result = notice_choose(scene, stop->person, stop->dialogues[i], NOTICE_NEVER);
    return result;
}
