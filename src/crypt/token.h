// SPDX-License-Identifier: MPL-2.0
// A token of PKCS#11 (a smart card, an HSM) whose AES key seals the master key's file: docs/adr/0031-credential.md. Modules are those that this machine's
// administrator has set up for p11-kit; they are loaded for one call and let go of again.
#pragma once

#include "base/str.h"

#define TOKEN_URI_MAX 600        // of RFC 7512, with token=, object= and pin-source=
#define TOKEN_OVERHEAD (12 + 16)   // nonce, tag

// Whether it is such an address, with what is needed of it and without a PIN in it.
bool token_uri_fits(const char *uri);

// AES-256-GCM in the token. Sealing gives TOKEN_OVERHEAD bytes more than there were; opening that many less, but wants room for all of
// 'sealed', since tokens do. -ENODEV: no module has that token, or it no such key
// (or several); -EACCES: the PIN file can't be read, or the token refuses the PIN; -EPERM: others may read the PIN file; -EBADMSG: not sealed by that key; -EIO;
// -EINVAL: the address.
int token_seal(const char *uri, struct bytes plain, uint8_t *ret_sealed);
int token_open(const char *uri, struct bytes sealed, uint8_t *ret_plain);
