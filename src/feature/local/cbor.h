// SPDX-License-Identifier: MPL-2.0
// A look through CBOR (RFC 8949) before a library reads it: libcbor sets aside what a map or array promises, however many entries that are.
#pragma once

#include "base/str.h"

#define CBOR_DEPTH_MAX 4   // as CTAP2 allows (section 8, "Message Encoding")

// Whether the bytes are just so many data items, one after the other: every length and count definite and within the bytes, no tags, not nested deeper than
// CBOR_DEPTH_MAX.
bool cbor_sound(struct bytes bytes, size_t items);
