// SPDX-License-Identifier: MPL-2.0
#include "command/settings.h"

#include "command/options.h"

#include <sys/stat.h>
#include <unistd.h>

#define NUMBER(name, min, max) { name, SETTING_NUMBER, min, max, NULL }
#define PROVIDER(section)                                                                                                                       \
    { section ".issuer", SETTING_URL }, { section ".client_id", SETTING_TEXT }, { section ".client_secret", SETTING_TEXT },                      \
        { section ".scope", SETTING_TEXT }, { section ".algorithms", SETTING_TEXT }, NUMBER(section ".clock_skew_seconds", 0, 300),              \
        NUMBER(section ".required_assurance", 0, 3), { section ".assurance_low", SETTING_TEXT }, { section ".assurance_substantial", SETTING_TEXT }, \
        { section ".assurance_high", SETTING_TEXT }, { section ".claim_name", SETTING_TEXT }, { section ".claim_assurance", SETTING_TEXT }

const struct setting_rule setting_rules[] = {
    { "address", SETTING_TEXT },
    NUMBER("port", 0, 65535),
    { "base_url", SETTING_URL },
    NUMBER("behind_proxy", 0, 1),
    { "timezone", SETTING_TEXT },
    { "data", SETTING_TEXT },
    { "database", SETTING_TEXT },
    { "replica", SETTING_TEXT },
    { "key", SETTING_TEXT },
    { "shares", SETTING_TEXT },
    NUMBER("workers", 1, 64),
    NUMBER("nodes", 1, NODES_MAX),
    NUMBER("connections", 16, 1000000),
    NUMBER("connections_per_address", 1, 1000000),
    NUMBER("idle_seconds", 5, 3600),
    NUMBER("header_seconds", 1, 300),
    NUMBER("session.idle_minutes", 3, 1440),
    NUMBER("session.absolute_minutes", 5, 10080),
    NUMBER("limit.person", 0, 1000000),
    NUMBER("limit.person_writes", 0, 1000000),
    NUMBER("limit.address", 0, 1000000),
    NUMBER("limit.address_writes", 0, 1000000),
    NUMBER("limit.person_look_ups", 0, 1000000),
    NUMBER("local.password_mebibytes", 19, 1024),
    NUMBER("local.password_passes", 2, 20),
    NUMBER("review.checks_per_day", 0, 50),
    NUMBER("backup.keep", 0, 10000),
    NUMBER("rotate.grace_seconds", 0, 86400),
    { "rotate.token", SETTING_TEXT },
    { "metrics.address", SETTING_TEXT },
    NUMBER("metrics.port", 0, 65535),
    { "metrics.token_file", SETTING_SECRET_FILE },
    { "smtp.url", SETTING_TEXT },
    { "smtp.tls", SETTING_CHOICE, 0, 0, "required wanted off" },
    { "smtp.ca", SETTING_FILE },
    { "smtp.user", SETTING_TEXT },
    { "smtp.password_file", SETTING_SECRET_FILE },
    { "smtp.from", SETTING_TEXT },
    { "smtp.from_name", SETTING_TEXT },
    NUMBER("smtp.retry_seconds", 1, 3600),
    NUMBER("smtp.tries", 1, 100),
    NUMBER("side_talk.days", 1, 365),
    NUMBER("consent.months", 1, 60),
    { "consent.reminders", SETTING_TEXT },
    NUMBER("consent.close_days", 1, 3650),
    NUMBER("notice.quiet_seconds", 0, 3600),
    NUMBER("notice.longest_seconds", 0, 86400),
    NUMBER("notice.daily_hour", 0, 23),
    { "journal.deliver", SETTING_TEXT },
    { "journal.sftp_key", SETTING_SECRET_FILE },
    { "journal.sftp_host_key", SETTING_TEXT },
    NUMBER("journal.tries", 1, 1000),
    NUMBER("journal.retry_seconds", 1, 86400),
    NUMBER("journal.poll_seconds", 1, 86400),
    NUMBER("journal.remind_days", 0, 365),
    NUMBER("file.max_bytes", 1048576, 209715200),
    { "file.clamd", SETTING_SOCKET },
    { "sandbox.read", SETTING_TEXT },
    NUMBER("retention.approval_days", 1, 365),
    NUMBER("retention.wait_days", 0, 365),
    PROVIDER("citizen"),
    { "citizen.claim_cpr", SETTING_TEXT },
    { "citizen.claim_birth", SETTING_TEXT },
    PROVIDER("staff"),
    { "staff.claim_title", SETTING_TEXT },
    { "staff.claim_unit", SETTING_TEXT },
    { "staff.claim_groups", SETTING_TEXT },
    { "staff.employee_group", SETTING_TEXT },
    { "staff.administrator_group", SETTING_TEXT },
    { NULL },
};

const struct setting_rule *settings_find(struct str name)
{
    for (const struct setting_rule *rule = setting_rules; rule->name; rule++)
        if (str_equal(str_from(rule->name), name))
            return rule;
    return NULL;
}

static const char *file_expected(const char *path, bool secret)
{
    struct stat status;

    if (stat(path, &status) < 0 || !S_ISREG(status.st_mode) || access(path, R_OK) < 0)
        return "a file that is there and can be read by this user";
    return secret && (status.st_mode & (S_IRWXG | S_IRWXO)) ? "a file that nobody else may read (chmod 600)" : NULL;
}

static bool is_choice(struct str choices, struct str value)
{
    while (choices.len > 0)
        if (str_equal(str_cut(&choices, ' '), value))
            return true;
    return false;
}

bool settings_fit(const struct setting_rule *rule, const char *value, struct arena *arena, const char **ret_expected)
{
    struct str text = str_from(value);
    struct stat status;
    int64_t number;

    *ret_expected = NULL;
    switch (rule->kind) {
    case SETTING_NUMBER:
        if (str_to_int(text, &number) < 0 || number < rule->min || number > rule->max)
            *ret_expected = arena_format(arena, "a number of %lld to %lld", (long long)rule->min, (long long)rule->max).ptr;
        break;
    case SETTING_CHOICE:
        if (!is_choice(str_from(rule->choices), text))
            *ret_expected = arena_format(arena, "one of: %s", rule->choices).ptr;
        break;
    case SETTING_URL:
        if (!str_starts(text, STR("https://")) && !str_starts(text, STR("http://")))
            *ret_expected = "an address that begins with https:// (or http:// on this machine alone)";
        break;
    case SETTING_SECRET_FILE:
    case SETTING_FILE:
        *ret_expected = file_expected(value, rule->kind == SETTING_SECRET_FILE);
        break;
    case SETTING_SOCKET:
        if (stat(value, &status) < 0 || !S_ISSOCK(status.st_mode))
            *ret_expected = "a socket that is there";
        break;
    default:
        if (text.len == 0)
            *ret_expected = "some text";
        break;
    }
    return !*ret_expected;
}
