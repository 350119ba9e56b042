// SPDX-License-Identifier: MPL-2.0
#include "command/command.h"

#include "base/cleanup.h"
#include "command/installation.h"
#include "command/place.h"
#include "crypt/key_file.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int make_folder(const struct options *options)
{
    int r = mkdir(options->data, 0700) < 0 && errno != EEXIST ? -errno : 0;

    if (r == 0 && chmod(options->data, 0700) < 0)
        r = -errno;
    if (r < 0)
        installation_complain(options, "the data folder can't be made", r);
    return r;
}

static int make_key(const struct options *options)
{
    int r, there;

    // Who copies the folder must not get both.
    if (place_is_inside(options->data, options->key)) {
        installation_complain(options, "the master key must lie outside the data folder", -EINVAL);
        return -EINVAL;
    }
    if (place_is_inside(options->data, options->shares)) {
        installation_complain(options, "the file of shares must lie outside the data folder",
                              -EINVAL);
        return -EINVAL;
    }
    if (access(options->key, F_OK) == 0)
        return 0;
    // A new key would open nothing of what is there.
    there = db_probe(options->database);
    if (there != 0 && there != -ENOENT) {
        installation_complain(options, "the database can't be reached", there);
        return there;
    }
    if (there == 0) {
        installation_complain(
            options, "the database is there but not its master key; bring that back", -ENOENT);
        return -ENOENT;
    }
    if (key_file_is_credential(options->key)) {
        installation_complain(
            options, "the credential is not there. Make the key first, without it: \"samtraad init --key FILE\", with the FILE of LoadCredential=", -ENOENT);
        return -ENOENT;
    }
    r = keeper_create_key(options->key);
    if (r < 0)
        installation_complain(options, "the master key can't be made", r);
    else
        printf("The master key is in %s.\nKeep a copy of it in a safe place that is not this "
               "machine: without it nothing can be read.\nThe file of shares is %s: keep its newest "
               "copy, and no older one.\n",
               options->key, options->shares);
    return r;
}

static int first_checkpoint(const struct options *options, struct installation *installation)
{
    struct audit *audit;
    int r = audit_open(installation->db, installation->keeper, options->checkpoints, clock_system(),
                       &audit);

    if (r == 0) {
        r = audit_checkpoint(audit);
        audit_close(audit);
    }
    if (r < 0)
        installation_complain(options, "the log can't be begun", r);
    return r;
}

static int run(const struct options *options)
{
    struct installation installation = { .lock = -1 };
    int r = installation_harden();

    if (r == 0)
        r = make_folder(options);
    if (r == 0)
        r = installation_lock(options, false, &installation);
    if (r == 0)
        r = make_key(options);
    if (r == 0)
        r = installation_open(options, DB_WRITE, &installation);
    if (r == 0)
        r = first_checkpoint(options, &installation);
    installation_close(&installation);
    if (r < 0)
        return EXIT_FAILURE;
    printf("The data folder %s is ready.\n", options->data);
    return EXIT_SUCCESS;
}

const struct command command_init = {
    .name = "init",
    .summary = "makes the data folder and the master key, or brings a folder to this version",
    .explanation = "The folder is for this user only. The master key is made beside it unless "
                   "--key says where; an existing key is used.\n"
                   "So is the file of shares (setting \"shares\"): what it forgets opens nowhere, in "
                   "no backup either.\n"
                   "It can be run again: what is there stays.\n",
    .options = OPTIONS_FOLDER,
    .run = run,
};
