// SPDX-License-Identifier: MPL-2.0
#include "command/installation.h"

#include "store/migration.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

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

int installation_lock(const struct options *options, struct installation *installation)
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
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        close(fd);
        fprintf(stderr, "samtraad: another samtraad runs on the data folder %s; stop it first\n",
                options->data);
        return -EAGAIN;
    }
    installation->lock = fd;
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
    case -EINVAL:
        return "the master key's file is malformed; 64 hexadecimal digits and a line feed were "
               "expected";
    default:
        return "the keeper did not start";
    }
}

int installation_open(const struct options *options, enum db_mode mode,
                      struct installation *installation)
{
    int r;

    // A reader's recovery after a crash would make the file; only init may.
    if (access(options->database, F_OK) < 0 && mode == DB_READ) {
        fprintf(stderr, "samtraad: there is no database in %s; \"samtraad init\" makes one\n",
                options->data);
        return -ENOENT;
    }
    r = keeper_start(options->key, &installation->keeper);
    if (r < 0) {
        installation_complain(options, key_problem(r), r);
        return r;
    }
    r = db_open(options->database, mode, &installation->db);
    if (r < 0) {
        installation_complain(options, "the database can't be opened", r);
        return r;
    }
    if (mode == DB_WRITE)
        r = migration_run(installation->db, clock_now(clock_system()));
    if (r < 0)
        installation_complain(
            options, "the database's schema can't be brought to this program's; see the line above",
            r);
    return r;
}

void installation_close(struct installation *installation)
{
    db_close(installation->db);
    keeper_stop(installation->keeper);
    if (installation->lock >= 0)
        close(installation->lock);
}
