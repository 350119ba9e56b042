// SPDX-License-Identifier: MPL-2.0
// The master key's file. As "samtraad init" makes it: 64 hexadecimal digits and a line feed. After a rotation (docs/adr/0024-rotation.md):
//
//     samtraad master key 2
//     key 2 HEX                  the newest first; while a rotation is under way also the one before
//     key 1 HEX
//     use 1                      while not every server knows the newer one yet: the older wraps, both open
//     carried HEX lookup login   keys for purposes, which stay what they were under the first master key
//     signing HEX
// Sealed by a token (crypt/token.h), either form is the plain text of:
//
//     samtraad sealed master key 1
//     token pkcs11:token=samtraad;object=master?pin-source=/etc/samtraad/keys/pin
//     sealed HEX
#pragma once

#include "crypt/token.h"

#include <sys/types.h>

#define KEY_BYTES 32
#define KEY_FILE_MAX 4096     // bytes; no file is longer
#define KEY_TEXT_MAX 1600     // of its plain text
#define KEY_PURPOSES 9
#define KEY_SIGNING KEY_PURPOSES   // the seed of the log's key stands behind the purposes

// All purposes that keys are derived for (keeper_derive): a rotation carries these over, so no other may be asked for.
extern const char *const key_purposes[KEY_PURPOSES];

struct key_file {
    unsigned count;   // of masters: 1 or 2, the newest first
    struct {
        uint32_t version;
        uint8_t key[KEY_BYTES];
    } masters[2];
    bool uses_older;  // only with two
    bool carries[KEY_PURPOSES + 1];
    uint8_t carried[KEY_PURPOSES + 1][KEY_BYTES];
    char token[TOKEN_URI_MAX + 1];   // by which the file is sealed; empty: by none
};

// Reads the file's text, with the token's help where it is sealed. -EINVAL; -ENOKEY: the token can't be used, or did not seal it. What was read
// is in ret_file only when it is all right.
int key_file_parse(struct str text, struct key_file *ret_file);

// Writes the second form, sealed where a token is named; gives its length, or 0 when the token can't be used.
size_t key_file_format(const struct key_file *file, char ret_text[KEY_FILE_MAX]);

// Fills in what is not carried yet, from the oldest key.
void key_file_carry(struct key_file *file);

// A key for one purpose of the keeper's own or of its callers, by the area. BLAKE2b keyed with the master key.
void key_derive(const uint8_t master[KEY_BYTES], const char area[16], struct bytes purpose, uint8_t ret_key[KEY_BYTES]);

// Whether a key's file lies in the folder where systemd hands over credentials ($CREDENTIALS_DIRECTORY), which no other user may enter:
// docs/adr/0031-credential.md.
bool key_file_is_credential(const char *path);

// Whether the mode of a key's file lets others read it. Of a credential the group's bits show only the mask of its access list.
bool key_file_is_exposed(const char *path, mode_t mode);

// Reads and writes the file itself: for "samtraad rotate", which holds the keys for a moment in locked memory. Reading: -ENOENT, -EPERM when others may read
// it, -EINVAL. Writing replaces it at once or not at all, with its owner and mode, and overwrites what stood in the old one.
int key_file_read(const char *path, struct key_file *ret_file);
int key_file_replace(const char *path, const struct key_file *file);
