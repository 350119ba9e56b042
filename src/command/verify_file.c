// SPDX-License-Identifier: MPL-2.0
#include "command/verify_file.h"

#include "audit/proof.h"
#include "base/arena.h"
#include "base/cleanup.h"
#include "base/encode.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILE_MAX (1LL << 30)

struct found {
    struct arena *arena;
    struct bytes file, content;
    uint8_t digest[PROOF_DIGEST];
    uint8_t key[KEEPER_PUBLIC_KEY];
    struct proof proof;
    const char *problem;   // NULL: none so far
};

static int complain(const char *path, int error)
{
    fprintf(stderr, "samtraad: %s can't be read: %s\n", path, strerror(-error));
    return error;
}

static int read_whole(struct arena *arena, const char *path, struct bytes *ret_bytes)
{
    _cleanup_(close_descriptor) int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    size_t len = 0;

    if (fd < 0 || fstat(fd, &status) < 0)
        return complain(path, -errno);
    if (!S_ISREG(status.st_mode) || status.st_size > FILE_MAX)
        return complain(path, -EFBIG);
    uint8_t *data = arena_alloc(arena, (size_t)status.st_size + 1);
    if (!data)
        return complain(path, -ENOMEM);
    while (len < (size_t)status.st_size) {
        ssize_t n = read(fd, data + len, (size_t)status.st_size - len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return complain(path, n < 0 ? -errno : -EIO);
        len += (size_t)n;
    }
    *ret_bytes = bytes_from(data, len);
    return 0;
}

static int read_key(struct found *found, const char *path)
{
    struct bytes text;
    int r = read_whole(found->arena, path, &text);

    if (r == 0 && decode_hex_exact(str_trim(bytes_str(text)), found->key, sizeof(found->key)) < 0)
        found->problem = "the log's key is malformed; 64 hexadecimal digits were expected";
    return r;
}

// The proof from a file of its own, or from the end of the document.
static int read_proof(struct found *found, const char *path)
{
    struct bytes text;
    int r;

    if (!path) {
        r = proof_split(found->file, &found->content, found->digest, &found->proof);
        if (r == -ENOENT)
            found->problem = "there is no proof in the file; it is none of ours, or its end is missing";
        else if (r == -EINVAL)
            found->problem = "the file's end, where its code and proof stand, was changed";
        return r == -ENOENT || r == -EINVAL ? 0 : r;
    }
    found->content = found->file;
    r = read_whole(found->arena, path, &text);
    if (r < 0)
        return r;
    struct str line = bytes_str(text);
    if (line.len > 0 && line.ptr[line.len - 1] == '\n')
        line.len--;
    if (proof_parse(line, &found->proof) < 0)
        found->problem = "the proof is malformed";
    return proof_digest(found->content, found->digest);
}

// Reads the checkpoints as a chain up to the one that the proof names.
static int find_checkpoint(struct found *found, struct str lines)
{
    struct merkle_hasher *hasher;
    uint8_t previous[MERKLE_HASH] = { 0 };
    int64_t size = 0;
    bool there = false;
    int r = merkle_hasher_new(&hasher);

    if (r < 0)
        return r;
    while (!found->problem && !there && lines.len > 0) {
        struct checkpoint checkpoint;
        bool finished = memchr(lines.ptr, '\n', lines.len) != NULL;
        struct str line = str_cut(&lines, '\n');
        if (!finished)
            break;
        if (checkpoint_parse(line, &checkpoint) < 0 || memcmp(checkpoint.previous, previous, sizeof(previous)) != 0 ||
            checkpoint.size < size || !checkpoint_authentic(&checkpoint, found->key))
            found->problem = "the checkpoints are damaged, or signed with another key";
        merkle_digest(hasher, str_bytes(line), previous);
        size = checkpoint.size;
        there = checkpoint.size == found->proof.checkpoint.size && checkpoint.time_ms == found->proof.checkpoint.time_ms &&
                memcmp(checkpoint.root, found->proof.checkpoint.root, MERKLE_HASH) == 0;
    }
    merkle_hasher_free(hasher);
    if (!found->problem && !there)
        found->problem = size < found->proof.checkpoint.size ? "the checkpoints end before the file was made; get a newer copy of them"
                                                             : "the file's checkpoint is not among the checkpoints";
    return 0;
}

static void print_instant(const char *name, int64_t ms)
{
    struct tm parts;
    char text[40] = "?";
    time_t seconds = (time_t)(ms / 1000);

    if (gmtime_r(&seconds, &parts))
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
    printf("%-12s %s\n", name, text);
}

static void print_hex(const char *name, struct bytes bytes)
{
    _cleanup_(buf_free) struct buf text = buf_bounded(200);

    buf_hex(&text, bytes);
    printf("%-12s %.*s\n", name, (int)text.len, buf_view(&text).ptr);
}

static int print(const struct found *found)
{
    char code[PROOF_CODE + 1];
    struct audit_record record;

    if (found->problem) {
        printf("the file does not hold: %s\n", found->problem);
        return EXIT_FAILURE;
    }
    proof_code(found->digest, code);
    proof_record(&found->proof, &record);
    printf("%-12s %s\n", "code", code);
    print_hex("sha-256", bytes_from(found->digest, sizeof(found->digest)));
    print_instant("made", record.time_ms);
    printf("%-12s %lld\n", "record", (long long)record.seq);
    print_instant("signed", found->proof.checkpoint.time_ms);
    print_hex("key", bytes_from(found->key, sizeof(found->key)));
    printf("the file holds\n");
    return EXIT_SUCCESS;
}

static int check(const struct options *options, struct found *found)
{
    struct bytes lines;
    int r = read_whole(found->arena, options->file, &found->file);

    if (r == 0)
        r = read_key(found, options->log_key);
    if (r == 0 && !found->problem)
        r = read_proof(found, options->proof);
    if (r < 0 || found->problem)
        return r;
    r = proof_check(&found->proof, found->digest, found->key, &found->problem);
    if (r != 0 || !options->checkpoints_given)
        return r == -EBADMSG ? 0 : r;
    r = read_whole(found->arena, options->checkpoints, &lines);
    return r < 0 ? r : find_checkpoint(found, bytes_str(lines));
}

int verify_file(const struct options *options)
{
    _cleanup_(arena_free_pointer) struct arena *arena = NULL;
    struct found found = { .problem = NULL };
    int r = arena_new((size_t)3 * FILE_MAX, &arena);

    found.arena = arena;
    if (r == 0)
        r = check(options, &found);
    return r < 0 ? EXIT_FAILURE : print(&found);
}
