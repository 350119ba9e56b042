// SPDX-License-Identifier: MPL-2.0
#include "web/form_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    form_fuzz_one(FORM_JSON, data, size);
    return 0;
}
