// SPDX-License-Identifier: MPL-2.0
// Any bytes as a proof: refused, or exactly the text that the same values are written as; checking it never goes outside.
#include "audit/proof.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t zeros[PROOF_DIGEST];
    struct buf text = buf_bounded(PROOF_TEXT_MAX);
    const char *problem = NULL;
    struct proof proof;

    if (proof_parse(bytes_str(bytes_from(data, size)), &proof) == 0) {
        proof_format(&proof, &text);
        assert(text.error == 0 && text.len == size && memcmp(text.data, data, size) == 0);
        assert(proof_check(&proof, zeros, zeros, &problem) < 0 && problem);
    }
    buf_free(&text);
    return 0;
}
