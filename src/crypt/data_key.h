// SPDX-License-Identifier: MPL-2.0
// What the keyring and the sealing of fields know together of a data key. Not for others.
#pragma once

#include "crypt/keyring.h"

#include <openssl/evp.h>

#define DATA_KEY 32
#define INSTALLATION 16
#define COMMITMENT 16
#define SEAL_NONCE 12
#define SEAL_TAG 16

struct data_key {
    struct keyring *keyring;
    uint8_t *secret;                 // DATA_KEY bytes in the slab's guarded memory
    EVP_CIPHER_CTX *sealing;         // with the key schedule set; made when first needed
    EVP_CIPHER_CTX *opening;
    uint8_t commitment[COMMITMENT];  // BLAKE2b of the key: a value names the only key that it was sealed with
    struct data_key *chain;          // next in the bucket, or in the free list
    struct data_key *newer, *older;  // by last use
    bool granted;                    // found by wrapped and place
    struct grant_place place;
    uint8_t wrapped[KEEPER_WRAPPED];
};

// The key's context, ready for a nonce. NULL when memory is exhausted.
EVP_CIPHER_CTX *data_key_sealing(struct data_key *key);
EVP_CIPHER_CTX *data_key_opening(struct data_key *key);

// Which installation this is: derived from the master key, bound into everything that is sealed.
const uint8_t *keyring_installation(const struct keyring *keyring);

// SEAL_NONCE random bytes that no other call has got; good until the next call.
const uint8_t *keyring_nonce(struct keyring *keyring);
