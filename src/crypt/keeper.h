// SPDX-License-Identifier: MPL-2.0
// The keeper: a child process of the same binary that alone holds the master key. It has no network and no files; it
// talks over one socket. Whoever takes over the web process can ask it to unwrap, one by one and only with the right
// associated data, but can't carry the master key away.
#pragma once

#include "base/arena.h"

struct keeper;

#define KEEPER_SIGNATURE 64
#define KEEPER_PUBLIC_KEY 32

// Starts the child, which reads the master key file (32 bytes as 64 hexadecimal digits and a line feed; mode 0600 or
// stricter): the key is never in this process. Call before any thread exists and before any database is open. -ENOENT
// without a file, -EINVAL when it is malformed, -EPERM when others may read it, -EACCES when this process may not.
// All calls below may come from any thread; they wait for each other. -EIO when the keeper is gone.
int keeper_start(const char *key_file, struct keeper **ret_keeper);

// Whether the child still runs and answers. Without it nothing new can be opened: the server should end, to be started anew.
bool keeper_alive(struct keeper *keeper);

// Ends the child and waits for it. NULL is allowed.
void keeper_stop(struct keeper *keeper);

// Makes a new master key file (O_EXCL, mode 0400, fsynced, directory too). -EEXIST.
int keeper_create_key(const char *key_file);

// Wraps a 32-byte key under the master key with associated data (at most 1 KiB). Wrapped is KEEPER_WRAPPED bytes:
// algorithm byte, master key version, nonce, ciphertext, tag.
#define KEEPER_WRAPPED 80
int keeper_wrap(struct keeper *keeper, const uint8_t key[32], struct bytes associated, uint8_t ret_wrapped[KEEPER_WRAPPED]);

// -EBADMSG when the wrapped key or the associated data is not the one that was wrapped.
int keeper_unwrap(struct keeper *keeper, struct bytes wrapped, struct bytes associated, uint8_t ret_key[32]);

// A key for one purpose, derived from the first master key (BLAKE2b keyed with it, over the purpose). The same each time. -EINVAL for a purpose that is not in
// key_purposes (crypt/key_file.h): a rotation carries over only those.
int keeper_derive(struct keeper *keeper, struct str purpose, uint8_t ret_key[32]);

// Ed25519 signature by the installation's log key, and its public half.
int keeper_sign(struct keeper *keeper, struct bytes message, uint8_t ret_signature[KEEPER_SIGNATURE]);
int keeper_public_key(struct keeper *keeper, uint8_t ret_key[KEEPER_PUBLIC_KEY]);

// Shares: a dialogue's keys are wrapped under the master key and a share together, and the shares stand in a file of their own, outside the
// database and its backups. A destroyed share opens nothing any more, nowhere.
#define KEEPER_SHARES_AT_ONCE 64   // so many are made when one is wanted and none is left: one fsync for all of them

// Opens the file of shares; 'make' makes it when it is missing. Before any thread asks for a share. -ENOENT, -EINVAL, -EPERM: see crypt/shares.h.
int keeper_open_shares(struct keeper *keeper, const char *file, bool make);

// How many shares there are; 0 without a file.
int64_t keeper_shares(const struct keeper *keeper);

// The number of a share that no dialogue has: behind 'newest', the greatest number in use. It is on the disk. Writer's thread only.
// -ENOENT without a file of shares.
int keeper_take_share(struct keeper *keeper, int64_t newest, int64_t *ret_share);

// As keeper_wrap and keeper_unwrap, with a share. -EBADMSG also when the share was destroyed or is not there.
int keeper_wrap_shared(struct keeper *keeper, int64_t share, const uint8_t key[32], struct bytes associated,
                       uint8_t ret_wrapped[KEEPER_WRAPPED]);
int keeper_unwrap_shared(struct keeper *keeper, int64_t share, struct bytes wrapped, struct bytes associated, uint8_t ret_key[32]);

// Forgets a share for good: 0 when that is on the disk. All keyrings drop what they hold at their next keyring_trim. Writer's thread only.
int keeper_destroy_share(struct keeper *keeper, int64_t share);

// Whether a share is known to be destroyed. Any thread.
bool keeper_share_destroyed(const struct keeper *keeper, int64_t share);

// The first destroyed share behind a number; 0: there is none. Any thread.
int64_t keeper_next_destroyed(const struct keeper *keeper, int64_t behind);

// Rotation of the master key (docs/adr/0024-rotation.md). While the keeper has two, it opens what is under either, and wraps under the one that is used: the
// older, until it is told that whoever else works with the installation knows the newer one.
struct keeper_versions {
    uint32_t newest, used, lowest;   // all the same: no rotation is under way
    uint8_t box[KEEPER_PUBLIC_KEY];   // X25519; what is sealed for it (crypto_box_seal) this keeper alone can open, for as long as it runs
};
int keeper_versions(struct keeper *keeper, struct keeper_versions *ret_versions);

// Hands on the next master key, sealed in a box that the server can't open. -EBADMSG when whoever made it does not have the present one, or a rotation is
// under way. It opens from now on, and wraps nothing yet.
#define KEEPER_ADMISSION_BOX 120
int keeper_admit(struct keeper *keeper, const uint8_t box[KEEPER_ADMISSION_BOX]);

// Wraps under the newest master key from now on; again does no harm. Writer's thread only, so that nothing is on its way that was wrapped before.
int keeper_use(struct keeper *keeper);

// Forgets the older master key: nothing that is still under it opens from now on. Without one it does no harm. -EINVAL while the older one is used.
int keeper_retire(struct keeper *keeper);

// Whether something wrapped is under the master key that is used.
bool keeper_is_current(const struct keeper *keeper, const uint8_t wrapped[KEEPER_WRAPPED]);

// Wraps the shares from a number on anew, at most KEEPER_REWRAP_SHARES, and says where to go on; 0: there are no more. Writer's thread only.
#define KEEPER_REWRAP_SHARES 256
int keeper_rewrap_shares(struct keeper *keeper, int64_t from, int64_t *ret_next);

// Wraps a key anew that needs a share. -EBADMSG when it is not authentic, or its share was destroyed.
int keeper_rewrap_shared(struct keeper *keeper, int64_t share, struct bytes wrapped, struct bytes associated, uint8_t ret_wrapped[KEEPER_WRAPPED]);

// Notes how much was destroyed by all servers that share the file, this one too: true when that is more than was known before; then all
// keyrings drop what they hold at their next keyring_trim. Any thread.
bool keeper_note_destroyed(struct keeper *keeper, int64_t total);

// Counts what was destroyed since the start.
uint64_t keeper_destroyed(const struct keeper *keeper);
