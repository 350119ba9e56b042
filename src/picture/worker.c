// SPDX-License-Identifier: MPL-2.0
// The worker's side: started as the program itself, with one socket as its standard input.
#include "picture/cell.h"
#include "picture/message.h"
#include "picture/vips.h"
#include "picture/webp.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define QUALITY 80

struct work {
    struct vips vips;
    struct bytes input;
    uint32_t job;
    struct picture_cut cut;
    struct picture made[PICTURE_SIZES];
    size_t count;
};

static bool receive_all(uint8_t *data, size_t len)
{
    while (len > 0) {
        ssize_t n = recv(0, data, len, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        data += n;
        len -= (size_t)n;
    }
    return true;
}

static bool send_all(const uint8_t *data, size_t len)
{
    while (len > 0) {
        ssize_t n = send(0, data, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        data += n;
        len -= (size_t)n;
    }
    return true;
}

static bool take_job(struct work *work)
{
    uint8_t head[MESSAGE_HEAD];

    if (!receive_all(head, sizeof(head)) || message_get(head) != MESSAGE_FORMAT)
        return false;
    work->job = message_get(head + 4);
    work->cut = (struct picture_cut){ message_get(head + 8), message_get(head + 12), message_get(head + 16) };
    size_t len = message_get(head + 20);
    uint8_t *input = len > 0 && len <= PICTURE_INPUT_MAX ? malloc(len) : NULL;
    if (!input || !receive_all(input, len))
        return false;
    work->input = bytes_from(input, len);
    return true;
}

static enum message_status keep(struct work *work, struct vips_image *image)
{
    void *data;
    size_t len;

    if (work->vips.webpsave_buffer(image, &data, &len, "strip", 1, "profile", "none", "Q", QUALITY, NULL) != 0)
        return MESSAGE_UNREADABLE;
    len = webp_bare(data, len);
    if (len == 0 || len > PICTURE_OUTPUT_MAX)
        return MESSAGE_UNREADABLE;
    work->made[work->count++] = (struct picture){ (uint32_t)work->vips.image_get_width(image), (uint32_t)work->vips.image_get_height(image),
                                                  bytes_from(data, len) };
    return MESSAGE_DONE;
}

// Opens the picture upright, in the colours of screens, no longer than 'side', whole in memory. The size that it claims is looked at before anything is decoded.
static enum message_status open_picture(struct work *work, int side, struct vips_image **ret_image)
{
    const struct vips *vips = &work->vips;
    enum message_status unreadable = picture_kind_of(work->input) == PICTURE_HEIC ? MESSAGE_UNKNOWN_KIND : MESSAGE_UNREADABLE;
    struct vips_image *image;

    if (picture_kind_of(work->input) == PICTURE_NONE)
        return MESSAGE_UNKNOWN_KIND;
    struct vips_image *head = vips->image_new_from_buffer(work->input.ptr, work->input.len, "", NULL);
    if (!head)
        return unreadable;
    int64_t pixels = (int64_t)vips->image_get_width(head) * vips->image_get_height(head);
    vips->unref(head);
    if (pixels > PICTURE_PIXELS_MAX)
        return MESSAGE_TOO_LARGE;
    if (vips->thumbnail_buffer(work->input.ptr, work->input.len, &image, side, "height", side, "size", VIPS_SIZE_DOWN, "export_profile", "srgb",
                               "option_string", "fail_on=truncated", NULL) != 0)
        return unreadable;
    *ret_image = vips->image_copy_memory(image);
    return *ret_image ? MESSAGE_DONE : unreadable;
}

static enum message_status make_sizes(struct work *work)
{
    static const int sides[PICTURE_SIZES] = { PICTURE_SMALL_SIDE, PICTURE_MIDDLE_SIDE, PICTURE_LARGE_SIDE };
    struct vips_image *large, *image;
    enum message_status status = open_picture(work, PICTURE_LARGE_SIDE, &large);

    for (size_t i = 0; i < PICTURE_SIZES && status == MESSAGE_DONE; i++) {
        if (i == PICTURE_LARGE)
            image = large;
        else if (work->vips.thumbnail_image(large, &image, sides[i], "height", sides[i], "size", VIPS_SIZE_DOWN, NULL) != 0)
            return MESSAGE_UNREADABLE;
        status = keep(work, image);
    }
    return status;
}

static int between(int low, int value, int high)
{
    return value < low ? low : value > high ? high : value;
}

static enum message_status make_square(struct work *work)
{
    const struct vips *vips = &work->vips;
    const struct picture_cut cut = work->cut;
    struct vips_image *image, *part, *square;

    if (cut.x > 1000 || cut.y > 1000 || cut.zoom < 1000 || cut.zoom > 10000)
        return MESSAGE_FAILED;
    enum message_status status = open_picture(work, PICTURE_LARGE_SIDE, &image);
    if (status != MESSAGE_DONE)
        return status;
    int width = vips->image_get_width(image), height = vips->image_get_height(image);
    int side = between(1, (width < height ? width : height) * 1000 / (int)cut.zoom, width < height ? width : height);
    int left = between(0, width * (int)cut.x / 1000 - side / 2, width - side), top = between(0, height * (int)cut.y / 1000 - side / 2, height - side);
    if (vips->extract_area(image, &part, left, top, side, side, NULL) != 0 ||
        vips->thumbnail_image(part, &square, PICTURE_SQUARE_SIDE, "height", PICTURE_SQUARE_SIDE, "size", VIPS_SIZE_FORCE, NULL) != 0)
        return MESSAGE_UNREADABLE;
    return keep(work, square);
}

static bool reply(const struct work *work, enum message_status status)
{
    uint8_t head[MESSAGE_REPLY_HEAD + PICTURE_SIZES * MESSAGE_PICTURE_HEAD];
    size_t count = status == MESSAGE_DONE ? work->count : 0;
    uint8_t *at = message_put(head, MESSAGE_FORMAT);

    at = message_put(at, status);
    at = message_put(at, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        at = message_put(at, work->made[i].width);
        at = message_put(at, work->made[i].height);
        at = message_put(at, (uint32_t)work->made[i].webp.len);
    }
    bool sent = send_all(head, (size_t)(at - head));
    for (size_t i = 0; i < count && sent; i++)
        sent = send_all(work->made[i].webp.ptr, work->made[i].webp.len);
    return sent;
}

// Leaves everything behind that came along with the start. What libraries print about a hostile picture goes nowhere.
static bool shed(void)
{
    prctl(PR_SET_NAME, "samtraad-pic");
    prctl(PR_SET_DUMPABLE, 0);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || close_range(3, ~0U, 0) < 0 || clearenv() != 0)
        return false;
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    return nowhere >= 0 && dup2(nowhere, 1) >= 0 && dup2(nowhere, 2) >= 0 && (nowhere <= 2 || close(nowhere) == 0);
}

static enum message_status do_job(struct work *work)
{
    if (!take_job(work))
        return MESSAGE_FAILED;
    if (work->job == MESSAGE_MAKE)
        return make_sizes(work);
    return work->job == MESSAGE_SQUARE ? make_square(work) : MESSAGE_FAILED;
}

_Noreturn void picture_worker(void)
{
    static struct work work;
    bool ready = shed() && vips_load(&work.vips) == 0 && close(1) == 0 && close(2) == 0 && cell_enter() == 0;

    _exit(reply(&work, ready ? do_job(&work) : MESSAGE_FAILED) && ready ? EXIT_SUCCESS : EXIT_FAILURE);
}
