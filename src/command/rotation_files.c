// SPDX-License-Identifier: MPL-2.0
#include "command/rotation_files.h"

#include "base/cleanup.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

#define TEXT_MAX 600
#define PATH_MAX_BYTES 4200

static const char *const step_names[] = { NULL, "admit", "use", "wrap", "retire" };

int rotation_paths(const struct options *options, unsigned number, struct rotation_paths *ret_paths)
{
    *ret_paths = (struct rotation_paths){ .request = arena_format(options->arena, "%s/rotation.%u", options->data, number).ptr,
                                          .state = arena_format(options->arena, "%s/rotation.state.%u", options->data, number).ptr };
    return ret_paths->request && ret_paths->state ? 0 : -ENOMEM;
}

// All or nothing for whoever reads it. What a power cut loses is asked or said again.
// Root may run the command beside a server of another user, which has to read what is asked of it: the file becomes the folder's owner's. Where that can't be, as in a
// server that has given up its rights, it stays as it is.
static void hand_over(int fd, const char *path)
{
    char folder[PATH_MAX_BYTES];
    struct stat status;

    snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(path, '/') - path), path);
    if (geteuid() == 0 && stat(folder, &status) == 0 && status.st_uid != 0 && fchown(fd, status.st_uid, status.st_gid) < 0)
        log_event(LOG_WARNING, "rotation", "errno=%d meaning=\"a file is not the data folder's owner's\"", errno);
}

static int put(const char *path, struct str text)
{
    char fresh[PATH_MAX_BYTES];

    if (snprintf(fresh, sizeof(fresh), "%s.new", path) >= (int)sizeof(fresh))
        return -ENAMETOOLONG;
    unlink(fresh);   // of one that was cut off. Root follows no link that somebody has put there
    _cleanup_(close_descriptor) int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    hand_over(fd, path);
    int r = file_write(fd, str_bytes(text));
    if (r < 0)
        return r;
    return rename(fresh, path) < 0 ? -errno : 0;
}

static int get(const char *path, char text[TEXT_MAX], struct str *ret_text)
{
    _cleanup_(close_descriptor) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = fd < 0 ? -errno : file_read_at(fd, text, TEXT_MAX, 0);

    if (n < 0)
        return (int)n;
    *ret_text = (struct str){ text, (size_t)n };
    return 0;
}

int rotation_put_state(const struct rotation_paths *paths, const struct rotation_state *state)
{
    char text[TEXT_MAX], box[2 * KEEPER_PUBLIC_KEY + 1];
    int len = snprintf(text, sizeof(text), "box %s\nnewest %lld\nused %lld\nlowest %lld\nrounds %lld\nrefused %lld\nshares %lld\ngrants %lld\nfalse %lld\n",
                       sodium_bin2hex(box, sizeof(box), state->box, sizeof(state->box)), (long long)state->newest, (long long)state->used,
                       (long long)state->lowest, (long long)state->rounds, (long long)state->refused, (long long)state->shares, (long long)state->grants,
                       (long long)state->false_grants);

    return put(paths->state, (struct str){ text, (size_t)len });
}

static int take_box(struct str *text, char separator, struct str name, uint8_t ret_box[KEEPER_PUBLIC_KEY])
{
    struct str word = str_cut(text, ' ');

    return str_equal(word, name) ? decode_hex_exact(str_cut(text, separator), ret_box, KEEPER_PUBLIC_KEY) : -EINVAL;
}

static int take_number(struct str *text, struct str name, int64_t *ret_number)
{
    struct str line = str_cut(text, '\n');

    return str_equal(str_cut(&line, ' '), name) ? str_to_int(line, ret_number) : -EINVAL;
}

int rotation_state_read(const struct options *options, unsigned number, struct rotation_state *ret_state)
{
    struct rotation_state state;
    struct rotation_paths paths;
    char buffer[TEXT_MAX];
    struct str text;
    int r = rotation_paths(options, number, &paths);

    r = r < 0 ? r : get(paths.state, buffer, &text);
    r = r < 0 ? r : take_box(&text, '\n', STR("box"), state.box);
    r = r < 0 ? r : take_number(&text, STR("newest"), &state.newest);
    r = r < 0 ? r : take_number(&text, STR("used"), &state.used);
    r = r < 0 ? r : take_number(&text, STR("lowest"), &state.lowest);
    r = r < 0 ? r : take_number(&text, STR("rounds"), &state.rounds);
    r = r < 0 ? r : take_number(&text, STR("refused"), &state.refused);
    r = r < 0 ? r : take_number(&text, STR("shares"), &state.shares);
    r = r < 0 ? r : take_number(&text, STR("grants"), &state.grants);
    r = r < 0 ? r : take_number(&text, STR("false"), &state.false_grants);
    if (r < 0)
        return r;
    *ret_state = state;
    return 0;
}

static enum rotation_step step_of(struct str name)
{
    for (enum rotation_step step = ROTATION_ADMIT; step <= ROTATION_RETIRE; step++)
        if (str_equal(name, str_from(step_names[step])))
            return step;
    return ROTATION_NOTHING;
}

int rotation_take(const struct rotation_paths *paths, const uint8_t box[KEEPER_PUBLIC_KEY], struct rotation_request *ret_request)
{
    struct rotation_request request = { ROTATION_NOTHING };
    char buffer[TEXT_MAX];
    struct str text;
    int r = get(paths->request, buffer, &text);

    if (r < 0)
        return r;
    unlinkat(AT_FDCWD, paths->request, 0);
    text = str_trim(text);
    r = take_box(&text, ' ', STR("to"), request.to);
    if (r < 0 || memcmp(request.to, box, KEEPER_PUBLIC_KEY) != 0)
        return -EINVAL;
    request.step = step_of(str_cut(&text, ' '));
    r = request.step == ROTATION_ADMIT ? decode_hex_exact(text, request.admission, sizeof(request.admission)) : str_to_int(text, &request.version);
    if (r < 0 || request.step == ROTATION_NOTHING)
        return -EINVAL;
    *ret_request = request;
    return 0;
}

int rotation_ask(const struct options *options, unsigned number, const struct rotation_request *request)
{
    char text[TEXT_MAX], to[2 * KEEPER_PUBLIC_KEY + 1], admission[2 * KEEPER_ADMISSION_BOX + 1];
    struct rotation_paths paths;
    int len, r = rotation_paths(options, number, &paths);

    sodium_bin2hex(to, sizeof(to), request->to, sizeof(request->to));
    if (request->step == ROTATION_ADMIT)
        len = snprintf(text, sizeof(text), "to %s admit %s\n", to, sodium_bin2hex(admission, sizeof(admission), request->admission, sizeof(request->admission)));
    else
        len = snprintf(text, sizeof(text), "to %s %s %lld\n", to, step_names[request->step], (long long)request->version);
    return r < 0 ? r : put(paths.request, (struct str){ text, (size_t)len });
}

static const char *demand_path(const struct options *options)
{
    return arena_format(options->arena, "%s/rotation.demand", options->data).ptr;
}

int rotation_demand(const struct options *options, int64_t known, int64_t used)
{
    const char *path = demand_path(options);
    char text[TEXT_MAX];
    int len = snprintf(text, sizeof(text), "known %lld\nused %lld\n", (long long)known, (long long)used);

    return path ? put(path, (struct str){ text, (size_t)len }) : -ENOMEM;
}

int rotation_comply(const struct options *options, struct keeper *keeper)
{
    const char *path = demand_path(options);
    struct keeper_versions versions;
    char buffer[TEXT_MAX];
    struct str text;
    int64_t known, used;
    int r = path ? get(path, buffer, &text) : -ENOMEM;

    if (r < 0)
        return r == -ENOENT ? 0 : r;
    r = take_number(&text, STR("known"), &known);
    r = r < 0 ? r : take_number(&text, STR("used"), &used);
    r = r < 0 ? r : keeper_versions(keeper, &versions);
    if (r < 0)
        return r;
    if (versions.newest >= known)
        return versions.used < used ? keeper_use(keeper) : 0;
    fprintf(stderr, "samtraad: the master key's file %s is from before a rotation; bring the newest one (it holds key %lld)\n", options->key, (long long)known);
    return -ESTALE;
}

int rotation_forget(const struct options *options, unsigned number)
{
    struct rotation_paths paths;
    int r = rotation_paths(options, number, &paths);

    if (r == 0 && ((unlink(paths.state) < 0 && errno != ENOENT) || (unlink(paths.request) < 0 && errno != ENOENT)))
        r = -errno;
    return r;
}
