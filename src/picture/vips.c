// SPDX-License-Identifier: MPL-2.0
#include "picture/vips.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The function's address goes through memory, since C has no conversion between the two kinds of pointers.
static bool take(void *library, const char *name, void *ret_function)
{
    void *address = dlsym(library, name);

    memcpy(ret_function, &address, sizeof(address));
    return address != NULL;
}

static bool take_all(void *library, struct vips *vips)
{
    return take(library, "vips_init", &vips->init) && take(library, "vips_version", &vips->version) &&
           take(library, "vips_concurrency_set", &vips->concurrency_set) && take(library, "vips_cache_set_max", &vips->cache_set_max) &&
           take(library, "vips_vector_set_enabled", &vips->vector_set_enabled) &&
           take(library, "vips_operation_block_set", &vips->operation_block_set) &&
           take(library, "vips_image_new_from_buffer", &vips->image_new_from_buffer) &&
           take(library, "vips_image_get_width", &vips->image_get_width) && take(library, "vips_image_get_height", &vips->image_get_height) &&
           take(library, "vips_image_copy_memory", &vips->image_copy_memory) &&
           take(library, "vips_thumbnail_buffer", &vips->thumbnail_buffer) && take(library, "vips_thumbnail_image", &vips->thumbnail_image) &&
           take(library, "vips_extract_area", &vips->extract_area) && take(library, "vips_webpsave_buffer", &vips->webpsave_buffer) &&
           take(library, "g_object_unref", &vips->unref);
}

// The reader of HEIC lies in a module beside the library. Only that one is loaded: others bring interpreters and document formats along.
static void load_heic(const struct vips *vips)
{
    void *(*module_open)(const char *path, int flags);
    char path[1024];
    Dl_info info;
    void *function;

    memcpy(&function, &vips->init, sizeof(function));
    if (!dladdr(function, &info) || !info.dli_fname)
        return;
    const char *name = strrchr(info.dli_fname, '/');
    int len = snprintf(path, sizeof(path), "%.*s/vips-modules-%d.%d/vips-heif.so", name ? (int)(name - info.dli_fname) : 0, info.dli_fname,
                       vips->version(0), vips->version(1));
    void *library = dlopen("libgmodule-2.0.so.0", RTLD_NOW);
    if (library && len > 0 && (size_t)len < sizeof(path) && take(library, "g_module_open", &module_open))
        module_open(path, 0);
}

// A tiny picture there and back: whatever is only loaded at the first use (tables, profiles, threads) is loaded now, while it can be.
static void warm_up(const struct vips *vips)
{
    static const char gif[] = "GIF89a\x02\0\x02\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\1\0\0\0\0,\0\0\0\0\2\0\2\0\0\2\3\x0c\x10\5\0;";
    struct vips_image *image;
    void *data = NULL;
    size_t len;

    if (vips->thumbnail_buffer(gif, sizeof(gif) - 1, &image, 1, "export_profile", "srgb", NULL) != 0)
        return;
    if (vips->webpsave_buffer(image, &data, &len, "strip", 1, NULL) == 0)
        free(data);
    vips->unref(image);
}

int vips_load(struct vips *ret_vips)
{
    static const char *const readers[] = { "VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp", "VipsForeignLoadNsgif", "VipsForeignLoadHeif" };
    struct vips vips;
    void *library;

    // No modules of its own choice, and no code made at run time.
    if (setenv("VIPSHOME", "/nonexistent", 1) < 0 || setenv("VIPS_NOVECTOR", "1", 1) < 0 || setenv("ORC_CODE", "backup", 1) < 0)
        return -errno;
    library = dlopen("libvips.so.42", RTLD_NOW);
    if (!library || !take_all(library, &vips) || vips.init("samtraad") != 0)
        return -ENOENT;
    load_heic(&vips);
    vips.concurrency_set(1);
    vips.cache_set_max(0);
    vips.vector_set_enabled(0);
    vips.operation_block_set("VipsForeignLoad", 1);
    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
        vips.operation_block_set(readers[i], 0);
    warm_up(&vips);
    *ret_vips = vips;
    return 0;
}
