// SPDX-License-Identifier: MPL-2.0
// The forms in which the log's records and its head are hashed and authenticated; docs/adr/0003-log.md describes them for whoever writes a
// verifier of their own.
#pragma once

#include "audit/audit.h"
#include "audit/merkle.h"

#define RECORD_BYTES 64
#define RECORD_MARK 16
#define HEAD_MAC 32

// The keys that authenticate the log inside the database, from the keeper.
struct audit_keys {
    uint8_t mark[32];
    uint8_t head[32];
};

int audit_keys_get(struct keeper *keeper, struct audit_keys *ret_keys);
void audit_keys_wipe(struct audit_keys *keys);

// The eight fields in the order of struct audit_record, eight bytes each, most significant first. This is what a leaf is the hash of.
void record_encode(const struct audit_record *record, uint8_t ret_bytes[RECORD_BYTES]);

// BLAKE2b-128 of an encoded record: tells which record was changed, where the tree only tells that one was.
void record_mark(const struct audit_keys *keys, const uint8_t record[RECORD_BYTES], uint8_t ret_mark[RECORD_MARK]);

// BLAKE2b-256 over size, root and peaks.
void head_mac(const struct audit_keys *keys, const struct merkle *tree, const uint8_t root[MERKLE_HASH], uint8_t ret_mac[HEAD_MAC]);

// Reads the head row. 0: an authentic one, or none while there should be none (an empty tree); -EBADMSG with *ret_problem set; others from
// the database.
int head_read(struct db *db, const struct audit_keys *keys, struct merkle_hasher *hasher, struct merkle *ret_tree,
              const char **ret_problem);
