// SPDX-License-Identifier: MPL-2.0
// The container of WebP pictures (RFC 9649): what stands in it beside the picture itself.
#pragma once

#include "base/str.h"

// Takes everything out but the picture and its transparency: Exif, XMP, colour profile, animation. In place; the new length, 0 when this is no WebP.
size_t webp_bare(uint8_t *webp, size_t len);

// Whether it is a WebP whole and alone, with nothing in it that webp_bare would take out.
bool webp_is_bare(struct bytes webp);
