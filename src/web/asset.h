// SPDX-License-Identifier: MPL-2.0
// Files that are part of the program (style, scripts, pictures, fonts): served with hashed names,
// pre-compressed, cacheable for ever.
#pragma once

#include "base/str.h"

struct asset {
    const char *name;   // "samtraad.css"
    const char *path;   // "/asset/samtraad.3f2a91c0.css"
    const char *type;   // media type
    struct bytes plain;
    struct bytes gzip;   // ptr NULL when compression does not pay
    struct bytes brotli;
    const char *integrity;   // "sha256-…", for script and link elements
};

// All assets, by path ascending; made by tools/assets. References between assets (url(…) in style
// sheets) are rewritten to the hashed paths.
extern const struct asset assets[];
extern const unsigned assets_count;

// NULL when there is none.
const struct asset *asset_by_path(struct str path);

// The hashed path of an asset; aborts for an unknown name: templates name assets at build time and
// tools/templates has checked them.
struct str asset_path(const char *name);
