// SPDX-License-Identifier: MPL-2.0
// What is copied, in which order, and why: docs/adr/0023-backup.md.
#include "command/command.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "command/installation.h"
#include "command/last_backup.h"
#include "command/manifest.h"
#include "command/place.h"
#include "store/copy.h"
#include "store/migration.h"
#include "store/rows.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define ARENA_MAX ((size_t)64 << 20)
#define PATH_MAX_BYTES 4096
#define KEEP_MAX 10000

struct backup {
    const struct options *options;
    struct db *db;
    struct chest chest;
    struct manifest now, before;   // before: the newest that is there, then this one's first round; empty without one
    struct manifest earlier;       // in the second round: the newest that is there
    char name[32];                 // of this one
    int64_t gone;                  // files that were removed while they were copied
    uint8_t *piece;
};

// All that can be read of it now: the entry's size is what was read.
static int copy_pieces(struct backup *backup, int fd, const char *name, int64_t changed)
{
    uint8_t hash[CHEST_HASH];
    struct manifest_file *file;
    ssize_t len = CHEST_PIECE;
    int r = manifest_add_file(&backup->now, name, 0, changed, &file);

    while (r == 0 && len == CHEST_PIECE) {
        len = file_read_at(fd, backup->piece, CHEST_PIECE, file->size);
        if (len <= 0)
            return (int)len;
        r = chest_put(&backup->chest, bytes_from(backup->piece, (size_t)len), hash);
        r = r < 0 ? r : manifest_add_piece(&backup->now, hash);
        file->size += len;
    }
    return r;
}

static int copy_file(struct backup *backup, const char *path, const char *name)
{
    _cleanup_(close_descriptor) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    return fd < 0 ? -errno : copy_pieces(backup, fd, name, 0);
}

// A file that is as it was at the last backup, and whose pieces are all there, needs not be read again.
static bool take_over(struct backup *backup, const char *name, const struct stat *status, int64_t changed, int *ret_error)
{
    const struct manifest_file *known = manifest_find(&backup->before, name);
    struct manifest_file *file;

    if (!known || known->size != status->st_size || known->changed != changed)
        return false;
    for (size_t i = 0; i < known->count; i++)
        if (!chest_has(&backup->chest, backup->before.pieces[known->first + i], manifest_piece_size(known, i)))
            return false;
    *ret_error = manifest_add_file(&backup->now, name, known->size, changed, &file);
    for (size_t i = 0; i < known->count && *ret_error == 0; i++)
        *ret_error = manifest_add_piece(&backup->now, backup->before.pieces[known->first + i]);
    return true;
}

static int copy_sealed_file(struct backup *backup, int folder, const char *entry)
{
    _cleanup_(close_descriptor) int fd = openat(folder, entry, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    char name[300];
    struct stat status;
    int r = 0;

    if (fd < 0) {
        backup->gone += errno == ENOENT;
        return errno == ENOENT ? 0 : -errno;
    }
    if (fstat(fd, &status) < 0)
        return -errno;
    if (!S_ISREG(status.st_mode) || snprintf(name, sizeof(name), "files/%s", entry) >= (int)sizeof(name))
        return -EINVAL;
    const int64_t changed = status.st_mtim.tv_sec * INT64_C(1000000000) + status.st_mtim.tv_nsec;
    return take_over(backup, name, &status, changed, &r) ? r : copy_pieces(backup, fd, name, changed);
}

// Files that 'before' knows unchanged cost a look only; so the second round, after the database was copied, takes what has come since the first.
static int copy_sealed_files(struct backup *backup)
{
    int fd = open(backup->options->files, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd < 0 ? NULL : fdopendir(fd);
    int r = 0;

    if (!list)
        return errno == ENOENT ? 0 : -errno;   // nobody has ever sent one
    for (struct dirent *entry; r == 0 && (entry = readdir(list));)
        if (entry->d_name[0] != '.')
            r = copy_sealed_file(backup, dirfd(list), entry->d_name);
    closedir(list);
    return r;
}

static int add_table(void *context, const struct copy_rows *rows)
{
    struct backup *backup = context;

    return manifest_add_table(&backup->now, rows->table, rows->rows, rows->hash);
}

static void tell_nothing(void *context, const struct table *table, int64_t rows)
{
}

// All tables as of one moment. Closes the copy.
static int fill_copy(struct backup *backup, struct db *copy)
{
    const struct rows_told told = { NULL, tell_nothing };
    const struct table *tables;
    struct arena *arena;
    size_t count = 0;
    int r = arena_new(ARENA_MAX, &arena);

    r = r < 0 ? r : tables_read(arena, &tables, &count);
    r = r < 0 ? r : migration_apply(copy, migrations, migrations_count, backup->now.made);
    r = r < 0 ? r : db_begin_read(backup->db);
    if (r == 0) {
        for (size_t i = 0; i < count && r == 0; i++)
            r = rows_sync(backup->db, copy, &tables[i], &told);
        db_rollback(backup->db);
    }
    db_close(copy);   // before the texts of its statements
    arena_free(arena);
    return r;
}

// Yesterday's copy, so that what has not changed since lies where it lay, and its pieces are known. -ENOENT: there is none.
static int take_yesterday(struct backup *backup, const char *path)
{
    const struct manifest_file *known = manifest_find(&backup->earlier, "samtraad.db");
    _cleanup_(close_descriptor) int fd = known ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;

    if (!known)
        return -ENOENT;
    return fd < 0 ? -errno : manifest_write_file(&backup->earlier, &backup->chest, known, fd, backup->piece);
}

static int make_copy(struct backup *backup, const char *path)
{
    struct db *copy;
    int r = db_open(path, DB_COPY, &copy);

    return r < 0 ? r : fill_copy(backup, copy);
}

// From a database on a server; the copy is a file as of SQLite.
static int copy_from_server(struct backup *backup, const char *path)
{
    int r = migration_compare(backup->db);

    if (r == 0 && take_yesterday(backup, path) == 0 && make_copy(backup, path) == 0)
        return 0;
    unlink(path);
    return r < 0 ? r : make_copy(backup, path);
}

// The copy lies among what the backup takes in, and is gone with it if it is cut off.
static int copy_the_database(struct backup *backup)
{
    char path[PATH_MAX_BYTES];

    if (snprintf(path, sizeof(path), "%s/incoming/database", backup->chest.folder) >= (int)sizeof(path))
        return -ENAMETOOLONG;
    const bool remote = db_is_remote(backup->options->database);
    int r = remote ? copy_from_server(backup, path) : copy_database(backup->options->database, path);
    r = r < 0 ? r : copy_check(path);
    r = r < 0 ? r : copy_each(path, add_table, backup);
    r = r < 0 ? r : copy_file(backup, path, "samtraad.db");
    if (unlink(path) < 0 && r == 0)
        r = -errno;
    return r;
}

// The pieces of the first round become known to the second.
static int second_round(struct backup *backup)
{
    struct manifest first = backup->now;
    int r = manifest_new(&backup->now);

    backup->earlier = backup->before;
    backup->before = first;
    if (r < 0)
        return r;
    backup->now.made = first.made;
    r = copy_file(backup, backup->options->checkpoints, "checkpoints.jsonl");
    r = r < 0 ? r : copy_file(backup, backup->options->log_key, "log.pub");
    r = r < 0 ? r : copy_the_database(backup);
    manifest_sort(&backup->before);
    return r < 0 ? r : copy_sealed_files(backup);
}

static int read_before(struct backup *backup)
{
    struct arena *arena;
    const char **names;
    size_t count = 0;
    int r = arena_new(ARENA_MAX, &arena);

    if (r < 0)
        return r;
    r = chest_backups(&backup->chest, arena, &names, &count);
    if (r == 0 && count > 0 && manifest_read(&backup->chest, names[count - 1], NULL, &backup->before) < 0) {
        fprintf(stderr, "samtraad: the backup %s can't be read; this one begins anew\n", names[count - 1]);
        manifest_free(&backup->before);
    }
    manifest_sort(&backup->before);
    arena_free(arena);
    return r;
}

static void name_it(struct backup *backup)
{
    const int64_t ms = backup->now.made, in_day = ms % DAY_MS / 1000;
    const struct civil date = clock_date(ms / DAY_MS);

    snprintf(backup->name, sizeof(backup->name), "%04d-%02d-%02dT%02d-%02d-%02d.%03dZ", date.year, date.month, date.day, (int)(in_day / 3600),
             (int)(in_day / 60 % 60), (int)(in_day % 60), (int)(ms % 1000));
}

static int make(struct backup *backup, struct keeper *keeper)
{
    int r = manifest_new(&backup->now);

    backup->piece = malloc(CHEST_PIECE);
    r = r < 0 || backup->piece ? r : -ENOMEM;
    r = r < 0 ? r : read_before(backup);
    backup->now.made = clock_now(clock_system());
    name_it(backup);
    // First what was there before the copy of the database, as the long part of the work.
    r = r < 0 ? r : copy_sealed_files(backup);
    r = r < 0 ? r : chest_settle(&backup->chest);
    backup->gone = 0;
    r = r < 0 ? r : second_round(backup);
    r = r < 0 ? r : chest_settle(&backup->chest);
    return r < 0 ? r : manifest_write(&backup->now, keeper, &backup->chest, backup->name);
}

static void print(const struct backup *backup)
{
    int64_t rows = 0, bytes = 0;

    for (size_t i = 0; i < backup->now.tables_count; i++)
        rows += backup->now.tables[i].rows;
    for (size_t i = 0; i < backup->now.files_count; i++)
        bytes += backup->now.files[i].size;
    printf("backup       %s\nrows         %lld in %zu tables\nfiles        %zu, %lld bytes\nnew          %lld pieces, %lld bytes\n", backup->name,
           (long long)rows, backup->now.tables_count, backup->now.files_count, (long long)bytes, (long long)backup->chest.added,
           (long long)backup->chest.added_bytes);
    if (backup->gone > 0)
        printf("gone         %lld files that were removed meanwhile\n", (long long)backup->gone);
    printf("All of it is sealed. It can only be read together with two files that are not in it and never must be:\n"
           "  the master key       %s\n  the file of shares   %s\n"
           "Keep a copy of the key in a safe place, and a mirror of the shares: the newest one, and no older.\n",
           backup->options->key, backup->options->shares);
}

static int prune(struct backup *backup)
{
    int64_t keep = 0, backups = 0, pieces = 0;
    int r = config_int(backup->options->config, "backup.keep", 0, KEEP_MAX, 0, &keep);

    if (r < 0 || keep == 0)
        return r;
    r = chest_prune(&backup->chest, (size_t)keep, &backups, &pieces);
    if (backups > 0)
        printf("removed      %lld old backups, %lld pieces\n", (long long)backups, (long long)pieces);
    return r;
}

// A copy in the folder it was made of is lost with it, and what the server does not know there it may remove. Nor may one lie around the other: each would
// be taken for a part of it.
static int check_place(const struct options *options)
{
    const char *const folders[] = { options->data, options->files };

    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        if (access(folders[i], F_OK) < 0)
            continue;   // nobody has ever sent a file, or the database is on a server
        if (place_is_inside(folders[i], options->topic) || (access(options->topic, F_OK) == 0 && place_is_inside(options->topic, folders[i]))) {
            fprintf(stderr, "samtraad: no backup was made: %s must be a folder of its own, neither in %s nor around it, best on another disk or machine\n",
                    options->topic, folders[i]);
            return -EINVAL;
        }
    }
    return 0;
}

static int open_chest(const struct options *options, struct backup *backup)
{
    int r = options->topic ? check_place(options) : -EINVAL;

    if (options->topic && r < 0)
        return r;
    r = options->topic ? chest_open(options->topic, true, &backup->chest) : -EINVAL;

    if (!options->topic)
        fprintf(stderr, "samtraad: say where to: samtraad backup FOLDER\n");
    else if (r < 0)
        fprintf(stderr, "samtraad: the folder %s can't be used for backups: %s\n", options->topic, r == -EAGAIN ? "another backup is at work" : strerror(-r));
    return r;
}

static int run(const struct options *options)
{
    struct backup backup = { .options = options, .chest = { .root = -1, .pieces = -1, .backups = -1, .incoming = -1 } };
    struct installation installation = { .lock = -1 };
    int r = installation_harden();

    r = r < 0 ? r : installation_open(options, DB_READ, &installation);
    if (r == 0) {
        r = open_chest(options, &backup);
        backup.db = installation.db;
        int made = r < 0 ? r : make(&backup, installation.keeper);
        if (r == 0 && made < 0)
            fprintf(stderr, "samtraad: no backup was made in %s: %s. Those that are there stay as they are\n", options->topic, strerror(-made));
        r = made;
    }
    if (r == 0) {
        print(&backup);
        r = prune(&backup);
        r = r < 0 ? r : last_backup_write(options, backup.now.made);
        if (r < 0)
            fprintf(stderr, "samtraad: the backup is whole, but what follows it failed: %s\n", strerror(-r));
    }
    manifest_free(&backup.now);
    manifest_free(&backup.before);
    manifest_free(&backup.earlier);
    chest_close(&backup.chest);
    free(backup.piece);
    installation_close(&installation);
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct command command_backup = {
    .name = "backup",
    .summary = "copies database, files and checkpoints to a folder, while the server runs",
    .explanation = "samtraad backup FOLDER. Each backup is whole; what an earlier one has already brought is not copied again.\n"
                   "A backup that was cut off does not count as one. Everything in it is sealed: neither the master key\n"
                   "nor the file of shares is in it, and without both of them nobody can read it.\n",
    .options = OPTIONS_FOLDER | OPTION_TOPIC | OPTION_KEEP,
    .run = run,
};
