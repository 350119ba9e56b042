// SPDX-License-Identifier: MPL-2.0
#include "assets.h"

#include <brotli/encode.h>
#include <errno.h>
#include <libdeflate.h>
#include <sodium.h>

struct kind {
    const char *ending, *type;
    bool compresses;
};

static const struct kind kinds[] = {
    { ".css", "text/css; charset=utf-8", true },
    { ".js", "text/javascript; charset=utf-8", true },
    { ".svg", "image/svg+xml", true },
    { ".json", "application/json", true },
    { ".txt", "text/plain; charset=utf-8", true },
    { ".webmanifest", "application/manifest+json", true },
    { ".ico", "image/x-icon", true },
    { ".png", "image/png", false },
    { ".jpg", "image/jpeg", false },
    { ".webp", "image/webp", false },
    { ".woff2", "font/woff2", false },
};

static struct str ending_of(struct str name)
{
    size_t at = name.len;
    while (at > 0 && name.ptr[at - 1] != '.')
        at--;
    return at > 0 ? (struct str){ name.ptr + at - 1, name.len - at + 1 } : (struct str){ name.ptr + name.len, 0 };
}

static struct str base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return str_from(slash ? slash + 1 : path);
}

// Names become macros: two that differ only in punctuation are the same.
static bool same_macro(struct str a, struct str b)
{
    bool same = a.len == b.len;
    for (size_t i = 0; same && i < a.len; i++)
        same = a.ptr[i] == b.ptr[i] || (!is_name(a.ptr[i]) && !is_name(b.ptr[i]));
    return same;
}

int assets_add(struct asset_files *assets, const char *argument, struct fault *fault)
{
    const char *equals = strchr(argument, '=');
    const char *path = equals ? equals + 1 : argument;
    struct asset_file file = { .name = equals ? (struct str){ argument, (size_t)(equals - argument) } : base_name(path) };
    struct str ending = ending_of(file.name);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (str_equal(ending, str_from(kinds[i].ending))) {
            file.type = kinds[i].type;
            file.compresses = kinds[i].compresses;
        }
    }
    if (!file.type)
        return fault_set(fault, "%.200s: expected an ending that tools/assets.c knows, found \"%.*s\"", path, (int)ending.len, ending.ptr);
    file.style = str_equal(ending, STR(".css"));
    for (size_t i = 0; i < assets->count; i++) {
        if (same_macro(assets->list[i].name, file.name))
            return fault_set(fault, "%.200s: expected a name of its own, found %.*s again", path, (int)file.name.len, file.name.ptr);
    }
    int r = source_read(assets->arena, path, ASSET_MAX, fault, &file.source);
    if (r < 0)
        return r;
    assets->list = arena_grow(assets->arena, assets->list, assets->count, sizeof(file));
    if (!assets->list)
        return -ENOMEM;
    assets->list[assets->count++] = file;
    return 0;
}

static int make_path(struct arena *arena, struct asset_file *file)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const unsigned char *)file->bytes.ptr, file->bytes.len);
    char hex[9];
    sodium_bin2hex(hex, sizeof(hex), hash, 4);
    char base64[sodium_base64_ENCODED_LEN(sizeof(hash), sodium_base64_VARIANT_ORIGINAL)];
    sodium_bin2base64(base64, sizeof(base64), hash, sizeof(hash), sodium_base64_VARIANT_ORIGINAL);
    (void)snprintf(file->integrity, sizeof(file->integrity), "sha256-%s", base64);
    struct str ending = ending_of(file->name);
    file->path = arena_format(arena, "/asset/%.*s.%s%.*s", (int)(file->name.len - ending.len), file->name.ptr, hex, (int)ending.len, ending.ptr);
    return file->path.ptr ? 0 : -ENOMEM;
}

static int compress_gzip(struct arena *arena, struct str plain, struct str *ret_packed)
{
    struct libdeflate_compressor *compressor = libdeflate_alloc_compressor(12);
    char *room = compressor ? arena_alloc(arena, plain.len + 1) : NULL;
    size_t len = room ? libdeflate_gzip_compress(compressor, plain.ptr, plain.len, room, plain.len) : 0;
    libdeflate_free_compressor(compressor);
    // 0: it did not get smaller.
    if (len > 0 && len < plain.len)
        *ret_packed = (struct str){ room, len };
    return room ? 0 : -ENOMEM;
}

static int compress_brotli(struct arena *arena, struct str plain, struct str *ret_packed)
{
    size_t len = plain.len;
    uint8_t *room = arena_alloc(arena, plain.len + 1);
    if (!room)
        return -ENOMEM;
    if (BrotliEncoderCompress(BROTLI_MAX_QUALITY, BROTLI_MAX_WINDOW_BITS, BROTLI_MODE_GENERIC, plain.len, (const uint8_t *)plain.ptr, &len, room)
        && len < plain.len)
        *ret_packed = (struct str){ (const char *)room, len };
    return 0;
}

static int finish_file(struct asset_files *assets, struct asset_file *file)
{
    file->bytes = file->source.text;
    if (file->style) {
        struct buf buf = buf_bounded(ASSET_MAX * 2);
        int r = assets_rewrite(assets, &file->source, &buf);
        file->bytes = buf.error ? (struct str){ NULL, 0 } : arena_str(assets->arena, buf_view(&buf));
        buf_free(&buf);
        if (r < 0 || !file->bytes.ptr)
            return r < 0 ? r : -ENOMEM;
    }
    int r = make_path(assets->arena, file);
    if (r == 0 && file->compresses)
        r = compress_gzip(assets->arena, file->bytes, &file->gzip);
    if (r == 0 && file->compresses)
        r = compress_brotli(assets->arena, file->bytes, &file->brotli);
    return r;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct asset_file *)a)->path.ptr, ((const struct asset_file *)b)->path.ptr);
}

int assets_finish(struct asset_files *assets)
{
    // Style sheets last: they hold the paths of the others.
    for (int style = 0; style <= 1; style++) {
        for (size_t i = 0; i < assets->count; i++) {
            int r = assets->list[i].style == style ? finish_file(assets, &assets->list[i]) : 0;
            if (r < 0)
                return r;
        }
    }
    if (assets->count > 0)
        qsort(assets->list, assets->count, sizeof(*assets->list), by_path);
    return 0;
}
