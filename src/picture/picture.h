// SPDX-License-Identifier: MPL-2.0
// Pictures from outside, made anew by a process of their own: one picture, one process, which ends with it. The process has no network, opens no files,
// holds nothing but the picture's bytes and one socket, and little time and memory. What it gives back is looked at as if it came
// from an attacker. Metadata (where and when a photo was taken) does not come through; the orientation is applied.
#pragma once

#include "base/arena.h"
#include "base/spawner.h"

#define PICTURE_INPUT_MAX ((size_t)256 << 20)
#define PICTURE_PIXELS_MAX 64000000   // 50 million come from the finest telephones
#define PICTURE_OUTPUT_MAX ((size_t)6 << 20)

enum picture_kind { PICTURE_NONE, PICTURE_JPEG, PICTURE_PNG, PICTURE_GIF, PICTURE_WEBP, PICTURE_HEIC };

// What the first bytes say it is: whether it is worth asking the worker.
enum picture_kind picture_kind_of(struct bytes input);

// A picture of ours: WebP without metadata, in the arena.
struct picture {
    uint32_t width, height;
    struct bytes webp;
};

enum picture_size { PICTURE_SMALL, PICTURE_MIDDLE, PICTURE_LARGE, PICTURE_SIZES };

// The longest side of each size; none is made larger than it was.
#define PICTURE_SMALL_SIDE 480
#define PICTURE_MIDDLE_SIDE 1280
#define PICTURE_LARGE_SIDE 2560
#define PICTURE_SQUARE_SIDE 256

// Makes the sizes. The spawner starts this binary and knows PICTURE_ARGUMENT. Blocks for at most half a minute. -EINVAL when it is no whole picture that can be read;
// -EFBIG when it has too many pixels; -EOPNOTSUPP for a kind that can't be read here (HEIC without its decoder); -EIO when the worker could not be
// run at all; -ENOMEM.
int picture_make(struct spawner *spawner, struct bytes input, struct arena *arena, struct picture ret_sizes[PICTURE_SIZES]);

// The part of a picture that a face is cut to, in thousandths: where its middle is, and how much larger than the picture's shorter side it is
// shown (1000: all of that side; 4000: a quarter).
struct picture_cut {
    uint32_t x, y, zoom;
};

// Makes a square of PICTURE_SQUARE_SIDE. Errors as above.
int picture_square(struct spawner *spawner, struct bytes input, struct picture_cut cut, struct arena *arena, struct picture *ret_picture);

// The worker's whole life: the program calls this first thing when it was started with this one argument.
#define PICTURE_ARGUMENT "picture-worker"
_Noreturn void picture_worker(void);
