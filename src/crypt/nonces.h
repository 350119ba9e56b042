// SPDX-License-Identifier: MPL-2.0
// Random 96-bit nonces, taken from the kernel by the page: a system call for each would cost more than the sealing.
#pragma once

#include <stdint.h>

#define NONCE 12

struct nonces;

// -ENOMEM.
int nonces_new(struct nonces **ret_nonces);
void nonces_free(struct nonces *nonces);

// NONCE bytes, good until the next call. A forked child never gets one that its parent gets.
const uint8_t *nonces_take(struct nonces *nonces);
