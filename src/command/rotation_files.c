// SPDX-License-Identifier: MPL-2.0
#include "command/rotation_files.h"

#include "base/cleanup.h"
#include "base/encode.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>

#define TEXT_MAX 600

static const char *path_of(const struct options *options, const char *name)
{
    return arena_format(options->arena, "%s/%s", options->data, name).ptr;
}

int rotation_paths(const struct options *options, struct rotation_paths *ret_paths)
{
    *ret_paths = (struct rotation_paths){ .box = path_of(options, "keeper.box"), .request = path_of(options, "rotation"),
                                          .state = path_of(options, "rotation.state"), .fresh = path_of(options, "rotation.new") };
    return ret_paths->box && ret_paths->request && ret_paths->state && ret_paths->fresh ? 0 : -ENOMEM;
}

// All or nothing for whoever reads it. What a power cut loses is asked or said again.
int rotation_put(const char *fresh, const char *path, struct str text)
{
    _cleanup_(close_descriptor) int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0)
        return -errno;
    int r = file_write(fd, str_bytes(text));
    if (r < 0)
        return r;
    return renameat(AT_FDCWD, fresh, AT_FDCWD, path) < 0 ? -errno : 0;
}

int rotation_get(const char *path, char *text, size_t size, struct str *ret_text)
{
    _cleanup_(close_descriptor) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = fd < 0 ? -errno : file_read_at(fd, text, size, 0);

    if (n < 0)
        return (int)n;
    *ret_text = (struct str){ text, (size_t)n };
    return 0;
}

int rotation_put_state(const struct rotation_paths *paths, const struct rotation_state *state)
{
    char text[TEXT_MAX];
    int len = snprintf(text, sizeof(text), "newest %lld\nlowest %lld\ncomplete %d\nrefused %d\nshares %lld\ngrants %lld\nfalse %lld\n",
                       (long long)state->newest, (long long)state->lowest, state->complete, state->refused, (long long)state->shares,
                       (long long)state->grants, (long long)state->false_grants);

    return rotation_put(paths->fresh, paths->state, (struct str){ text, (size_t)len });
}

static int take_number(struct str *text, struct str name, int64_t *ret_number)
{
    struct str line = str_cut(text, '\n');

    return str_equal(str_cut(&line, ' '), name) ? str_to_int(line, ret_number) : -EINVAL;
}

int rotation_state_read(const struct options *options, struct rotation_state *ret_state)
{
    struct rotation_state state;
    struct rotation_paths paths;
    char buffer[TEXT_MAX];
    struct str text;
    int64_t complete, refused;
    int r = rotation_paths(options, &paths);

    r = r < 0 ? r : rotation_get(paths.state, buffer, sizeof(buffer), &text);
    r = r < 0 ? r : take_number(&text, STR("newest"), &state.newest);
    r = r < 0 ? r : take_number(&text, STR("lowest"), &state.lowest);
    r = r < 0 ? r : take_number(&text, STR("complete"), &complete);
    r = r < 0 ? r : take_number(&text, STR("refused"), &refused);
    r = r < 0 ? r : take_number(&text, STR("shares"), &state.shares);
    r = r < 0 ? r : take_number(&text, STR("grants"), &state.grants);
    r = r < 0 ? r : take_number(&text, STR("false"), &state.false_grants);
    if (r < 0)
        return r;
    state.complete = complete == 1;
    state.refused = refused == 1;
    *ret_state = state;
    return 0;
}

int rotation_box_read(const struct options *options, uint8_t ret_box[KEEPER_PUBLIC_KEY])
{
    struct rotation_paths paths;
    char buffer[TEXT_MAX];
    struct str text;
    int r = rotation_paths(options, &paths);

    r = r < 0 ? r : rotation_get(paths.box, buffer, sizeof(buffer), &text);
    return r < 0 ? r : decode_hex_exact(str_trim(text), ret_box, KEEPER_PUBLIC_KEY);
}

int rotation_ask(const struct options *options, const uint8_t *box)
{
    struct rotation_paths paths;
    struct rotation_state state;
    char text[TEXT_MAX] = "retire\n", hex[2 * KEEPER_ADMISSION_BOX + 1];
    int r = rotation_paths(options, &paths);

    if (box)
        snprintf(text, sizeof(text), "admit %s\n", sodium_bin2hex(hex, sizeof(hex), box, KEEPER_ADMISSION_BOX));
    // What was refused before says nothing about this.
    if (r == 0 && rotation_state_read(options, &state) == 0 && state.refused) {
        state.refused = false;
        r = rotation_put_state(&paths, &state);
    }
    return r < 0 ? r : rotation_put(paths.fresh, paths.request, str_from(text));
}
