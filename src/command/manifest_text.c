// SPDX-License-Identifier: MPL-2.0
#include "command/manifest.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/encode.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>

#define FIRST_LINE "samtraad backup 1"
#define SIGNATURE "signature "
#define NEW_NAME ".new"
#define TEXT_MAX ((size_t)4 << 30)
#define NAME_MAX_BYTES 200
#define SIGNED (16 + CHEST_HASH)

static void write_file(const struct manifest *manifest, const struct manifest_file *file, struct buf *text)
{
    buf_format(text, "file %s %lld %lld\n", file->name, (long long)file->size, (long long)file->changed);
    for (size_t i = 0; i < file->count; i++) {
        buf_lit(text, "piece ");
        buf_hex(text, bytes_from(manifest->pieces[file->first + i], CHEST_HASH));
        buf_char(text, '\n');
    }
}

static bool signed_bytes(struct str text, uint8_t ret_bytes[SIGNED])
{
    static const char domain[16] = "samtraad save 1";

    memcpy(ret_bytes, domain, sizeof(domain));
    return EVP_Digest(text.ptr, text.len, ret_bytes + sizeof(domain), NULL, EVP_sha256(), NULL) == 1;
}

static int write_text(const struct manifest *manifest, struct keeper *keeper, struct buf *text)
{
    uint8_t bytes[SIGNED], signature[KEEPER_SIGNATURE];

    buf_format(text, FIRST_LINE "\nmade %lld\n", (long long)manifest->made);
    for (size_t i = 0; i < manifest->tables_count; i++) {
        const struct manifest_table *table = &manifest->tables[i];

        buf_format(text, "table %s %lld ", table->name, (long long)table->rows);
        buf_hex(text, bytes_from(table->hash, CHEST_HASH));
        buf_char(text, '\n');
    }
    for (size_t i = 0; i < manifest->files_count; i++)
        write_file(manifest, &manifest->files[i], text);
    if (text->error)
        return text->error;
    if (!signed_bytes(buf_view(text), bytes))
        return -ENOMEM;
    int r = keeper_sign(keeper, bytes_from(bytes, sizeof(bytes)), signature);
    buf_lit(text, SIGNATURE);
    buf_hex(text, bytes_from(signature, sizeof(signature)));
    buf_char(text, '\n');
    return r < 0 ? r : text->error;
}

int manifest_write(const struct manifest *manifest, struct keeper *keeper, const struct chest *chest, const char *name)
{
    _cleanup_(buf_free) struct buf text = buf_bounded(TEXT_MAX);
    _cleanup_(close_descriptor) int fd = -1;
    int r = write_text(manifest, keeper, &text);

    if (r < 0)
        return r;
    if (faccessat(chest->backups, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return -EEXIST;
    fd = openat(chest->backups, NEW_NAME, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    for (size_t at = 0; at < text.len;) {
        ssize_t n = write(fd, text.data + at, text.len - at);
        if (n < 0 && errno != EINTR)
            return -errno;
        at += n < 0 ? 0 : (size_t)n;
    }
    if (fsync(fd) < 0 || renameat(chest->backups, NEW_NAME, chest->backups, name) < 0 || fsync(chest->backups) < 0)
        return -errno;
    return 0;
}

static int read_number(struct str *line, int64_t *ret_number)
{
    return str_to_int(str_cut(line, ' '), ret_number);
}

// A name inside the data folder; nothing that leads out of it.
static bool name_fits(struct str name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/";

    if (name.len == 0 || name.len > NAME_MAX_BYTES || name.ptr[0] == '/' || name.ptr[name.len - 1] == '/')
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (!memchr(letters, name.ptr[i], sizeof(letters) - 1) || (name.ptr[i] == '.' && (i == 0 || name.ptr[i - 1] == '/' || name.ptr[i - 1] == '.')))
            return false;
    return true;
}

static bool last_file_is_whole(const struct manifest *manifest)
{
    if (manifest->files_count == 0)
        return true;
    const struct manifest_file *file = &manifest->files[manifest->files_count - 1];
    return file->count == ((uint64_t)file->size + CHEST_PIECE - 1) / CHEST_PIECE;
}

static int read_file(struct manifest *manifest, struct str line)
{
    char name[NAME_MAX_BYTES + 1] = "";
    struct str word = str_cut(&line, ' ');
    struct manifest_file *file;
    int64_t size, changed;

    if (!last_file_is_whole(manifest) || !name_fits(word) || read_number(&line, &size) < 0 || str_to_int(line, &changed) < 0)
        return -EBADMSG;
    memcpy(name, word.ptr, word.len);
    return manifest_add_file(manifest, name, size, changed, &file);
}

static int read_table(struct manifest *manifest, struct str line)
{
    char name[NAME_MAX_BYTES + 1] = "";
    struct str word = str_cut(&line, ' ');
    uint8_t hash[CHEST_HASH];
    int64_t rows;

    if (!name_fits(word) || read_number(&line, &rows) < 0 || decode_hex_exact(line, hash, sizeof(hash)) < 0)
        return -EBADMSG;
    memcpy(name, word.ptr, word.len);
    return manifest_add_table(manifest, name, rows, hash);
}

static int read_line(struct manifest *manifest, struct str line)
{
    struct str word = str_cut(&line, ' ');
    uint8_t hash[CHEST_HASH];

    if (str_equal(word, STR("made")))
        return str_to_int(line, &manifest->made) < 0 ? -EBADMSG : 0;
    if (str_equal(word, STR("table")))
        return read_table(manifest, line);
    if (str_equal(word, STR("file")))
        return read_file(manifest, line);
    if (!str_equal(word, STR("piece")) || decode_hex_exact(line, hash, sizeof(hash)) < 0)
        return -EBADMSG;
    int r = manifest_add_piece(manifest, hash);
    return r == -EINVAL ? -EBADMSG : r;
}

// 'text' is all before the line of the signature.
static int check_signature(struct str text, struct str line, struct keeper *keeper)
{
    uint8_t bytes[SIGNED], signature[KEEPER_SIGNATURE], key[KEEPER_PUBLIC_KEY];

    if (!str_starts(line, STR(SIGNATURE)))
        return -EBADMSG;
    str_cut(&line, ' ');
    if (decode_hex_exact(line, signature, sizeof(signature)) < 0)
        return -EBADMSG;
    if (!keeper)
        return 0;
    int r = keeper_public_key(keeper, key);
    if (r < 0 || !signed_bytes(text, bytes))
        return r < 0 ? r : -ENOMEM;
    return crypto_sign_verify_detached(signature, bytes, sizeof(bytes), key) == 0 ? 0 : -EBADMSG;
}

static int parse(struct str text, struct keeper *keeper, struct manifest *manifest)
{
    struct str rest = text, line = str_cut(&rest, '\n');
    int r = str_equal(line, STR(FIRST_LINE)) ? 0 : -EBADMSG;

    while (r == 0 && rest.len > 0) {
        const char *begin = rest.ptr;

        line = str_cut(&rest, '\n');
        if (rest.len == 0)
            return last_file_is_whole(manifest) ? check_signature((struct str){ text.ptr, (size_t)(begin - text.ptr) }, line, keeper) : -EBADMSG;
        r = read_line(manifest, line);
    }
    return r < 0 ? r : -EBADMSG;
}

static int read_whole(int folder, const char *name, struct buf *text)
{
    _cleanup_(close_descriptor) int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n;

    if (fd < 0)
        return -errno;
    do {
        char *room = buf_reserve(text, 65536);
        n = room ? read(fd, room, 65536) : -1;
        if (n < 0)
            return room ? -errno : text->error;
        text->len += (size_t)n;
    } while (n > 0);
    return text->len > 0 && text->data[text->len - 1] == '\n' ? 0 : -EBADMSG;
}

int manifest_read(const struct chest *chest, const char *name, struct keeper *keeper, struct manifest *manifest)
{
    _cleanup_(buf_free) struct buf text = buf_bounded(TEXT_MAX);
    int r = manifest_new(manifest);

    r = r < 0 ? r : read_whole(chest->backups, name, &text);
    return r < 0 ? r : parse(buf_view(&text), keeper, manifest);
}
