// SPDX-License-Identifier: MPL-2.0
// libvips, loaded by the picture worker when it runs: the server itself has neither it nor the hundred libraries behind it in its memory. The
// declarations are those of libvips.so.42, whose interface is stable under that name.
#pragma once

#include <stddef.h>

struct vips_image;   // a VipsImage

struct vips {
    int (*init)(const char *program);
    int (*version)(int which);
    void (*concurrency_set)(int threads);
    void (*cache_set_max)(int operations);
    void (*vector_set_enabled)(int enabled);
    void (*operation_block_set)(const char *name, int blocked);
    struct vips_image *(*image_new_from_buffer)(const void *data, size_t len, const char *options, ...);
    int (*image_get_width)(const struct vips_image *image);
    int (*image_get_height)(const struct vips_image *image);
    struct vips_image *(*image_copy_memory)(struct vips_image *image);
    int (*thumbnail_buffer)(const void *data, size_t len, struct vips_image **out, int width, ...);
    int (*thumbnail_image)(struct vips_image *in, struct vips_image **out, int width, ...);
    int (*extract_area)(struct vips_image *in, struct vips_image **out, int left, int top, int width, int height, ...);
    int (*webpsave_buffer)(struct vips_image *in, void **data, size_t *len, ...);
    void (*unref)(void *object);
};

#define VIPS_SIZE_DOWN 2
#define VIPS_SIZE_FORCE 3

// Loads the library and makes ready what decoding and encoding need, with only the readers of photographs' formats. -ENOENT when
// it is not installed.
int vips_load(struct vips *ret_vips);
