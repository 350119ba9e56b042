// SPDX-License-Identifier: MPL-2.0
#include "crypt/shares.h"

#include "base/cleanup.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD "samtraad share 1"
#define HEAD_BYTES 16

_Static_assert(sizeof(HEAD) - 1 == HEAD_BYTES, "layout of the file");

#define NOTE_HEAD "samtraad rewrap1"
#define NOTE_HASH 32
#define NOTE_MAX (HEAD_BYTES + 16 + SHARES_AT_ONCE * SHARE_BYTES + NOTE_HASH)

struct shares {
    int fd;
    int note;                // descriptor of FILE.rewrap
    char *note_file;
    int64_t count;           // atomic
    pthread_mutex_t turn;    // who has the file's lock: it is the process's, not the thread's
    pthread_rwlock_t lock;   // while shares are replaced nobody reads half of one
};

static int write_at(int fd, const void *data, size_t len, int64_t at)
{
    int r = file_write_at(fd, bytes_from(data, len), at);

    if (r < 0)
        return r;
    return fsync(fd) < 0 ? -errno : 0;
}

// 0 when all bytes are there; -ENODATA when the file is shorter.
static int read_at(int fd, void *ret_data, size_t len, int64_t at)
{
    ssize_t n = file_read_at(fd, ret_data, len, at);

    if (n < 0)
        return (int)n;
    return (size_t)n == len ? 0 : -ENODATA;
}

static int64_t place_of(int64_t number)
{
    return HEAD_BYTES + (number - 1) * SHARE_BYTES;
}

// An empty file is one whose making was interrupted.
static int read_head(int fd, bool make, const char *file, int64_t *ret_count)
{
    struct stat status;
    char head[HEAD_BYTES];

    if (fstat(fd, &status) < 0)
        return -errno;
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return -EPERM;
    if (status.st_size < HEAD_BYTES && make) {
        int r = write_at(fd, HEAD, HEAD_BYTES, 0);
        *ret_count = 0;
        return r < 0 ? r : file_sync_folder(file);
    }
    int r = S_ISREG(status.st_mode) ? read_at(fd, head, sizeof(head), 0) : -EINVAL;
    if (r < 0 || memcmp(head, HEAD, HEAD_BYTES) != 0)
        return r == 0 || r == -ENODATA ? -EINVAL : r;
    // A share that a crash cut short was never used; the next one takes its place.
    *ret_count = (status.st_size - HEAD_BYTES) / SHARE_BYTES;
    return 0;
}

static void put_number(uint8_t *bytes, uint64_t number)
{
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(number >> (56 - 8 * i));
}

static int64_t get_number(const uint8_t *bytes)
{
    uint64_t number = 0;

    for (unsigned i = 0; i < 8; i++)
        number = number << 8 | bytes[i];
    return (int64_t)number;
}

// NOTE_HEAD | first (8) | count (8) | the shares | BLAKE2b-256 of all before. Anything else is no note: nothing had been overwritten yet.
static size_t make_note(int64_t first, const uint8_t *list, size_t count, uint8_t note[NOTE_MAX])
{
    const size_t len = HEAD_BYTES + 16 + count * SHARE_BYTES;

    memcpy(note, NOTE_HEAD, HEAD_BYTES);
    put_number(note + HEAD_BYTES, (uint64_t)first);
    put_number(note + HEAD_BYTES + 8, count);
    memcpy(note + HEAD_BYTES + 16, list, count * SHARE_BYTES);
    crypto_generichash(note + len, NOTE_HASH, note, len, NULL, 0);
    return len + NOTE_HASH;
}

static bool note_is_whole(const uint8_t note[NOTE_MAX], size_t len, int64_t shares, int64_t *ret_first, size_t *ret_count)
{
    uint8_t hash[NOTE_HASH];

    if (len < HEAD_BYTES + 16 + NOTE_HASH || memcmp(note, NOTE_HEAD, HEAD_BYTES) != 0)
        return false;
    const int64_t first = get_number(note + HEAD_BYTES), count = get_number(note + HEAD_BYTES + 8);
    if (count < 1 || count > SHARES_AT_ONCE || first < 1 || first > shares - count + 1)
        return false;
    const size_t hashed = HEAD_BYTES + 16 + (size_t)count * SHARE_BYTES;
    if (len < hashed + NOTE_HASH)
        return false;
    crypto_generichash(hash, NOTE_HASH, note, hashed, NULL, 0);
    *ret_first = first;
    *ret_count = (size_t)count;
    return memcmp(hash, note + hashed, NOTE_HASH) == 0;
}

// A note must not outlive what it was for: a share that is destroyed later would still stand in it.
static int wipe_note(struct shares *shares, size_t len)
{
    static const uint8_t zeros[NOTE_MAX];

    return write_at(shares->note, zeros, len, 0);
}

// Opened with the shares and not when it is needed: the running server can't open anything beside them any more.
static int open_note(struct shares *shares)
{
    shares->note = open(shares->note_file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    return shares->note < 0 ? -errno : file_sync_folder(shares->note_file);
}

// What a crash has interrupted, of this server or another. With the file's lock.
static int finish_note(struct shares *shares)
{
    uint8_t note[NOTE_MAX];
    size_t count;
    int64_t first;

    ssize_t n = file_read_at(shares->note, note, sizeof(note), 0);
    if (n < 0)
        return (int)n;
    if (sodium_is_zero(note, (size_t)n))
        return 0;
    int r = 0;
    if (note_is_whole(note, (size_t)n, shares_count(shares), &first, &count)) {
        pthread_rwlock_wrlock(&shares->lock);
        r = write_at(shares->fd, note + HEAD_BYTES + 16, count * SHARE_BYTES, place_of(first));
        pthread_rwlock_unlock(&shares->lock);
    }
    r = r < 0 ? r : wipe_note(shares, (size_t)n);
    sodium_memzero(note, sizeof(note));
    return r;
}

static void unlock_file(struct shares *shares)
{
    flock(shares->fd, LOCK_UN);
    pthread_mutex_unlock(&shares->turn);
}

// What another server has put behind the last since. Shares are only ever added.
static int follow(struct shares *shares)
{
    struct stat status;

    if (fstat(shares->fd, &status) < 0)
        return -errno;
    int64_t count = (status.st_size - HEAD_BYTES) / SHARE_BYTES, before = shares_count(shares);
    while (before < count && !__atomic_compare_exchange_n(&shares->count, &before, count, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
        ;
    return 0;
}

// Against other servers that have the file open. What one of them left half done when it died is finished before anything else: else a share that is destroyed
// now could come back from its note. On failure it is not locked.
static int lock_file(struct shares *shares)
{
    int r;

    pthread_mutex_lock(&shares->turn);
    do
        r = flock(shares->fd, LOCK_EX);
    while (r < 0 && errno == EINTR);
    r = r < 0 ? -errno : follow(shares);
    r = r < 0 ? r : finish_note(shares);
    if (r < 0)
        unlock_file(shares);
    return r;
}

int shares_open(const char *file, bool make, struct shares **ret_shares)
{
    _cleanup_(close_descriptor) int fd = open(file, O_RDWR | O_CLOEXEC | (make ? O_CREAT : 0), 0600);
    int64_t count = 0;
    int r = fd < 0 ? -errno : read_head(fd, make, file, &count);

    if (r < 0)
        return r;
    struct shares *shares = calloc(1, sizeof(*shares));
    if (!shares)
        return -ENOMEM;
    *shares = (struct shares){ .fd = fd, .note = -1, .count = count };
    fd = -1;
    pthread_rwlock_init(&shares->lock, NULL);
    pthread_mutex_init(&shares->turn, NULL);
    r = asprintf(&shares->note_file, "%s.rewrap", file) < 0 ? -ENOMEM : open_note(shares);
    r = r < 0 ? r : shares_refresh(shares);
    if (r < 0) {
        shares_close(shares);
        return r;
    }
    *ret_shares = shares;
    return 0;
}

void shares_close(struct shares *shares)
{
    if (!shares)
        return;
    if (shares->note >= 0)
        close(shares->note);
    pthread_rwlock_destroy(&shares->lock);
    pthread_mutex_destroy(&shares->turn);
    free(shares->note_file);
    close(shares->fd);
    free(shares);
}

int64_t shares_count(const struct shares *shares)
{
    return __atomic_load_n(&shares->count, __ATOMIC_ACQUIRE);
}

int shares_follow(struct shares *shares, int64_t number)
{
    struct stat status;

    if (number <= shares_count(shares))
        return 0;
    if (fstat(shares->fd, &status) < 0)
        return -errno;
    if (status.st_size < place_of(number + 1))
        return 0;
    // Whoever adds them has the lock until they are on the disk.
    return shares_refresh(shares);
}

int shares_refresh(struct shares *shares)
{
    int r = lock_file(shares);

    if (r == 0)
        unlock_file(shares);
    return r;
}

int shares_read(const struct shares *shares, int64_t first, uint8_t *ret_list, size_t count)
{
    pthread_rwlock_t *lock = (pthread_rwlock_t *)(uintptr_t)&shares->lock;

    pthread_rwlock_rdlock(lock);
    int r = read_at(shares->fd, ret_list, count * SHARE_BYTES, place_of(first));
    pthread_rwlock_unlock(lock);
    return r;
}

static int replace_locked(struct shares *shares, int64_t first, const uint8_t *before, const uint8_t *list, size_t count)
{
    uint8_t there[SHARES_AT_ONCE * SHARE_BYTES], note[NOTE_MAX];
    int r = shares_read(shares, first, there, count);

    if (r == 0 && memcmp(there, before, count * SHARE_BYTES) != 0)
        r = -EAGAIN;
    const size_t len = make_note(first, list, count, note);
    r = r < 0 ? r : write_at(shares->note, note, len, 0);
    if (r == 0) {
        pthread_rwlock_wrlock(&shares->lock);
        r = write_at(shares->fd, list, count * SHARE_BYTES, place_of(first));
        pthread_rwlock_unlock(&shares->lock);
        r = r < 0 ? r : wipe_note(shares, len);
    }
    sodium_memzero(note, sizeof(note));
    return r;
}

int shares_replace(struct shares *shares, int64_t first, const uint8_t *before, const uint8_t *list, size_t count)
{
    if (count < 1 || count > SHARES_AT_ONCE || first < 1 || first + (int64_t)count - 1 > shares_count(shares))
        return -EINVAL;
    int r = lock_file(shares);
    if (r < 0)
        return r;
    r = replace_locked(shares, first, before, list, count);
    unlock_file(shares);
    return r;
}

int shares_get(const struct shares *shares, int64_t number, uint8_t ret_share[SHARE_BYTES])
{
    uint8_t share[SHARE_BYTES];

    int r = shares_follow((struct shares *)(uintptr_t)shares, number);
    if (number < 1 || number > shares_count(shares))
        return r < 0 ? r : -ENOENT;
    r = shares_read(shares, number, share, 1);
    if (r < 0)
        return r == -ENODATA ? -EIO : r;
    if (sodium_is_zero(share, sizeof(share)))
        return -ENOENT;
    memcpy(ret_share, share, sizeof(share));
    return 0;
}

int shares_append(struct shares *shares, const uint8_t *list, size_t count)
{
    int64_t before = shares_count(shares);
    int r = lock_file(shares);

    if (r < 0)
        return r;
    if (before != shares_count(shares))
        r = -EAGAIN;
    if (r == 0)
        r = write_at(shares->fd, list, count * SHARE_BYTES, place_of(before + 1));
    if (r == 0)
        r = follow(shares);
    unlock_file(shares);
    return r;
}

int shares_destroy(struct shares *shares, int64_t number)
{
    static const uint8_t zeros[SHARE_BYTES];

    if (number < 1 || shares_follow(shares, number) < 0 || number > shares_count(shares))
        return -ENOENT;
    int r = lock_file(shares);
    if (r < 0)
        return r;
    r = write_at(shares->fd, zeros, sizeof(zeros), place_of(number));
    unlock_file(shares);
    return r;
}

int64_t shares_next_destroyed(const struct shares *shares, int64_t behind)
{
    uint8_t block[512 * SHARE_BYTES];
    const int64_t count = shares_count(shares);

    for (int64_t number = behind + 1; number <= count; number += 512) {
        size_t many = count - number + 1 < 512 ? (size_t)(count - number + 1) : 512;
        if (read_at(shares->fd, block, many * SHARE_BYTES, place_of(number)) < 0)
            return 0;
        for (size_t i = 0; i < many; i++)
            if (sodium_is_zero(block + i * SHARE_BYTES, SHARE_BYTES))
                return number + (int64_t)i;
    }
    return 0;
}
