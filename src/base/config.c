// SPDX-License-Identifier: MPL-2.0
#include "base/config.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#define FILE_MAX_BYTES ((size_t)64 * 1024)

struct setting {
    struct setting *next;
    struct str name;
    struct str value;       // NUL-terminated
    int line;               // of the file; 0: from elsewhere
    atomic_bool used;       // asked for, by any thread
};

struct config {
    struct arena *arena;
    struct setting *first;   // in the file's order
    struct setting **end;
};

int config_new(struct config **ret_config)
{
    struct config *config = calloc(1, sizeof(*config));
    if (!config)
        return -ENOMEM;
    int result = arena_new(8 * FILE_MAX_BYTES, &config->arena);
    if (result < 0) {
        free(config);
        return result;
    }
    config->end = &config->first;
    *ret_config = config;
    return 0;
}

void config_free(struct config *config)
{
    if (!config)
        return;
    arena_free(config->arena);
    free(config);
}

static struct setting *find(const struct config *config, struct str name)
{
    for (struct setting *setting = config->first; setting; setting = setting->next) {
        if (str_equal(setting->name, name))
            return setting;
    }
    return NULL;
}

static int set(struct config *config, struct str name, struct str value, int line)
{
    struct setting *setting = find(config, name);
    if (!setting) {
        setting = arena_alloc(config->arena, sizeof(*setting));
        if (!setting)
            return -ENOMEM;
        setting->name = arena_str(config->arena, name);
        if (!setting->name.ptr)
            return -ENOMEM;
        *config->end = setting;
        config->end = &setting->next;
    }
    setting->line = line;
    setting->value = arena_str(config->arena, value);
    return setting->value.ptr ? 0 : -ENOMEM;
}

int config_set(struct config *config, const char *name, const char *value)
{
    return set(config, str_from(name), str_from(value), 0);
}

static int refuse(const char *path, int line, const char *expected)
{
    log_event(LOG_ERROR, "config", "file=%s line=%d expected=\"%s\"", path, line, expected);
    return -EINVAL;
}

static int read_line(struct config *config, const char *path, int number, struct str line, struct str *section)
{
    line = str_trim(line);
    if (line.len == 0 || line.ptr[0] == '#')
        return 0;
    if (line.ptr[0] == '[') {
        if (line.len < 3 || line.ptr[line.len - 1] != ']')
            return refuse(path, number, "[section]");
        *section = str_trim((struct str){ line.ptr + 1, line.len - 2 });
        return 0;
    }
    struct str value = line;
    struct str name = str_trim(str_cut(&value, '='));
    if (name.len == line.len || name.len == 0)
        return refuse(path, number, "name = value");
    if (section->len)
        name = arena_format(config->arena, "%.*s.%.*s", (int)section->len, section->ptr, (int)name.len, name.ptr);
    if (!name.ptr)
        return -ENOMEM;
    if (find(config, name))
        return refuse(path, number, "a name that does not stand above already");
    return set(config, name, str_trim(value), number);
}

static int read_text(struct config *config, const char *path, struct str text)
{
    struct str section = STR("");
    for (int number = 1; text.len; number++) {
        int result = read_line(config, path, number, str_cut(&text, '\n'), &section);
        if (result < 0)
            return result;
    }
    return 0;
}

static int read_file(const char *path, char *text, size_t *ret_len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    size_t len = 0;
    ssize_t got;
    while ((got = read(fd, text + len, FILE_MAX_BYTES + 1 - len)) > 0)
        len += (size_t)got;
    int result = got < 0 ? -errno : 0;
    close(fd);
    if (result == 0 && len > FILE_MAX_BYTES)
        return refuse(path, 0, "a file of at most 64 KiB");
    *ret_len = len;
    return result;
}

int config_read(const char *path, struct config **ret_config)
{
    size_t len = 0;
    struct config *config = NULL;
    char *text = malloc(FILE_MAX_BYTES + 1);
    int result = text ? read_file(path, text, &len) : -ENOMEM;
    if (result == 0)
        result = config_new(&config);
    if (result == 0)
        result = read_text(config, path, (struct str){ text, len });
    free(text);
    if (result < 0)
        config_free(config);
    else
        *ret_config = config;
    return result;
}

int config_line(const struct config *config, const char *name)
{
    const struct setting *setting = find(config, str_from(name));
    return setting ? setting->line : 0;
}

const char *config_get(const struct config *config, const char *name, const char *fallback)
{
    struct setting *setting = find(config, str_from(name));
    if (!setting)
        return fallback;
    atomic_store_explicit(&setting->used, true, memory_order_relaxed);
    return setting->value.ptr;
}

int config_int(const struct config *config, const char *name, int64_t min, int64_t max, int64_t fallback, int64_t *ret_value)
{
    const char *text = config_get(config, name, NULL);
    int64_t value = fallback;
    if (text && (str_to_int(str_from(text), &value) < 0 || value < min || value > max)) {
        log_event(LOG_ERROR, "config", "setting=%s value=\"%s\" expected=\"a number of %lld to %lld\"", name, text,
                  (long long)min, (long long)max);
        return -EINVAL;
    }
    *ret_value = value;
    return 0;
}

void config_each(const struct config *config, void (*each)(void *context, const char *name, const char *value), void *context)
{
    for (const struct setting *setting = config->first; setting; setting = setting->next)
        each(context, setting->name.ptr, setting->value.ptr);
}

void config_each_unused(const struct config *config, void (*each)(void *context, const char *name, const char *value), void *context)
{
    for (const struct setting *setting = config->first; setting; setting = setting->next) {
        if (!atomic_load_explicit(&setting->used, memory_order_relaxed))
            each(context, setting->name.ptr, setting->value.ptr);
    }
}
