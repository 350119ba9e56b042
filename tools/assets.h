// SPDX-License-Identifier: MPL-2.0
// The generator for assets: files become bytes in the program, under names that hold their hash, compressed ahead of time.
#pragma once

#include "source.h"

#define ASSET_MAX ((size_t)8 << 20)   // bytes of one asset

struct asset_file {
    struct str name;       // "samtraad.css"
    const char *type;      // media type
    bool compresses;       // its kind of file shrinks
    bool style;            // references in it are rewritten
    struct source source;
    struct str bytes;      // what is served
    struct str path;       // "/asset/samtraad.3f2a91c0.css"
    struct str gzip, brotli;   // ptr NULL when they do not pay
    char integrity[64];    // "sha256-…"
};

struct asset_files {
    struct arena *arena;
    struct asset_file *list;
    size_t count;
};

// Adds a file given as "path" or "name=path". -EINVAL with the fault set: unreadable, an unknown ending, a name that is there already.
int assets_add(struct asset_files *assets, const char *argument, struct fault *fault);

// Rewrites url(…) in style sheets, makes hashes and compressed forms, and sorts by path. -EINVAL: a style sheet refers to something that is no asset.
int assets_finish(struct asset_files *assets);

// Rewrites the references of one style sheet; the assets it names have their paths already.
int assets_rewrite(struct asset_files *assets, const struct source *source, struct buf *buf);

// Writes the table, and a header with a macro for each asset's path.
void assets_emit(const struct asset_files *assets, struct buf *header, struct buf *code);
