// SPDX-License-Identifier: MPL-2.0
// Which files and ports a connection takes, by libpq's rules for its parameters:
// https://www.postgresql.org/docs/15/libpq-connect.html
#include "store/db_postgres.h"

#include <errno.h>
#include <stdlib.h>

#define USUAL_PORT 5432

// "5432,5433": as many as there are hosts. Empty: the usual one.
static int tell_ports(const struct db_needs *needs, struct str list)
{
    int r = 0;

    while (list.len > 0 && r == 0) {
        struct str one = str_cut(&list, ',');
        int64_t port = USUAL_PORT;

        if (one.len > 0 && (str_to_int(one, &port) < 0 || port < 1 || port > UINT16_MAX))
            return -EINVAL;
        r = needs->port(needs->context, (uint16_t)port);
    }
    return r;
}

static int tell(const struct db_needs *needs, const PQconninfoOption *option)
{
    static const char *const files[] = { "passfile", "sslrootcert", "sslcert", "sslkey", "sslcrl", "servicefile" };

    if (!option->val)
        return 0;
    if (strcmp(option->keyword, "port") == 0)
        return tell_ports(needs, str_from(option->val));
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if (strcmp(option->keyword, files[i]) == 0)
            return needs->file(needs->context, option->val);
    return 0;
}

static int tell_in_home(const struct db_needs *needs, const char *name)
{
    const char *home = getenv("HOME");
    char path[4096];

    if (!home || snprintf(path, sizeof(path), "%s/%s", home, name) >= (int)sizeof(path))
        return 0;
    return needs->file(needs->context, path);
}

int link_needs(const char *name, const struct db_needs *needs)
{
    PQconninfoOption *options = PQconninfoParse(name, NULL);
    int r = options ? needs->port(needs->context, USUAL_PORT) : -EINVAL;

    for (const PQconninfoOption *option = options; option && option->keyword && r == 0; option++)
        r = tell(needs, option);
    r = r < 0 ? r : tell_in_home(needs, ".pgpass");
    r = r < 0 ? r : tell_in_home(needs, ".postgresql");   // certificates
    if (r == 0 && getenv("PGPASSFILE"))
        r = needs->file(needs->context, getenv("PGPASSFILE"));
    PQconninfoFree(options);
    return r;
}
