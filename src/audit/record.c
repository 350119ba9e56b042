// SPDX-License-Identifier: MPL-2.0
#include "audit/record.h"

#include "audit/audit_sql.h"
#include "base/cleanup.h"
#include "crypt/fixed.h"

#include <errno.h>
#include <sodium.h>

#define HEAD_MEMORY 16384

int audit_keys_get(struct keeper *keeper, struct audit_keys *ret_keys)
{
    int r = keeper_derive(keeper, STR("audit mark"), ret_keys->mark);

    return r < 0 ? r : keeper_derive(keeper, STR("audit head"), ret_keys->head);
}

void audit_keys_wipe(struct audit_keys *keys)
{
    sodium_memzero(keys, sizeof(*keys));
}

void record_encode(const struct audit_record *record, uint8_t ret_bytes[RECORD_BYTES])
{
    uint8_t *at = fixed_i64(ret_bytes, record->seq);

    at = fixed_i64(at, record->time_ms);
    at = fixed_i64(at, record->event.kind);
    at = fixed_i64(at, record->event.person);
    at = fixed_i64(at, record->event.dialogue);
    at = fixed_i64(at, record->event.object);
    at = fixed_i64(at, record->event.first);
    fixed_i64(at, record->event.last);
}

void record_mark(const struct audit_keys *keys, const uint8_t record[RECORD_BYTES], uint8_t ret_mark[RECORD_MARK])
{
    crypto_generichash_blake2b(ret_mark, RECORD_MARK, record, RECORD_BYTES, keys->mark, sizeof(keys->mark));
}

void head_mac(const struct audit_keys *keys, const struct merkle *tree, const uint8_t root[MERKLE_HASH], uint8_t ret_mac[HEAD_MAC])
{
    crypto_generichash_blake2b_state state;
    uint8_t size[8];

    fixed_u64(size, tree->size);
    crypto_generichash_blake2b_init(&state, keys->head, sizeof(keys->head), HEAD_MAC);
    crypto_generichash_blake2b_update(&state, size, sizeof(size));
    crypto_generichash_blake2b_update(&state, root, MERKLE_HASH);
    crypto_generichash_blake2b_update(&state, tree->peaks[0], merkle_peaks(tree->size) * sizeof(tree->peaks[0]));
    crypto_generichash_blake2b_final(&state, ret_mac, HEAD_MAC);
}

// The row's bytes have the lengths that its size asks for.
static bool head_shaped(const struct sql_audit_head *row)
{
    return row->size > 0 && row->root.len == MERKLE_HASH && row->mac.len == HEAD_MAC &&
           row->peaks.len == merkle_peaks((uint64_t)row->size) * (size_t)MERKLE_HASH;
}

int head_read(struct db *db, const struct audit_keys *keys, struct merkle_hasher *hasher, struct merkle *ret_tree,
              const char **ret_problem)
{
    _cleanup_(arena_free_pointer) struct arena *arena = NULL;
    struct sql_audit_head row;
    struct merkle tree = { 0 };
    uint8_t root[MERKLE_HASH];
    uint8_t mac[HEAD_MAC];
    int r = arena_new(HEAD_MEMORY, &arena);

    if (r < 0)
        return r;
    r = sql_audit_head(db, arena, &row);
    if (r == -ENOENT) {
        ret_tree->size = 0;
        return 0;
    }
    if (r < 0)
        return r;
    if (!head_shaped(&row)) {
        *ret_problem = "the head of the log in the database is malformed";
        return -EBADMSG;
    }
    tree.size = (uint64_t)row.size;
    memcpy(tree.peaks, row.peaks.ptr, row.peaks.len);
    merkle_root(hasher, &tree, root);
    head_mac(keys, &tree, row.root.ptr, mac);
    if (sodium_memcmp(mac, row.mac.ptr, sizeof(mac)) != 0 || memcmp(root, row.root.ptr, sizeof(root)) != 0) {
        *ret_problem = "the head of the log in the database is not the one that the program wrote";
        return -EBADMSG;
    }
    merkle_copy(ret_tree, &tree);
    return 0;
}
