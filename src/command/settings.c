// SPDX-License-Identifier: MPL-2.0
#include "command/settings.h"

#include "base/log.h"
#include "command/options.h"
#include "crypt/token.h"
#include "feature/account/oidc_fetch.h"
#include "store/db.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NUMBER(name, min, max) { name, SETTING_NUMBER, min, max, NULL }
#define PROVIDER(section)                                                                                                                             \
    { section ".issuer", SETTING_URL }, { section ".client_id", SETTING_TEXT }, { section ".client_secret", SETTING_SECRET },                         \
        { section ".scope", SETTING_SCOPE }, { section ".algorithms", SETTING_LIST, 0, 0, "RS256 PS256 ES256" },                                      \
        NUMBER(section ".clock_skew_seconds", 0, 300), NUMBER(section ".required_assurance", 0, 3),                                                   \
        { section ".assurance_low", SETTING_TEXT }, { section ".assurance_substantial", SETTING_TEXT }, { section ".assurance_high", SETTING_TEXT },  \
        { section ".claim_name", SETTING_TEXT }, { section ".claim_assurance", SETTING_TEXT }

const struct setting_rule setting_rules[] = {
    { "address", SETTING_ADDRESS },
    NUMBER("port", 0, 65535),
    { "base_url", SETTING_ORIGIN },
    NUMBER("behind_proxy", 0, 1),
    { "timezone", SETTING_ZONE },
    { "data", SETTING_TEXT },
    { "database", SETTING_DATABASE },
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
    { "rotate.token", SETTING_TOKEN },
    { "metrics.address", SETTING_ADDRESS },
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
    { "sandbox.read", SETTING_PLACE },
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

static bool are_choices(struct str choices, struct str values)
{
    while (values.len > 0)
        if (!is_choice(choices, str_cut(&values, ' ')))
            return false;
    return true;
}

static bool is_zone(const char *zone)
{
    char path[200];
    struct stat status;

    if (strcmp(zone, "UTC") == 0)
        return true;
    return zone[0] != '/' && !strstr(zone, "..") && snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", zone) < (int)sizeof(path) &&
           stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static bool is_address(const char *text)
{
    struct in6_addr six;
    struct in_addr four;

    return inet_pton(AF_INET, text, &four) == 1 || inet_pton(AF_INET6, text, &six) == 1;
}

// "https://host:port", with or without a slash behind.
static bool is_origin(const char *text)
{
    const char *host = strstr(text, "://");
    const char *path = host ? strchr(host + 3, '/') : NULL;

    // Without a path "http://localhost" is told apart from "http://localhost.example" by what follows.
    char whole[2100];
    return host && (!path || path[1] == '\0') && !strpbrk(text, "?#") && snprintf(whole, sizeof(whole), "%s%s", text, path ? "" : "/") < (int)sizeof(whole) &&
           oidc_address_allowed(whole);
}

// What people take for part of the format, and is not.
static const char *text_expected(struct str text)
{
    const char first = text.len > 1 ? text.ptr[0] : '\0';

    if ((first == '"' || first == '\'') && text.ptr[text.len - 1] == first)
        return "the value without quotation marks around it";
    if (strstr(text.ptr, " #") || strstr(text.ptr, "\t#"))
        return "the value alone: a comment stands on a line of its own";
    return text.len == 0 ? "some text" : NULL;
}

static const char *word_expected(const struct setting_rule *rule, const char *value, struct arena *arena)
{
    const struct str text = str_from(value), choices = str_from(rule->choices);
    int64_t number;

    switch (rule->kind) {
    case SETTING_NUMBER:
        return str_to_int(text, &number) == 0 && number >= rule->min && number <= rule->max
                   ? NULL
                   : arena_format(arena, "a number of %lld to %lld", (long long)rule->min, (long long)rule->max).ptr;
    case SETTING_CHOICE:
        return is_choice(choices, text) ? NULL : arena_format(arena, "one of: %s", rule->choices).ptr;
    case SETTING_LIST:
        return text.len > 0 && are_choices(choices, text) ? NULL : arena_format(arena, "some of: %s", rule->choices).ptr;
    case SETTING_SCOPE:
        return is_choice(text, STR("openid")) ? text_expected(text) : "words with spaces between, openid among them";
    case SETTING_SECRET:
        return text.len > 0 ? NULL : "some text";
    default:
        return text_expected(text);
    }
}

static const char *place_expected(const struct setting_rule *rule, const char *value)
{
    struct stat status;

    switch (rule->kind) {
    case SETTING_URL:
        return oidc_address_allowed(value) ? NULL : "an address that begins with https:// (or http:// on this machine alone)";
    case SETTING_ORIGIN:
        return is_origin(value) ? NULL : "an address that begins with https:// (or http:// on this machine alone), without a path behind the host";
    case SETTING_ADDRESS:
        return is_address(value) ? NULL : "a numeric IPv4 or IPv6 address";
    case SETTING_ZONE:
        return is_zone(value) ? NULL : "a time zone that the system knows, as Europe/Copenhagen";
    case SETTING_DATABASE:
        return db_is_remote(value) || (!strstr(value, "://") && strncmp(value, "postgres", 8) != 0)
                   ? text_expected(str_from(value))
                   : "postgresql://USER@HOST/NAME, or the path of a file";
    case SETTING_TOKEN:
        return token_uri_fits(value) ? NULL : "pkcs11:token=...;object=...?pin-source=FILE, without a PIN in it";
    case SETTING_PLACE:
        return access(value, R_OK) == 0 ? NULL : "a file or folder that is there and can be read by this user";
    case SETTING_SOCKET:
        return stat(value, &status) == 0 && S_ISSOCK(status.st_mode) ? NULL : "a socket that is there";
    default:
        return file_expected(value, rule->kind == SETTING_SECRET_FILE);
    }
}

bool settings_fit(const struct setting_rule *rule, const char *value, struct arena *arena, const char **ret_expected)
{
    *ret_expected = rule->kind < SETTING_URL ? word_expected(rule, value, arena) : place_expected(rule, value);
    return !*ret_expected;
}

int settings_take_zone(const struct config *config)
{
    const char *zone = config_get(config, "timezone", "Europe/Copenhagen");

    if (!is_zone(zone)) {
        log_event(LOG_ERROR, "config", "setting=timezone value=\"%s\" expected=\"a time zone that the system knows\"", zone);
        return -EINVAL;
    }
    if (setenv("TZ", zone, 1) < 0)
        return -errno;
    tzset();
    return 0;
}
