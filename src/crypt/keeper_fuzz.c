// SPDX-License-Identifier: MPL-2.0
// Any bytes to the keeper: it answers within its bounds, and gives a key only for what it wrapped itself.
#include "crypt/keeper_message.h"

#include <assert.h>
#include <sodium.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct key_file file = { .count = 2, .masters = { { 2, "a master key for the fuzz targe" }, { 1, "and the one before it, as well." } }, .uses_older = size % 2 == 1 };
    struct keeper_secret secret;
    uint8_t reply[KEEPER_REPLY_MAX];
    size_t len;

    if (sodium_init() < 0)
        abort();
    keeper_secret_make(&file, &secret);
    len = keeper_answer(&secret, bytes_from(data, size), reply);
    assert(len >= KEEPER_REPLY_HEAD && len <= sizeof(reply));
    assert(reply[1] == KEEPER_DONE || len == KEEPER_REPLY_HEAD);

    if (reply[1] == KEEPER_DONE && data[1] == KEEPER_WRAP) {
        uint8_t question[KEEPER_REQUEST_MAX] = { KEEPER_FORMAT, KEEPER_UNWRAP, data[2], data[3] };
        size_t variable = size - KEEPER_HEAD - KEEPER_KEY;
        memcpy(question + KEEPER_HEAD, reply + KEEPER_REPLY_HEAD, KEEPER_WRAPPED);
        memcpy(question + KEEPER_HEAD + KEEPER_WRAPPED, data + KEEPER_HEAD + KEEPER_KEY, variable);
        len = keeper_answer(&secret, bytes_from(question, KEEPER_HEAD + KEEPER_WRAPPED + variable), reply);
        assert(len == KEEPER_REPLY_HEAD + KEEPER_KEY && memcmp(reply + KEEPER_REPLY_HEAD, data + KEEPER_HEAD, KEEPER_KEY) == 0);
    }
    return 0;
}
