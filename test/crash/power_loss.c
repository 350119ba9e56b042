// SPDX-License-Identifier: MPL-2.0
// power_loss [STATES [SEED [normal]]]: what the disk may hold after the power was cut.
//
// First, rows are written through the one writer with its log, while every write and every sync of the database's files, and every
// acknowledgement, is recorded in the order in which they happened. Then, for so many moments among them, the files are made as a disk may
// hold them: all that was synced before, and of each sector written since any of its versions, or the old one. In each of these states
// everything acknowledged before the moment is there, and the log holds.
//
// The control run, 'normal', lets SQLite leave out the sync at each commit (synchronous=NORMAL). It must lose something; otherwise this
// program sees nothing.
#include "base/log.h"
#include "rows.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define STATES 100
#define BURSTS 3
#define ROWS_EACH 8       // of each producer in a burst
#define QUIET_US 1300000  // behind a burst: the writer then moves its log into the database
#define SECTOR 512
#define EVENTS_MAX 100000
#define FILE_MAX (16 << 20)

enum file_name { DATABASE, WAL, CHECKPOINTS, FILES };

enum event_kind { WRITE, CUT, SYNC, SYNC_FOLDER, ACKNOWLEDGE };

struct event {
    enum event_kind kind;
    enum file_name file;
    // Of a write: where; of a cut: the new length; of a sync of the folder: a bit for each file that is in it; of an acknowledgement: the row.
    int64_t at;
    size_t len;
    uint8_t *data;
};

// The functions that record are called from inside SQLite, so what they fill is not to be reached otherwise.
static struct {
    pthread_mutex_t lock;
    bool on, normal;
    const struct place *place;
    struct event *events;
    size_t count;
} record = { .lock = PTHREAD_MUTEX_INITIALIZER };

static const char *const suffixes[FILES] = { "database", "database-wal", "checkpoints" };

static void add(struct event event)
{
    if (record.count >= EVENTS_MAX)
        fail("more events than this test holds", EVENTS_MAX);
    record.events[record.count++] = event;
}

// Which of the files a descriptor is; FILES: the folder; -1: another.
static int file_of(int fd)
{
    char link[32], path[128];
    const size_t folder = strlen(record.place->folder);

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof(path) - 1);
    if (len < (ssize_t)folder || memcmp(path, record.place->folder, folder) != 0)
        return -1;
    path[len] = '\0';
    for (int file = 0; file < FILES; file++)
        if (strcmp(path + folder + (path[folder] == '/'), suffixes[file]) == 0)
            return file;
    return path[folder] == '\0' ? FILES : -1;
}

static void add_write(int fd, const void *data, ssize_t len, int64_t at)
{
    int file = len > 0 ? file_of(fd) : -1;

    if (file < 0 || file == FILES)
        return;
    uint8_t *copy = malloc((size_t)len);
    if (!copy)
        fail("memory", ENOMEM);
    memcpy(copy, data, (size_t)len);
    add((struct event){ WRITE, (enum file_name)file, at, (size_t)len, copy });
}

static int64_t files_there(void)
{
    int64_t there = 0;

    for (int file = 0; file < FILES; file++) {
        char path[96];

        snprintf(path, sizeof(path), "%s/%s", record.place->folder, suffixes[file]);
        there |= access(path, F_OK) == 0 ? (int64_t)1 << file : 0;
    }
    return there;
}

static void add_sync(int fd)
{
    int file = file_of(fd);

    if (file == FILES)
        add((struct event){ .kind = SYNC_FOLDER, .at = files_there() });
    else if (file >= 0)
        add((struct event){ .kind = SYNC, .file = (enum file_name)file });
}

// In place of the C library's, for SQLite too. What is done and what is recorded happen under one lock.
ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
    pthread_mutex_lock(&record.lock);
    ssize_t n = syscall(SYS_pwrite64, fd, data, len, at);
    if (record.on)
        add_write(fd, data, n, at);
    pthread_mutex_unlock(&record.lock);
    return n;
}

ssize_t write(int fd, const void *data, size_t len)
{
    pthread_mutex_lock(&record.lock);
    ssize_t n = syscall(SYS_write, fd, data, len);
    if (record.on)
        add_write(fd, data, n, lseek(fd, 0, SEEK_CUR) - n);
    pthread_mutex_unlock(&record.lock);
    return n;
}

int ftruncate64(int fd, off64_t length)
{
    pthread_mutex_lock(&record.lock);
    int r = (int)syscall(SYS_ftruncate, fd, length);
    int file = record.on && r == 0 ? file_of(fd) : -1;
    if (file >= 0 && file < FILES)
        add((struct event){ .kind = CUT, .file = (enum file_name)file, .at = length });
    pthread_mutex_unlock(&record.lock);
    return r;
}

static int sync_and_record(long call, int fd)
{
    pthread_mutex_lock(&record.lock);
    int r = (int)syscall(call, fd);
    if (record.on && r == 0)
        add_sync(fd);
    pthread_mutex_unlock(&record.lock);
    return r;
}

int fsync(int fd)
{
    return sync_and_record(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return sync_and_record(SYS_fdatasync, fd);
}

// The control run: what the program says to SQLite, weakened by one word.
int sqlite3_exec(sqlite3 *handle, const char *sql, int (*row)(void *, int, char **, char **), void *context, char **ret_error)
{
    int (*real)(sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *, char **);
    *(void **)&real = dlsym(RTLD_NEXT, "sqlite3_exec");
    const char *strict = record.normal ? strstr(sql, "synchronous = FULL") : NULL;
    if (!strict)
        return real(handle, sql, row, context, ret_error);
    int r = real(handle, sql, row, context, ret_error);
    return r == SQLITE_OK ? real(handle, "PRAGMA synchronous = NORMAL", row, context, ret_error) : r;
}

static void acknowledge(void *context, int64_t id)
{
    pthread_mutex_lock(&record.lock);
    add((struct event){ .kind = ACKNOWLEDGE, .at = id });
    pthread_mutex_unlock(&record.lock);
}

static void record_all(const struct place *place)
{
    struct rows rows = { .acknowledge = acknowledge };

    record.place = place;
    record.on = true;
    rows_open(place, &rows);
    for (int64_t burst = 1; burst <= BURSTS; burst++) {
        rows_write(&rows, burst, ROWS_EACH);
        usleep(QUIET_US);
    }
    rows_write(&rows, BURSTS + 1, ROWS_EACH);
    record.on = false;
    rows_close(&rows);
}

// The disk at a moment: what a file holds for certain, and what was written to it since its last sync.
struct image {
    uint8_t *bytes;
    int64_t length;
    bool there, named;   // has begun to exist; its name in the folder is durable
};

struct disk {
    struct image images[FILES];
    size_t at;                       // the events before it have happened
    size_t pending[EVENTS_MAX];      // writes and cuts that no sync has followed
    size_t pending_count;
};

static void take_in(struct image *image, const struct event *event)
{
    int64_t end = event->at + (int64_t)event->len;

    if (end > FILE_MAX)
        fail("a larger file than this test holds", end);
    if (event->kind == CUT) {
        if (event->at < image->length)
            memset(image->bytes + event->at, 0, (size_t)(image->length - event->at));
        image->length = event->at;
        return;
    }
    memcpy(image->bytes + event->at, event->data, event->len);
    image->length = end > image->length ? end : image->length;
}

static void settle(struct disk *disk, enum file_name file)
{
    size_t kept = 0;

    for (size_t i = 0; i < disk->pending_count; i++) {
        const struct event *event = &record.events[disk->pending[i]];

        if (event->file == file)
            take_in(&disk->images[file], event);
        else
            disk->pending[kept++] = disk->pending[i];
    }
    disk->pending_count = kept;
}

static void advance(struct disk *disk, size_t to)
{
    for (; disk->at < to; disk->at++) {
        const struct event *event = &record.events[disk->at];

        if (event->kind == WRITE || event->kind == CUT) {
            disk->pending[disk->pending_count++] = disk->at;
            disk->images[event->file].there = true;
        } else if (event->kind == SYNC) {
            settle(disk, event->file);
        } else if (event->kind == SYNC_FOLDER) {
            for (int file = 0; file < FILES; file++)
                if (event->at & (int64_t)1 << file)
                    disk->images[file].there = disk->images[file].named = true;
        }
    }
}

// How a disk may lose: nothing of what is pending is there; all of it; whole writes at random; each sector at random.
enum loss { LOSE_ALL, LOSE_NONE, LOSE_WRITES, LOSE_SECTORS, LOSSES };

static void take_sectors(struct image *image, const struct event *event)
{
    // Sectors of the disk, not of the write: its first and last may be parts.
    for (int64_t at = event->at; at < event->at + (int64_t)event->len;) {
        int64_t end = (at / SECTOR + 1) * SECTOR, last = event->at + (int64_t)event->len;
        struct event part = *event;

        part.at = at;
        part.len = (size_t)((end < last ? end : last) - at);
        part.data = event->data + (at - event->at);
        if (random() % 2)
            take_in(image, &part);
        at += (int64_t)part.len;
    }
}

static void lose(const struct disk *disk, enum loss loss, enum file_name file, struct image *image)
{
    for (size_t i = 0; i < disk->pending_count; i++) {
        const struct event *event = &record.events[disk->pending[i]];

        if (event->file != file || loss == LOSE_ALL)
            continue;
        if (loss == LOSE_NONE || event->kind == CUT || loss == LOSE_WRITES) {
            if (loss == LOSE_NONE || random() % 2)
                take_in(image, event);
        } else {
            take_sectors(image, event);
        }
    }
}

static void write_file(const char *path, const struct image *image)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (fd < 0 || write(fd, image->bytes, (size_t)image->length) != image->length || close(fd) < 0)
        fail("making a file", errno);
}

static void make_state(const struct disk *disk, enum loss loss, const struct place *place)
{
    static uint8_t scratch[FILE_MAX];
    char path[96];

    snprintf(path, sizeof(path), "%s/database-shm", place->folder);
    unlink(path);
    for (enum file_name file = 0; file < FILES; file++) {
        const struct image *image = &disk->images[file];
        struct image state = { .bytes = scratch, .length = image->length };

        snprintf(path, sizeof(path), "%s/%s", place->folder, suffixes[file]);
        unlink(path);
        if (!image->there || (!image->named && loss != LOSE_NONE && random() % 2))
            continue;
        memset(scratch, 0, sizeof(scratch));
        memcpy(scratch, image->bytes, (size_t)image->length);
        lose(disk, loss, file, &state);
        write_file(path, &state);
    }
}

static void read_image(const struct place *place, enum file_name file, struct image *image)
{
    char path[96];

    image->bytes = calloc(1, FILE_MAX);
    if (!image->bytes)
        fail("memory", ENOMEM);
    snprintf(path, sizeof(path), "%s/%s", place->folder, suffixes[file]);
    int fd = open(path, O_RDONLY);
    if (fd < 0)
        return;
    image->there = image->named = true;
    image->length = read(fd, image->bytes, FILE_MAX);
    close(fd);
    if (image->length < 0 || image->length == FILE_MAX)
        fail("reading a file", errno);
}

// In a process of its own, since what is wrong ends it. 0: the state holds.
static int check(const struct place *place, size_t moment, bool quiet)
{
    int status;
    pid_t child = fork();

    if (child < 0)
        fail("fork", errno);
    if (child == 0) {
        struct acknowledged acknowledged = { .ids = calloc(record.count + 1, sizeof(int64_t)) };

        if (quiet && !freopen("/dev/null", "w", stderr))
            exit(EXIT_FAILURE);
        for (size_t i = 0; i < moment; i++)
            if (record.events[i].kind == ACKNOWLEDGE)
                acknowledged.ids[acknowledged.count++] = record.events[i].at;
        rows_check(place, &acknowledged);
        free(acknowledged.ids);
        _exit(EXIT_SUCCESS);
    }
    if (waitpid(child, &status, 0) != child)
        fail("waitpid", errno);
    return status;
}

static int by_size(const void *a, const void *b)
{
    size_t left = *(const size_t *)a, right = *(const size_t *)b;

    return (left > right) - (left < right);
}

static long replay(const struct place *place, struct disk *disk, long states)
{
    size_t *moments = calloc((size_t)states, sizeof(*moments));
    long bad = 0;

    if (!moments)
        fail("memory", ENOMEM);
    for (long i = 0; i < states; i++)
        moments[i] = (size_t)random() % (record.count + 1);
    qsort(moments, (size_t)states, sizeof(*moments), by_size);
    for (long i = 0; i < states; i++) {
        enum loss loss = (enum loss)(random() % LOSSES);

        advance(disk, moments[i]);
        make_state(disk, loss, place);
        if (check(place, moments[i], record.normal) != 0) {
            bad++;
            if (!record.normal)
                fprintf(stderr, "    at event %zu of %zu, loss %d, %zu pending\n", moments[i], record.count, (int)loss, disk->pending_count);
        }
    }
    free(moments);
    return bad;
}

static size_t count(enum event_kind kind)
{
    size_t found = 0;

    for (size_t i = 0; i < record.count; i++)
        found += record.events[i].kind == kind;
    return found;
}

int main(int argc, char **argv)
{
    long states = argc > 1 ? strtol(argv[1], NULL, 10) : STATES;
    unsigned seed = (unsigned)(argc > 2 ? strtol(argv[2], NULL, 10) : time(NULL));
    static struct disk disk;
    struct place place;

    record.normal = argc > 3 && strcmp(argv[3], "normal") == 0;
    record.events = calloc(EVENTS_MAX, sizeof(*record.events));
    if (!record.events || states < 1)
        fail("power_loss [STATES [SEED [normal]]]", EINVAL);
    printf("seed %u\n", seed);
    fflush(stdout);
    srandom(seed);
    log_threshold(LOG_WARNING);
    place_make(&place);
    rows_prepare(&place);
    for (enum file_name file = 0; file < FILES; file++)
        read_image(&place, file, &disk.images[file]);
    record_all(&place);
    long bad = replay(&place, &disk, states);
    printf("%zu writes, %zu syncs, %zu acknowledged; %ld states, %ld of them bad\n", count(WRITE), count(SYNC), count(ACKNOWLEDGE), states, bad);
    if (count(ACKNOWLEDGE) == 0 || count(SYNC) == 0)
        fail("nothing was recorded", 0);
    for (size_t i = 0; i < record.count; i++)
        free(record.events[i].data);
    free(record.events);
    for (enum file_name file = 0; file < FILES; file++)
        free(disk.images[file].bytes);
    place_remove(&place);
    return (bad == 0) == !record.normal ? EXIT_SUCCESS : EXIT_FAILURE;
}
