// SPDX-License-Identifier: MPL-2.0
// Hexadecimal, and base64url without padding (RFC 4648 section 5).
#pragma once

#include "base/arena.h"

// Text of the bytes; ptr is NULL when memory is exhausted.
struct str encode_hex(struct arena *arena, struct bytes bytes);
struct str encode_base64url(struct arena *arena, struct bytes bytes);

// -EINVAL for any character outside the alphabet or a wrong length; -ENOMEM.
int decode_hex(struct arena *arena, struct str text, struct bytes *ret_bytes);
int decode_base64url(struct arena *arena, struct str text, struct bytes *ret_bytes);

// Reads exactly len bytes of hexadecimal; -EINVAL.
int decode_hex_exact(struct str text, void *ret_data, size_t len);
