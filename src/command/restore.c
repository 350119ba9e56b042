// SPDX-License-Identifier: MPL-2.0
#include "command/command.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "command/installation.h"
#include "command/restored.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define ARENA_MAX ((size_t)64 << 20)

static int complain(const char *what, const char *name, int error)
{
    fprintf(stderr, "samtraad: %s: %s: %s\n", what, name, strerror(-error));
    return error;
}

// The one that was asked for, or the newest.
static int choose(const struct options *options, const struct chest *chest, const char **ret_name)
{
    struct arena *arena;
    const char **names;
    size_t count = 0;
    int r = arena_new(ARENA_MAX, &arena);

    r = r < 0 ? r : chest_backups(chest, arena, &names, &count);
    size_t chosen = count;
    for (size_t i = 0; i < count && r == 0; i++)
        if (!options->backup || strcmp(options->backup, names[i]) == 0)
            chosen = i;
    if (r == 0 && chosen == count) {
        fprintf(stderr, "samtraad: there is no backup %s in %s\n", options->backup ? options->backup : "", chest->folder);
        for (size_t i = 0; i < count; i++)
            fprintf(stderr, "    %s\n", names[i]);
        r = -ENOENT;
    }
    if (r == 0)
        *ret_name = arena_str(options->arena, str_from(names[chosen])).ptr;
    arena_free(arena);
    return r == 0 && !*ret_name ? -ENOMEM : r;
}

static int write_file(const struct restored *restored, const struct manifest_file *file, uint8_t *piece)
{
    _cleanup_(close_descriptor) int fd = openat(restored->root, file->name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    int r = fd < 0 ? -errno : manifest_write_file(restored->manifest, restored->chest, file, fd, piece);

    return r < 0 ? complain(r == -EBADMSG ? "a piece of the backup is missing or damaged" : "can't be restored", file->name, r) : 0;
}

static int write_files(struct restored *restored)
{
    _cleanup_(free_pointer) uint8_t *piece = malloc(CHEST_PIECE);
    int r = piece ? 0 : -ENOMEM;

    if (mkdir(restored->folder, 0700) < 0)
        return complain(errno == EEXIST ? "a restore before this one was cut off or failed and has left its folder; remove that, and run this again"
                                        : "the folder can't be made", restored->folder, -errno);
    restored->root = open(restored->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (restored->root < 0 || mkdirat(restored->root, "files", 0700) < 0)
        return complain("the folder can't be used", restored->folder, -errno);
    for (size_t i = 0; i < restored->manifest->files_count && r == 0; i++)
        r = write_file(restored, &restored->manifest->files[i], piece);
    return r < 0 || syncfs(restored->root) == 0 ? r : -errno;
}

// Nothing is ever restored over something.
static int is_free(const char *folder)
{
    if (rmdir(folder) == 0 || errno == ENOENT)
        return 0;
    return complain("the data folder is there already; it is moved away by hand, or another is chosen with --data", folder, -errno);
}

// A drill leaves nothing behind.
static void remove_all(struct restored *restored)
{
    static const char *const left[] = { "samtraad.db-wal", "samtraad.db-shm" };

    for (size_t i = 0; i < restored->manifest->files_count; i++)
        unlinkat(restored->root, restored->manifest->files[i].name, 0);
    for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++)
        unlinkat(restored->root, left[i], 0);
    unlinkat(restored->root, "files", AT_REMOVEDIR);
    rmdir(restored->folder);
}

static int drill(const struct options *options, struct restored *restored)
{
    const char *temporary = getenv("TMPDIR");
    char *above = (char *)arena_format(options->arena, "%s/samtraad-drill-XXXXXX", temporary ? temporary : "/tmp").ptr;

    if (!above || !mkdtemp(above))
        return complain("a temporary folder can't be made", above ? above : "", above ? -errno : -ENOMEM);
    restored->folder = arena_format(options->arena, "%s/data", above).ptr;
    int r = restored->folder ? write_files(restored) : -ENOMEM;
    r = r < 0 ? r : restored_check(options, restored);
    remove_all(restored);
    rmdir(above);
    if (r == 0)
        printf("the backup can be restored\n");
    return r;
}

// A backup holds a file, whichever database it was made of.
static void tell_place(const struct options *options)
{
    printf("restored to %s\n", options->data);
    if (db_is_remote(options->database))
        printf("The database is the file %s/samtraad.db. To bring it to an empty one on the server:\n"
               "    samtraad move --from %s/samtraad.db --to %s\n",
               options->data, options->data, options->database);
}

static int move_in(const struct options *options, struct restored *restored)
{
    int r = is_free(options->data);

    restored->folder = arena_format(options->arena, "%s.restoring", options->data).ptr;
    r = r < 0 || restored->folder ? r : -ENOMEM;
    r = r < 0 ? r : write_files(restored);
    r = r < 0 ? r : restored_check(options, restored);
    if (r == 0 && (rename(restored->folder, options->data) < 0 || file_sync_folder(options->data) < 0))
        r = complain("the restored folder can't be moved to its place", restored->folder, -errno);
    if (r == 0)
        tell_place(options);
    else if (restored->root >= 0)
        fprintf(stderr, "samtraad: nothing was put in place; what there is lies in %s\n", restored->folder);
    return r;
}

static int open_backup(const struct options *options, struct keeper *keeper, struct chest *chest, struct manifest *manifest)
{
    const char *name = NULL;
    int r = options->topic ? chest_open(options->topic, false, chest) : -EINVAL;

    if (!options->topic)
        fprintf(stderr, "samtraad: say where from: samtraad restore FOLDER\n");
    else if (r < 0)
        complain(r == -EAGAIN ? "a backup is at work in the folder" : "this is no folder of backups", options->topic, r);
    r = r < 0 ? r : choose(options, chest, &name);
    if (r < 0)
        return r;
    r = manifest_read(chest, name, keeper, manifest);
    if (r < 0)
        return complain(r == -EBADMSG ? "the backup is damaged, or not of this installation's key" : "the backup can't be read", name, r);
    printf("backup       %s\n", name);
    return 0;
}

static int run(const struct options *options)
{
    struct installation installation = { .lock = -1 };
    struct chest chest = { .root = -1, .pieces = -1, .backups = -1, .incoming = -1 };
    struct manifest manifest = { 0 };
    const int64_t began = clock_monotonic();
    int r = installation_harden();

    r = r < 0 ? r : installation_open_keeper(options, &installation);
    r = r < 0 ? r : open_backup(options, installation.keeper, &chest, &manifest);
    if (r == 0) {
        struct restored restored = { .chest = &chest, .manifest = &manifest, .keeper = installation.keeper, .root = -1 };

        r = options->drill ? drill(options, &restored) : move_in(options, &restored);
        close_descriptor(&restored.root);
        printf("took         %lld ms\n", (long long)(clock_monotonic() - began));
    }
    manifest_free(&manifest);
    chest_close(&chest);
    installation_close(&installation);
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct command command_restore = {
    .name = "restore",
    .summary = "brings a backup back to a data folder that is not there, or tries whether it could",
    .explanation = "samtraad restore FOLDER. The newest backup, unless --backup names one. Checks everything: each piece, the rows against\n"
                   "those that were copied, the database, and the log with its checkpoints. Needs the master key and the file of shares,\n"
                   "which are in no backup. With --drill all of it happens in a temporary folder (TMPDIR), which is removed.\n",
    .options = OPTIONS_FOLDER | OPTION_TOPIC | OPTION_DRILL | OPTION_BACKUP,
    .run = run,
};
