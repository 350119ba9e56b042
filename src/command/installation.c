// SPDX-License-Identifier: MPL-2.0
#include "command/installation.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "feature/dialogue/dialogue.h"
#include "store/migration.h"
#include "store/moved.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define FOLDER_TRIES 20   // a twentieth of a second between them

int installation_harden(void)
{
    const struct rlimit none = { 0, 0 };

    return setrlimit(RLIMIT_CORE, &none) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0 ? -errno : 0;
}

int installation_complain(const struct options *options, const char *what, int error)
{
    fprintf(stderr, "samtraad: %s: %s (data folder %s, master key %s)\n", what, strerror(-error),
            options->data, options->key);
    return EXIT_FAILURE;
}

// The first of several takes it for a moment to look whether another runs (installation_is_running).
static int take_folder(int fd, bool beside)
{
    for (int tries = 0; tries < FOLDER_TRIES; tries++) {
        if (flock(fd, (beside ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0)
            return 0;
        if (beside)
            nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
    }
    return -EAGAIN;
}

int installation_lock(const struct options *options, bool beside, struct installation *installation)
{
    int fd = open(options->lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0) {
        int r = -errno;

        if (r == -ENOENT)
            fprintf(stderr, "samtraad: there is no data folder %s; \"samtraad init\" makes one\n",
                    options->data);
        else
            installation_complain(options, "the data folder can't be written", r);
        return r;
    }
    if (take_folder(fd, beside) < 0) {
        close(fd);
        fprintf(stderr, "samtraad: another samtraad runs on the data folder %s; stop it first\n",
                options->data);
        return -EAGAIN;
    }
    installation->lock = fd;
    return 0;
}

// Whoever holds the folder's lock serves it.
int installation_is_running(const struct options *options, bool *ret_running)
{
    _cleanup_(close_descriptor) int fd = open(options->lock, O_RDWR | O_CLOEXEC);

    if (fd < 0 && errno != ENOENT)
        return -errno;
    // Servers that share the folder leave room for a third.
    *ret_running = fd >= 0 && flock(fd, (options->nodes > 1 ? LOCK_EX : LOCK_SH) | LOCK_NB) < 0;
    return 0;
}

static const char *key_problem(int error)
{
    switch (error) {
    case -ENOENT:
        return "the master key is not there; bring it back from where it is kept safe, nothing can "
               "be read without it";
    case -EPERM:
        return "others may read the master key; chmod 400 it";
    case -EACCES:
        return "this user can't read the master key; is it the user who runs the server, and is the key this user's own?";
    case -ENOKEY:
        return "the master key is sealed by a token of PKCS#11 that can't be used, or that did not seal it; is it there (p11-kit list-modules), is its PIN right, "
               "and may others read the PIN's file?";
    case -EINVAL:
        return "the master key's file is malformed; 64 hexadecimal digits and a line feed were "
               "expected";
    default:
        return "the keeper did not start";
    }
}

static int write_log_key(const char *path, struct str text)
{
    _cleanup_(close_descriptor) int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
        return -errno;
    if (file_write(fd, str_bytes(text)) < 0 || fsync(fd) < 0) {
        unlink(path);
        return -EIO;
    }
    return 0;
}

// The folder holds the public half of the log's key: it tells at once whether the master key is the
// one that the folder was made with. -EBADMSG: it is another.
static int check_log_key(const struct options *options, enum db_mode mode, struct keeper *keeper)
{
    _cleanup_(buf_free) struct buf ours = buf_bounded(256);
    _cleanup_(close_descriptor) int fd = open(options->log_key, O_RDONLY | O_CLOEXEC);
    uint8_t key[KEEPER_PUBLIC_KEY];
    char there[2 * KEEPER_PUBLIC_KEY + 2];
    ssize_t len;
    int r = keeper_public_key(keeper, key);

    if (r < 0)
        return r;
    buf_hex(&ours, bytes_from(key, sizeof(key)));
    buf_char(&ours, '\n');
    if (ours.error)
        return ours.error;
    if (fd < 0)
        return mode != DB_READ ? write_log_key(options->log_key, buf_view(&ours)) : 0;
    len = file_read_at(fd, there, sizeof(there), 0);
    if (len < 0)
        return (int)len;
    return str_equal(buf_view(&ours), (struct str){ there, (size_t)len }) ? 0 : -EBADMSG;
}

static int open_keeper(const struct options *options, enum db_mode mode,
                       struct installation *installation)
{
    int r = keeper_start(options->key, &installation->keeper);

    if (r < 0) {
        installation_complain(options, key_problem(r), r);
        return r;
    }
    r = check_log_key(options, mode, installation->keeper);
    if (r == -EBADMSG)
        installation_complain(options, "the master key is another than the data folder's", r);
    else if (r < 0)
        installation_complain(options, "log.pub in the data folder can't be used", r);
    return r;
}

int installation_open_keeper(const struct options *options, struct installation *installation)
{
    return open_keeper(options, DB_READ, installation);
}

// Beside a running server (DB_READ) nothing of what people wrote is opened: no shares are needed.
static int open_shares(const struct options *options, struct installation *installation)
{
    int there = db_probe(options->database);
    int r = keeper_open_shares(installation->keeper, options->shares, there == -ENOENT);

    if (r == -ENOENT)
        fprintf(stderr,
                "samtraad: the file of shares %s is not there; bring it back from where it is kept "
                "safe, no dialogue can be read without it\n",
                options->shares);
    else if (r < 0)
        fprintf(stderr, "samtraad: the file of shares %s can't be used: %s\n", options->shares,
                r == -EPERM    ? "others may read it; chmod 600 it"
                : r == -EINVAL ? "it is damaged, or another file"
                               : strerror(-r));
    return r;
}

// A server whose key file was left behind by a rotation would wrap what no other can open.
static int check_key(const struct options *options, struct keeper *keeper, int64_t newest)
{
    static const uint8_t probe[32];
    uint8_t wrapped[KEEPER_WRAPPED];
    int r = newest > 0 ? keeper_wrap_shared(keeper, newest, probe, bytes_from("", 0), wrapped) : 0;

    if (r == -EBADMSG)
        installation_complain(options, "the master key does not open the newest share: its file is from before a rotation", r);
    return r;
}

// A copy that is older than the database would let dialogues be lost.
static int check_shares(const struct options *options, struct installation *installation)
{
    int64_t newest;
    int r = dialogue_newest_share(installation->db, &newest);

    if (r < 0)
        return r;
    bool destroyed = newest > 0 && keeper_share_destroyed(installation->keeper, newest);   // looks for what others have added, too
    if (newest <= keeper_shares(installation->keeper))
        return options->nodes > 1 ? check_key(options, installation->keeper, destroyed ? 0 : newest) : 0;
    fprintf(stderr,
            "samtraad: the file of shares %s is older than the database; bring the newest copy of "
            "it\n",
            options->shares);
    return -ESTALE;
}

static void complain_of_move(const struct options *options)
{
    fprintf(stderr,
            "samtraad: this database was moved to another one, or a move to it is not finished (data folder %s). The setting \"database\"\n"
            "names the one to work with; \"samtraad help move\" tells how to finish a move, and how to go back\n",
            options->data);
}

static void complain_of_schema(const struct options *options, int error)
{
    if (error == -EREMCHG)
        complain_of_move(options);
    else
        installation_complain(options, error == -EBUSY ? "the database's schema is that of an earlier program, which works with it: stop all servers first"
                                                       : "the database's schema can't be brought to this program's; see the line above", error);
}

// The schema is this program's; others are let in.
static int make_ready(const struct options *options, enum db_mode mode, struct installation *installation)
{
    int r = mode == DB_READ ? moved_check(installation->db) : migration_run(installation->db, clock_now(clock_system()));

    if (r < 0)
        complain_of_schema(options, r);
    if (r < 0 || mode == DB_READ)
        return r;
    if (mode == DB_WRITE_BESIDE)
        r = db_join(installation->db);
    return r < 0 ? r : check_shares(options, installation);
}

int installation_open(const struct options *options, enum db_mode mode,
                      struct installation *installation)
{
    int r = db_probe(options->database);

    // A reader's recovery after a crash would make the file; only init may.
    if (r == -ENOENT && mode == DB_READ) {
        fprintf(stderr, "samtraad: there is no database in %s; \"samtraad init\" makes one\n",
                options->data);
        return -ENOENT;
    }
    if (r < 0 && r != -ENOENT) {
        installation_complain(options, "the database can't be reached", r);
        return r;
    }
    r = open_keeper(options, mode, installation);
    if (r == 0 && mode != DB_READ)
        r = open_shares(options, installation);
    if (r < 0)
        return r;
    r = db_open(options->database, mode, &installation->db);
    if (r < 0) {
        installation_complain(options, r == -EBUSY ? "another samtraad works with the database; stop it first" : "the database can't be opened", r);
        return r;
    }
    return make_ready(options, mode, installation);
}

int installation_take(const struct options *options, struct installation *installation)
{
    int r = installation_harden();

    r = r < 0 ? r : installation_lock(options, false, installation);
    return r < 0 ? r : installation_open(options, DB_WRITE, installation);
}

int installation_write(struct installation *installation, struct audit *audit, struct write_job *job)
{
    struct writer_hooks hooks = audit_hooks(audit);
    struct writer *writer;
    int r = writer_start(installation->db, &hooks, &writer);

    if (r < 0)
        return r;
    installation->db = NULL;   // the writer's now
    r = writer_run(writer, job);
    writer_stop(writer);
    return r == 0 ? audit_checkpoint(audit) : r;
}

void installation_close(struct installation *installation)
{
    db_close(installation->db);
    keeper_stop(installation->keeper);
    if (installation->lock >= 0)
        close(installation->lock);
}
