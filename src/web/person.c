// SPDX-License-Identifier: MPL-2.0
#include "web/person.h"

#include <errno.h>

#include "base/buf.h"
#include "base/cleanup.h"

// Stored: never renumber, only append.
enum tag { TAG_UNSET, TAG_NAME, TAG_TITLE, TAG_EMAIL, TAG_BIRTH, TAG_ROLE, TAG_UNIT, TAG_LOGIN, TAG_CPR, TAG_COUNT };

static int put(struct buf *buf, enum tag tag, struct str text)
{
    if (text.len > PERSON_FIELD_MAX)
        return -E2BIG;
    if (text.len == 0)
        return 0;
    buf_char(buf, (char)tag);
    buf_char(buf, (char)(text.len >> 8));
    buf_char(buf, (char)(text.len & 0xff));
    buf_str(buf, text);
    return buf->error;
}

static int put_number(struct buf *buf, enum tag tag, int64_t number)
{
    char text[8];
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)((uint64_t)number >> (8 * (sizeof(text) - 1 - i)));
    return number ? put(buf, tag, (struct str){ text, sizeof(text) }) : 0;
}

static int64_t number_of(struct str text)
{
    uint64_t number = 0;
    for (size_t i = 0; i < text.len && text.len == 8; i++)
        number = number << 8 | (unsigned char)text.ptr[i];
    return (int64_t)number;
}

static struct seal_place place_of(enum seal_type type, int64_t id, int64_t version)
{
    return (struct seal_place){ .type = type, .object = id, .version = version };
}

int person_seal(struct keyring *keyring, const struct person *person, struct arena *arena,
                struct bytes *ret_sealed)
{
    _cleanup_(buf_free) struct buf buf = buf_bounded((size_t)TAG_COUNT * (PERSON_FIELD_MAX + 3));
    int r = put(&buf, TAG_NAME, person->name);
    r = r ? r : put(&buf, TAG_TITLE, person->title);
    r = r ? r : put(&buf, TAG_EMAIL, person->email);
    r = r ? r : put(&buf, TAG_BIRTH, person->birth);
    r = r ? r : put_number(&buf, TAG_ROLE, person->role);
    r = r ? r : put_number(&buf, TAG_UNIT, person->unit);
    r = r ? r : put(&buf, TAG_LOGIN, bytes_str(person->login));
    r = r ? r : put(&buf, TAG_CPR, bytes_str(person->cpr));
    if (r < 0)
        return r;
    struct seal_place place = place_of(SEAL_PERSON, person->id, person->version);
    return seal(keyring_directory(keyring), &place, str_bytes(buf_view(&buf)), arena, ret_sealed);
}

int person_open(struct keyring *keyring, int64_t id, int64_t version, struct bytes sealed,
                struct arena *arena, struct person *ret_person)
{
    struct seal_place place = place_of(SEAL_PERSON, id, version);
    struct bytes plain;
    int r = unseal(keyring_directory(keyring), &place, sealed, arena, &plain);
    if (r < 0)
        return r;
    struct str field[TAG_COUNT];
    for (size_t i = 0; i < TAG_COUNT; i++)
        field[i] = STR("");
    for (size_t at = 0; at < plain.len;) {
        if (plain.len - at < 3)
            return -EBADMSG;
        size_t len = (size_t)plain.ptr[at + 1] << 8 | plain.ptr[at + 2];
        if (plain.len - at - 3 < len)
            return -EBADMSG;
        if (plain.ptr[at] < TAG_COUNT)
            field[plain.ptr[at]] = bytes_str(bytes_from(plain.ptr + at + 3, len));
        at += 3 + len;
    }
    *ret_person = (struct person){
        .id = id,
        .version = version,
        .name = field[TAG_NAME],
        .title = field[TAG_TITLE],
        .email = field[TAG_EMAIL],
        .birth = field[TAG_BIRTH],
        .role = (enum role)number_of(field[TAG_ROLE]),
        .unit = number_of(field[TAG_UNIT]),
        .login = str_bytes(field[TAG_LOGIN]),
        .cpr = str_bytes(field[TAG_CPR]),
    };
    return 0;
}

int unit_seal(struct keyring *keyring, int64_t id, struct str name, struct arena *arena,
              struct bytes *ret_sealed)
{
    if (name.len > PERSON_FIELD_MAX)
        return -E2BIG;
    struct seal_place place = place_of(SEAL_UNIT, id, 0);
    return seal(keyring_directory(keyring), &place, str_bytes(name), arena, ret_sealed);
}

int unit_open(struct keyring *keyring, int64_t id, struct bytes sealed, struct arena *arena,
              struct str *ret_name)
{
    struct seal_place place = place_of(SEAL_UNIT, id, 0);
    struct bytes plain;
    int r = unseal(keyring_directory(keyring), &place, sealed, arena, &plain);
    if (r < 0)
        return r;
    *ret_name = bytes_str(plain);
    return 0;
}
