// SPDX-License-Identifier: MPL-2.0
#include "command/command.h"

#include "command/installation.h"
#include "command/metrics.h"
#include "command/settings.h"
#include "crypt/key_file.h"
#include "feature/account/oidc.h"
#include "feature/consent/consent.h"
#include "feature/journal/journal_adapter.h"
#include "feature/notice/notice.h"
#include "mail/sender.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

struct check {
    const struct options *options;
    int problems;
};

static void complain(struct check *check, const char *setting, const char *value, const char *expected)
{
    const int line = config_line(check->options->config, setting);

    printf("%s = %s\n    expected: %s", setting, value, expected);
    if (line > 0)
        printf(" (line %d)", line);
    printf("\n");
    check->problems++;
}

static void check_one(void *context, const char *name, const char *value)
{
    struct check *check = context;
    const struct setting_rule *rule = settings_find(str_from(name));
    const char *expected;

    if (!rule)
        complain(check, name, value, "a setting of this name is not known; \"man samtraad.conf\" has them all");
    else if (!settings_fit(rule, value, check->options->arena, &expected))
        complain(check, name, value, expected);
}

static void check_mode(struct check *check, const char *setting, const char *path, mode_t kind, const char *how)
{
    struct stat status;

    if (stat(path, &status) < 0)
        complain(check, setting, path, errno == ENOENT ? "it is there (\"samtraad init\" makes a new installation's; another's is brought back)" : strerror(errno));
    else if ((status.st_mode & S_IFMT) != kind)
        complain(check, setting, path, kind == S_IFDIR ? "a folder" : "a file");
    else if (status.st_mode & (S_IRWXG | S_IRWXO))
        complain(check, setting, path, how);
    else if (access(path, R_OK) < 0)
        complain(check, setting, path, "this user can read it");
}

static void check_key(struct check *check)
{
    const char *key = check->options->key;
    struct stat status;

    if (!key_file_is_credential(key) || stat(key, &status) < 0 || key_file_is_exposed(key, status.st_mode))
        check_mode(check, "key", key, S_IFREG, "a file that nobody else may read (chmod 400)");
    else if (access(key, R_OK) < 0)
        complain(check, "key", key, "this user can read it");
}

// That the key's file is a key, and the data folder's. Says itself what is wrong.
static void check_keeper(struct check *check)
{
    struct installation installation = { .lock = -1 };

    if (installation_open_keeper(check->options, &installation) < 0)
        check->problems++;
    installation_close(&installation);
}

static void check_files(struct check *check)
{
    const struct options *options = check->options;
    const char *journal = config_get(options->config, "journal.deliver", "");
    const int before = check->problems;
    struct stat status;

    check_mode(check, "data", options->data, S_IFDIR, "a folder that nobody else may enter (chmod 700)");
    check_key(check);
    if (check->problems == before)
        check_keeper(check);
    check_mode(check, "shares", options->shares, S_IFREG, "a file that nobody else may read (chmod 600)");
    if (journal[0] == '/' && (stat(journal, &status) < 0 || !S_ISDIR(status.st_mode) || access(journal, W_OK) < 0))
        complain(check, "journal.deliver", journal, "a folder that is there and that this user may write");
    // It holds the providers' secrets.
    if (options->config_file && stat(options->config_file, &status) == 0 && (status.st_mode & (S_IRWXO | S_IWGRP)))
        complain(check, "the configuration file", options->config_file, "nobody else may read it (chmod 600, or 640 with the service's group)");
}

// Whom the front speaks for is believed from the front alone; without it all people have one address, and its limits.
static void check_front(struct check *check)
{
    const struct config *config = check->options->config;
    const char *url = config_get(config, "base_url", ""), *front = config_get(config, "behind_proxy", "0");

    if (strncmp(url, "https://", 8) == 0 && strcmp(front, "1") != 0)
        complain(check, "behind_proxy", front, "1, since base_url is https and TLS is a front's: without it all people count as one address");
}

// Handed over to another machine; of a folder here check_files knows more.
static int journal_check(const struct config *config)
{
    struct journal_adapter *adapter = NULL;
    int r = config_get(config, "journal.deliver", "/")[0] == '/' ? 0 : journal_adapter_new(config, &adapter);

    if (adapter)
        adapter->free(adapter);
    return r;
}

static int consent_check(const struct config *config)
{
    struct consent_settings settings;

    return consent_settings_read(config, &settings);
}

// What only the parts know: how their settings fit together. They say on standard error what they expected.
static void check_parts(struct check *check)
{
    static int (*const parts[])(const struct config *config) = { oidc_providers_check, mail_settings_check, notice_settings_check,
                                                                 consent_check, metrics_settings_check, journal_check };

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (parts[i](check->options->config) < 0)
            check->problems++;
}

static int run(const struct options *options)
{
    struct check check = { .options = options };

    if (installation_harden() < 0)
        return EXIT_FAILURE;
    config_each(options->config, check_one, &check);
    check_front(&check);
    check_files(&check);
    fflush(stdout);
    check_parts(&check);
    if (check.problems == 0)
        printf("the settings are in order\n");
    else
        printf("%d %s to be put right\n", check.problems, check.problems == 1 ? "thing is" : "things are");
    return check.problems == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

const struct command command_check_config = {
    .name = "check-config",
    .summary = "looks through the configuration file and what it names, before a server has to",
    .explanation = "Every setting, whether it is known and within its limits; the data folder, the key, the shares and all other files that are\n"
                   "named, that the key is the folder's, and that nobody else may read what is secret. Ends with 1 when anything is wrong. Starts and changes nothing.\n",
    .options = OPTIONS_SERVE,
    .run = run,
};
