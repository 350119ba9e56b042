// SPDX-License-Identifier: MPL-2.0
// The configuration file: "name = value" lines, "# comment" lines, "[section]" lines that prefix the names below with "section.".
#pragma once

#include "base/arena.h"

struct config;

// Reads a file of at most 64 KiB. Errors are logged with file, line and what was expected. -ENOENT, -EINVAL.
int config_read(const char *path, struct config **ret_config);

// An empty configuration, to be filled by config_set.
int config_new(struct config **ret_config);
void config_free(struct config *config);
int config_set(struct config *config, const char *name, const char *value);

// The line of the file that a setting stands on; 0: it is not from the file.
int config_line(const struct config *config, const char *name);

// The value, or fallback (may be NULL). Lives as long as the configuration.
const char *config_get(const struct config *config, const char *name, const char *fallback);

// A number within limits; otherwise logs the setting, its value and what was expected, and returns -EINVAL. Absent: fallback.
int config_int(const struct config *config, const char *name, int64_t min, int64_t max, int64_t fallback, int64_t *ret_value);

// Calls 'each' for all of them in the file's order.
void config_each(const struct config *config, void (*each)(void *context, const char *name, const char *value), void *context);

// The same for those that the program has never asked for: spelling mistakes.
void config_each_unused(const struct config *config, void (*each)(void *context, const char *name, const char *value), void *context);
