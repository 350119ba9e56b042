// SPDX-License-Identifier: MPL-2.0
#include "crypt/nonces.h"

#include "base/random.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

#define NONCES 340

struct nonces {
    uint32_t left;
    uint8_t bytes[NONCES][NONCE];
};

_Static_assert(sizeof(struct nonces) <= 4096, "one page");

int nonces_new(struct nonces **ret_nonces)
{
    struct nonces *nonces = mmap(NULL, sizeof(*nonces), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (nonces == MAP_FAILED)
        return -ENOMEM;
    // After a fork the child finds zeros, thus none left.
    if (madvise(nonces, sizeof(*nonces), MADV_WIPEONFORK) < 0) {
        munmap(nonces, sizeof(*nonces));
        return -errno;
    }
    *ret_nonces = nonces;
    return 0;
}

void nonces_free(struct nonces *nonces)
{
    if (nonces)
        munmap(nonces, sizeof(*nonces));
}

const uint8_t *nonces_take(struct nonces *nonces)
{
    if (nonces->left == 0) {
        random_bytes(nonces->bytes, sizeof(nonces->bytes));
        nonces->left = NONCES;
    }
    return nonces->bytes[--nonces->left];
}
