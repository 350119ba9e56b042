// SPDX-License-Identifier: MPL-2.0
// 'C' and 'G': client data of making a passkey and of signing in. 'R': what follows the site's hash in authenticator data of a new passkey.
// 'S': a length byte, that many bytes behind the site's hash, and a signature.
#include "feature/local/webauthn.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HASH crypto_hash_sha256_BYTES
#define ROOM 4096

static const struct webauthn_site site = { .origin = { "http://localhost:8080", 21 }, .id = { "localhost", 9 } };

static void check_client(struct arena *arena, enum webauthn_act act, struct bytes text)
{
    enum webauthn_fault fault = WEBAUTHN_SOUND;
    struct str challenge = { NULL, 0 };
    int result = webauthn_client(arena, &site, act, text, &challenge, &fault);
    if (result == 0 ? !challenge.len || text.len > WEBAUTHN_CLIENT_DATA_MAX || !memmem(text.ptr, text.len, "localhost", 9) : fault == WEBAUTHN_SOUND && result == -EACCES)
        abort();
}

// The site's hash, then the bytes.
static struct bytes behind_hash(uint8_t room[ROOM], struct bytes rest)
{
    size_t len = rest.len < ROOM - HASH ? rest.len : ROOM - HASH;
    crypto_hash_sha256(room, (const uint8_t *)site.id.ptr, site.id.len);
    if (len)
        memcpy(room + HASH, rest.ptr, len);
    return bytes_from(room, HASH + len);
}

static void check_created(struct arena *arena, struct bytes rest)
{
    uint8_t room[ROOM];
    struct webauthn_key key;
    int64_t counter = -1;
    enum webauthn_fault fault = WEBAUTHN_SOUND;
    int result = webauthn_created(arena, &site, behind_hash(room, rest), &key, &counter, &fault);
    if (result == 0 && (!key.credential.len || key.credential.len > WEBAUTHN_CREDENTIAL_MAX || !key.key.len))
        abort();
    if (result == 0 && (counter < 0 || counter > UINT32_MAX || (rest.ptr[0] & 5) != 5))
        abort();
    if (result == -EACCES && fault == WEBAUTHN_SOUND)
        abort();
}

static void check_signed(struct bytes rest)
{
    static const uint8_t point[64] = {   // the generator of P-256
        0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0,
        0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16,
        0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5,
    };
    uint8_t room[ROOM];
    size_t head = rest.len && rest.ptr[0] < rest.len ? rest.ptr[0] : 0;
    struct webauthn_key key = { .algorithm = WEBAUTHN_ES256, .credential = { point, 16 }, .key = { point, sizeof(point) } };
    struct webauthn_assertion assertion = { .client_data = { point, 10 } };
    int64_t counter;
    enum webauthn_fault fault = WEBAUTHN_SOUND;
    if (rest.len < 2)
        return;
    assertion.authenticator_data = behind_hash(room, bytes_from(rest.ptr + 1, head));
    assertion.signature = bytes_from(rest.ptr + 1 + head, rest.len - 1 - head);
    // The key's other half is 1, which is known to all: a signature may well be right.
    if (webauthn_signed(&site, &key, &assertion, &counter, &fault) == -EACCES && fault == WEBAUTHN_SOUND)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena;
    if (size < 2 || arena_new(1 << 20, &arena) < 0)
        return 0;
    struct bytes rest = bytes_from(data + 1, size - 1);
    if (data[0] == 'C' || data[0] == 'G')
        check_client(arena, data[0] == 'C' ? WEBAUTHN_CREATE : WEBAUTHN_GET, rest);
    else if (data[0] == 'R')
        check_created(arena, rest);
    else if (data[0] == 'S')
        check_signed(rest);
    arena_free(arena);
    return 0;
}
