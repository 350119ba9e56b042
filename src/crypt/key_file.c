// SPDX-License-Identifier: MPL-2.0
#include "crypt/key_file.h"

#include "base/cleanup.h"
#include "base/encode.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>

#define FIRST_LINE "samtraad master key 2"
#define SEALED_LINE "samtraad sealed master key 1"
#define PATH_MAX_BYTES 4200
#define VERSION_MAX INT64_C(1000000)

const char *const key_purposes[KEY_PURPOSES] = {
    "installation", "lookup login", "lookup cpr", "lookup name and birth", "lookup e-mail address", "lookup token", "directory data key",
    "audit mark", "audit head",
};

void key_derive(const uint8_t master[KEY_BYTES], const char area[16], struct bytes purpose, uint8_t ret_key[KEY_BYTES])
{
    uint8_t personal[crypto_generichash_blake2b_PERSONALBYTES];

    memcpy(personal, area, sizeof(personal));
    crypto_generichash_blake2b_salt_personal(ret_key, KEY_BYTES, purpose.ptr, purpose.len, master, KEY_BYTES, NULL, personal);
}

void key_file_carry(struct key_file *file)
{
    const uint8_t *oldest = file->masters[file->count - 1].key;

    for (size_t i = 0; i < KEY_PURPOSES; i++)
        if (!file->carries[i])
            key_derive(oldest, "samtraad derive", str_bytes(str_from(key_purposes[i])), file->carried[i]);
    if (!file->carries[KEY_SIGNING])
        key_derive(oldest, "samtraad sign  ", bytes_from("", 0), file->carried[KEY_SIGNING]);
    for (size_t i = 0; i <= KEY_PURPOSES; i++)
        file->carries[i] = true;
}

static int read_master(struct key_file *file, struct str line)
{
    int64_t version;

    if (file->count == 2 || str_to_int(str_cut(&line, ' '), &version) < 0 || version < 1 || version > VERSION_MAX ||
        (file->count == 1 && version >= file->masters[0].version))
        return -EINVAL;
    file->masters[file->count].version = (uint32_t)version;
    return decode_hex_exact(line, file->masters[file->count++].key, KEY_BYTES);
}

// Only the older one has to be named.
static int read_used(struct key_file *file, struct str number)
{
    int64_t version;

    if (file->count != 2 || file->uses_older || str_to_int(number, &version) < 0 || version != file->masters[1].version)
        return -EINVAL;
    file->uses_older = true;
    return 0;
}

static int read_carried(struct key_file *file, size_t purpose, struct str hex)
{
    if (purpose > KEY_PURPOSES || file->carries[purpose])
        return -EINVAL;
    file->carries[purpose] = true;
    return decode_hex_exact(hex, file->carried[purpose], KEY_BYTES);
}

static int read_line(struct key_file *file, struct str line)
{
    struct str word = str_cut(&line, ' ');

    if (str_equal(word, STR("key")))
        return read_master(file, line);
    if (str_equal(word, STR("use")))
        return read_used(file, line);
    if (str_equal(word, STR("signing")))
        return read_carried(file, KEY_SIGNING, line);
    if (!str_equal(word, STR("carried")))
        return -EINVAL;
    struct str hex = str_cut(&line, ' ');
    size_t purpose = 0;
    while (purpose < KEY_PURPOSES && !str_equal(line, str_from(key_purposes[purpose])))
        purpose++;
    return purpose < KEY_PURPOSES ? read_carried(file, purpose, hex) : -EINVAL;
}

static int parse_plain(struct str text, struct key_file *ret_file)
{
    struct key_file file = { .count = 0 };
    int r = 0;

    if (text.len == 2 * KEY_BYTES + 1 && text.ptr[text.len - 1] == '\n') {
        file.count = 1;
        file.masters[0].version = 1;
        r = decode_hex_exact((struct str){ text.ptr, 2 * KEY_BYTES }, file.masters[0].key, KEY_BYTES);
    } else {
        struct str rest = text;

        if (text.len == 0 || text.len > KEY_FILE_MAX || text.ptr[text.len - 1] != '\n' || !str_equal(str_cut(&rest, '\n'), STR(FIRST_LINE)))
            return -EINVAL;
        while (r == 0 && rest.len > 0)
            r = read_line(&file, str_cut(&rest, '\n'));
    }
    if (r == 0 && file.count == 0)
        r = -EINVAL;
    if (r == 0)
        *ret_file = file;
    sodium_memzero(&file, sizeof(file));
    return r;
}

static size_t format_plain(const struct key_file *file, char ret_text[KEY_FILE_MAX])
{
    size_t at = (size_t)snprintf(ret_text, KEY_FILE_MAX, FIRST_LINE "\n");
    char hex[2 * KEY_BYTES + 1];

    for (unsigned i = 0; i < file->count; i++)
        at += (size_t)snprintf(ret_text + at, KEY_FILE_MAX - at, "key %u %s\n", file->masters[i].version,
                               sodium_bin2hex(hex, sizeof(hex), file->masters[i].key, KEY_BYTES));
    if (file->uses_older)
        at += (size_t)snprintf(ret_text + at, KEY_FILE_MAX - at, "use %u\n", file->masters[1].version);
    for (size_t i = 0; i < KEY_PURPOSES; i++)
        if (file->carries[i])
            at += (size_t)snprintf(ret_text + at, KEY_FILE_MAX - at, "carried %s %s\n",
                                   sodium_bin2hex(hex, sizeof(hex), file->carried[i], KEY_BYTES), key_purposes[i]);
    if (file->carries[KEY_SIGNING])
        at += (size_t)snprintf(ret_text + at, KEY_FILE_MAX - at, "signing %s\n",
                               sodium_bin2hex(hex, sizeof(hex), file->carried[KEY_SIGNING], KEY_BYTES));
    sodium_memzero(hex, sizeof(hex));
    return at;
}

// The second and third line of a sealed file.
static int open_sealed(struct str lines, struct key_file *file, uint8_t *ret_plain, size_t *ret_len)
{
    uint8_t sealed[KEY_TEXT_MAX + TOKEN_OVERHEAD];
    struct str token = str_cut(&lines, '\n'), hex = str_cut(&lines, '\n');
    const bool named = str_equal(str_cut(&token, ' '), STR("token")), follows = str_equal(str_cut(&hex, ' '), STR("sealed"));

    if (!named || !follows || lines.len > 0 || token.len > TOKEN_URI_MAX || hex.len % 2 != 0 || hex.len / 2 > sizeof(sealed) ||
        hex.len / 2 <= TOKEN_OVERHEAD || decode_hex_exact(hex, sealed, hex.len / 2) < 0)
        return -EINVAL;
    memcpy(file->token, token.ptr, token.len);
    file->token[token.len] = '\0';
    *ret_len = hex.len / 2 - TOKEN_OVERHEAD;
    return token_open(file->token, bytes_from(sealed, hex.len / 2), ret_plain) < 0 ? -ENOKEY : 0;
}

int key_file_parse(struct str text, struct key_file *ret_file)
{
    uint8_t plain[KEY_TEXT_MAX + TOKEN_OVERHEAD];
    struct key_file named = { .count = 0 };
    struct str rest = text;
    size_t len = 0;

    if (text.len > KEY_FILE_MAX || !str_equal(str_cut(&rest, '\n'), STR(SEALED_LINE)))
        return parse_plain(text, ret_file);
    int r = open_sealed(rest, &named, plain, &len);
    r = r < 0 ? r : parse_plain((struct str){ (char *)plain, len }, ret_file);
    if (r == 0)
        memcpy(ret_file->token, named.token, sizeof(named.token));
    sodium_memzero(plain, sizeof(plain));
    return r;
}

static size_t seal_text(const struct key_file *file, struct bytes plain, char ret_text[KEY_FILE_MAX])
{
    uint8_t sealed[KEY_TEXT_MAX + TOKEN_OVERHEAD];
    char hex[2 * sizeof(sealed) + 1];

    if (plain.len > KEY_TEXT_MAX || token_seal(file->token, plain, sealed) < 0)
        return 0;
    return (size_t)snprintf(ret_text, KEY_FILE_MAX, SEALED_LINE "\ntoken %s\nsealed %s\n", file->token,
                            sodium_bin2hex(hex, sizeof(hex), sealed, plain.len + TOKEN_OVERHEAD));
}

size_t key_file_format(const struct key_file *file, char ret_text[KEY_FILE_MAX])
{
    char plain[KEY_FILE_MAX];

    if (!file->token[0])
        return format_plain(file, ret_text);
    const size_t len = seal_text(file, bytes_from(plain, format_plain(file, plain)), ret_text);
    sodium_memzero(plain, sizeof(plain));
    return len;
}

bool key_file_is_credential(const char *path)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    const size_t len = folder ? strlen(folder) : 0;

    return len > 0 && strncmp(path, folder, len) == 0 && path[len] == '/' && !strchr(path + len + 1, '/');
}

bool key_file_is_exposed(const char *path, mode_t mode)
{
    const mode_t others = key_file_is_credential(path) ? S_IRWXO | S_IWGRP | S_IXGRP : S_IRWXG | S_IRWXO;

    return (mode & others) != 0;
}

int key_file_read(const char *path, struct key_file *ret_file)
{
    _cleanup_(close_descriptor) int fd = open(path, O_RDONLY | O_CLOEXEC);
    char text[KEY_FILE_MAX + 1];
    struct stat status;

    if (fd < 0 || fstat(fd, &status) < 0)
        return -errno;
    if (key_file_is_exposed(path, status.st_mode))
        return -EPERM;
    ssize_t n = S_ISREG(status.st_mode) ? file_read_at(fd, text, sizeof(text), 0) : 0;
    int r = n < 0 ? (int)n : key_file_parse((struct str){ text, (size_t)n }, ret_file);
    sodium_memzero(text, sizeof(text));
    return r;
}

static int write_text(int fd, const struct key_file *file, const struct stat *like)
{
    char text[KEY_FILE_MAX];
    const size_t len = key_file_format(file, text);
    int r = len > 0 ? file_write(fd, bytes_from(text, len)) : -ENOKEY;

    if (r == 0 && (fchown(fd, like->st_uid, like->st_gid) < 0 || fchmod(fd, like->st_mode & 07777) < 0 || fsync(fd) < 0))
        r = -errno;
    sodium_memzero(text, sizeof(text));
    return r;
}

// As far as the file system and the disk let it.
static int overwrite(int fd, int64_t size)
{
    static const char zeros[KEY_FILE_MAX];

    return size <= KEY_FILE_MAX && file_write(fd, bytes_from(zeros, (size_t)size)) == 0 && fsync(fd) == 0 ? 0 : -EIO;
}

int key_file_replace(const char *path, const struct key_file *file)
{
    char fresh[PATH_MAX_BYTES];
    struct stat status;

    if (snprintf(fresh, sizeof(fresh), "%s.new", path) >= (int)sizeof(fresh))
        return -ENAMETOOLONG;
    // Owners may write what has the mode 0400 only through this.
    if (stat(path, &status) < 0 || (chmod(path, 0600) < 0))
        return -errno;
    _cleanup_(close_descriptor) int old = open(path, O_WRONLY | O_CLOEXEC);
    if (unlink(fresh) < 0 && errno != ENOENT)
        return -errno;
    _cleanup_(close_descriptor) int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int r = old < 0 || fd < 0 ? -errno : write_text(fd, file, &status);
    if (r == 0 && rename(fresh, path) < 0)
        r = -errno;
    r = r < 0 ? r : file_sync_folder(path);
    if (r < 0)
        chmod(path, status.st_mode & 07777);
    return r < 0 ? r : overwrite(old, status.st_size);
}
