// SPDX-License-Identifier: MPL-2.0
#include "base/cleanup.h"
#include "base/log.h"
#include "mail/mail.h"
#include "mail/smtp.h"

#include <errno.h>
#include <fcntl.h>

static int refuse(const char *setting, const char *value, const char *expected)
{
    log_event(LOG_ERROR, "config", "setting=smtp.%s value=\"%s\" expected=\"%s\"", setting, value, expected);
    return -EINVAL;
}

static int read_tls(const struct config *config, enum smtp_tls *ret_tls)
{
    static const char *const names[] = { NULL, "required", "wanted", "off" };
    const char *value = config_get(config, "smtp.tls", "required");
    for (int i = SMTP_TLS_REQUIRED; i <= SMTP_TLS_OFF; i++) {
        if (strcmp(value, names[i]) == 0) {
            *ret_tls = (enum smtp_tls)i;
            return 0;
        }
    }
    return refuse("tls", value, "required, wanted or off");
}

// "host", "host:25", "[::1]:25": no user, no path, nothing that would need escaping.
static bool is_host(struct str host)
{
    for (size_t i = 0; i < host.len; i++)
        if (host.ptr[i] <= ' ' || host.ptr[i] > '~' || strchr("/@?#\\\"'%", host.ptr[i]))
            return false;
    return host.len > 0 && host.len < 300;
}

static bool is_this_machine(struct str host)
{
    return str_starts(host, STR("localhost:")) || str_equal(host, STR("localhost")) || str_starts(host, STR("127.0.0.1:"))
        || str_equal(host, STR("127.0.0.1")) || str_starts(host, STR("[::1]"));
}

static int check_server(const struct smtp_settings *settings)
{
    struct str url = str_from(settings->url);
    bool implicit = str_starts(url, STR("smtps://"));
    struct str host = url;
    str_cut(&host, '/');
    str_cut(&host, '/');
    if ((!implicit && !str_starts(url, STR("smtp://"))) || !is_host(host))
        return refuse("url", settings->url, "smtp://host:port or smtps://host:port");
    if (implicit && settings->tls == SMTP_TLS_OFF)
        return refuse("tls", "off", "required, or an smtp.url that begins with smtp://");
    // Where TLS is not required, anybody on the way can take it out.
    if (settings->user && !implicit && settings->tls != SMTP_TLS_REQUIRED && !is_this_machine(host))
        return refuse("tls", settings->tls == SMTP_TLS_OFF ? "off" : "wanted", "required: a password is sent");
    return 0;
}

// The file's first line.
static int read_password(const char *path, char ret_password[SMTP_PASSWORD_MAX])
{
    _cleanup_(close_descriptor) int fd = open(path, O_RDONLY | O_CLOEXEC);
    char text[SMTP_PASSWORD_MAX];
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text));
    if (len < 0)
        return refuse("password_file", path, "a file that the service can read");
    struct str rest = { text, (size_t)len };
    struct str line = str_cut(&rest, '\n');
    if (line.len == 0 || line.len >= SMTP_PASSWORD_MAX)
        return refuse("password_file", path, "a file with one line of 1 to 511 bytes");
    memcpy(ret_password, line.ptr, line.len);
    ret_password[line.len] = '\0';
    return 0;
}

static int read_login(const struct config *config, struct smtp_settings *settings)
{
    const char *file = config_get(config, "smtp.password_file", NULL);
    settings->user = config_get(config, "smtp.user", NULL);
    if (!settings->user && !file)
        return 0;
    if (!settings->user || !file)
        return refuse(file ? "user" : "password_file", "", "both smtp.user and smtp.password_file, or neither");
    return read_password(file, settings->password);
}

int smtp_settings_read(const struct config *config, struct smtp_settings *ret_settings)
{
    struct smtp_settings settings = {
        .url = config_get(config, "smtp.url", NULL), .ca = config_get(config, "smtp.ca", NULL),
        .from = str_from(config_get(config, "smtp.from", "")), .from_name = str_from(config_get(config, "smtp.from_name", "Samtråd")),
    };
    int result = read_tls(config, &settings.tls);
    if (result == 0)
        result = read_login(config, &settings);
    if (result < 0 || !settings.url)
        return result < 0 ? result : -ENOENT;
    if (!mail_address_valid(settings.from))
        return refuse("from", config_get(config, "smtp.from", ""), "an address like samtraad@kommune.example");
    if (settings.from_name.len > 100)
        return refuse("from_name", settings.from_name.ptr, "at most 100 bytes");
    result = check_server(&settings);
    if (result == 0)
        *ret_settings = settings;
    return result;
}
