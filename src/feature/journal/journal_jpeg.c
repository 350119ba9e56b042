// SPDX-License-Identifier: MPL-2.0
// Pictures are kept as WebP, which PDF does not know.
#include "feature/journal/journal_layout.h"

#include <errno.h>
#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>
#include <webp/decode.h>

#define SIDE_MAX 1400    // pixels: 200 to the inch across the page
#define PIXELS_MAX 64000000
#define QUALITY 82

struct failing {
    struct jpeg_error_mgr manager;   // first
    jmp_buf back;
};

static void fail(j_common_ptr info)
{
    longjmp(((struct failing *)info->err)->back, 1);
}

static int compress(const uint8_t *rgb, struct journal_jpeg *jpeg)
{
    struct jpeg_compress_struct info;
    struct failing failing;
    info.err = jpeg_std_error(&failing.manager);
    failing.manager.error_exit = fail;
    if (setjmp(failing.back)) {
        jpeg_destroy_compress(&info);
        return -EIO;
    }
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, &jpeg->data, &jpeg->len);
    info.image_width = (JDIMENSION)jpeg->width;
    info.image_height = (JDIMENSION)jpeg->height;
    info.input_components = 3;
    info.in_color_space = JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, QUALITY, TRUE);
    jpeg_start_compress(&info, TRUE);
    while (info.next_scanline < info.image_height) {
        JSAMPROW row = (JSAMPROW)(uintptr_t)(rgb + (size_t)info.next_scanline * 3 * (size_t)jpeg->width);
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    return 0;
}

int journal_jpeg(struct bytes webp, struct journal_jpeg *ret_jpeg)
{
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config) || WebPGetFeatures(webp.ptr, webp.len, &config.input) != VP8_STATUS_OK)
        return -EBADMSG;
    int width = config.input.width, height = config.input.height, longest = width > height ? width : height;
    if (width < 1 || height < 1 || (int64_t)width * height > PIXELS_MAX || config.input.has_animation)
        return -EBADMSG;
    if (longest > SIDE_MAX) {
        width = width * SIDE_MAX / longest > 0 ? width * SIDE_MAX / longest : 1;
        height = height * SIDE_MAX / longest > 0 ? height * SIDE_MAX / longest : 1;
        config.options.use_scaling = 1;
        config.options.scaled_width = width;
        config.options.scaled_height = height;
    }
    config.output.colorspace = MODE_RGB;
    if (WebPDecode(webp.ptr, webp.len, &config) != VP8_STATUS_OK)
        return -EBADMSG;
    struct journal_jpeg jpeg = { .width = width, .height = height };
    int result = config.output.u.RGBA.stride == 3 * width ? compress(config.output.u.RGBA.rgba, &jpeg) : -EBADMSG;
    WebPFreeDecBuffer(&config.output);
    if (result < 0)
        free(jpeg.data);
    else
        *ret_jpeg = jpeg;
    return result;
}
