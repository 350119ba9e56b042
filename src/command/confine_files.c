// SPDX-License-Identifier: MPL-2.0
#include "command/confine.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "store/db.h"

#include <curl/curl.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <link.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// Newer than Debian 12's headers. The numbers are the kernel's: Documentation/userspace-api/landlock.rst.
#define FS_TRUNCATE ((uint64_t)1 << 14)             // since version 3
#define NET_BIND_TCP ((uint64_t)1 << 0)             // since version 4
#define NET_CONNECT_TCP ((uint64_t)1 << 1)          // since version 4
#define RULE_NET_PORT 2                             // since version 4
#define SCOPE_ABSTRACT_UNIX_SOCKET ((uint64_t)1 << 0)   // since version 6
#define SCOPE_SIGNAL ((uint64_t)1 << 1)                 // since version 6

struct ruleset {
    uint64_t fs, net, scoped;
};

struct net_port {
    uint64_t rights, port;
};

#define READS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define RUNS (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE)
#define WRITES (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE)
#define KEEPS                                                                                                                   \
    (READS | WRITES | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |               \
     LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REFER)
#define OF_FILES (LANDLOCK_ACCESS_FS_EXECUTE | WRITES)   // the rights that a file, not a folder, can have

struct landlock {
    int fd;
    uint64_t fs;   // what the kernel can restrict
    bool ports;
};

static struct ruleset ruleset_for(long version)
{
    const uint64_t first = ((uint64_t)LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;

    return (struct ruleset){
        .fs = first | (version >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0) | (version >= 3 ? FS_TRUNCATE : 0),
        .net = version >= 4 ? NET_BIND_TCP | NET_CONNECT_TCP : 0,
        .scoped = version >= 6 ? SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL : 0,
    };
}

// What is not there needs no rule, and what can't be opened now can't be opened later.
static int allow(const struct landlock *landlock, const char *path, uint64_t rights)
{
    _cleanup_(close_descriptor) int fd = open(path, O_PATH | O_CLOEXEC);
    struct stat status;

    if (fd < 0)
        return 0;
    if (fstat(fd, &status) < 0)
        return -errno;
    if (!S_ISDIR(status.st_mode))
        rights &= OF_FILES;
    const struct landlock_path_beneath_attr rule = { .allowed_access = rights & landlock->fs, .parent_fd = fd };
    return syscall(SYS_landlock_add_rule, landlock->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0 ? -errno : 0;
}

static int allow_port(const struct landlock *landlock, uint64_t rights, uint64_t port)
{
    const struct net_port rule = { rights, port };

    return syscall(SYS_landlock_add_rule, landlock->fd, RULE_NET_PORT, &rule, 0) < 0 ? -errno : 0;
}

// The program that loads ours: started with it.
static int allow_loader(const struct landlock *landlock)
{
    const ElfW(Phdr) *headers = (const void *)getauxval(AT_PHDR);
    const unsigned long count = getauxval(AT_PHNUM);
    const uint8_t *base = NULL;

    for (unsigned long i = 0; i < count; i++)
        if (headers[i].p_type == PT_PHDR)
            base = (const uint8_t *)headers - headers[i].p_vaddr;
    for (unsigned long i = 0; i < count; i++)
        if (headers[i].p_type == PT_INTERP)
            return allow(landlock, (const char *)(base + headers[i].p_vaddr), RUNS);
    return 0;   // linked statically
}

// Libraries, fonts, time zones, certificates and names of hosts. Not all of /etc: the key may lie there.
static int allow_system(const struct landlock *landlock, const struct options *options)
{
    static const char *const reads[] = {
        "/usr", "/lib", "/lib64", "/proc", "/sys/devices/system/cpu", "/dev/urandom", "/dev/random", "/var/cache/fontconfig",
        "/etc/fonts", "/etc/localtime", "/etc/ld.so.cache", "/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/resolv.conf",
        "/run/systemd/resolve", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services",
        "/etc/protocols", "/etc/passwd", "/etc/group",
    };
    const char *own = config_get(options->config, "sandbox.read", NULL);
    int r = allow(landlock, "/dev/null", WRITES);

    for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]) && r == 0; i++)
        r = allow(landlock, reads[i], READS);
    return r == 0 && own ? allow(landlock, own, READS) : r;
}

static int allow_read(void *context, const char *path)
{
    return allow(context, path, READS);
}

static int allow_connect(void *context, uint16_t port)
{
    const struct landlock *landlock = context;

    return landlock->ports ? allow_port(landlock, NET_CONNECT_TCP, port) : 0;
}

// A database on a server is connected to again whenever the connection breaks.
static int allow_database(struct landlock *landlock, const struct options *options)
{
    const struct db_needs needs = { landlock, allow_read, allow_connect };
    int r = db_needs(options->database, &needs);

    return r == 0 && options->replica ? db_needs(options->replica, &needs) : r;
}

static int allow_own(const struct landlock *landlock, const struct options *options)
{
    const char *const reads[] = {
        config_get(options->config, "smtp.ca", NULL),
        config_get(options->config, "smtp.password_file", NULL),
        config_get(options->config, "journal.sftp_key", NULL),
        config_get(options->config, "metrics.token_file", NULL),
    };
    const char *deliver = config_get(options->config, "journal.deliver", "");
    int r = allow(landlock, options->data, KEEPS);

    for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]) && r == 0; i++)
        r = reads[i] ? allow(landlock, reads[i], READS) : 0;
    return r == 0 && deliver[0] == '/' ? allow(landlock, deliver, KEEPS) : r;
}

static int allow_server(const struct landlock *landlock, const char *address)
{
    CURLU *url = curl_url();
    char *port = NULL;
    int64_t number = 0;

    if (!url)
        return -ENOMEM;
    if (curl_url_set(url, CURLUPART_URL, address, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
        curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK && str_to_int(str_from(port), &number) < 0)
        number = 0;
    curl_free(port);
    curl_url_cleanup(url);
    return number > 0 ? allow_port(landlock, NET_CONNECT_TCP, (uint64_t)number) : 0;
}

// Names of hosts are asked for on port 53; an OpenID provider may have its other addresses on the usual port.
static int allow_network(const struct landlock *landlock, const struct options *options, uint16_t port)
{
    static const char *const servers[] = { "citizen.issuer", "staff.issuer", "smtp.url", "journal.deliver" };
    int64_t metrics = 0;
    int r = config_int(options->config, "metrics.port", 0, UINT16_MAX, 0, &metrics);

    r = r < 0 ? r : allow_port(landlock, NET_BIND_TCP, port);
    if (r == 0 && metrics > 0)
        r = allow_port(landlock, NET_BIND_TCP, (uint64_t)metrics);
    r = r < 0 ? r : allow_port(landlock, NET_CONNECT_TCP, 53);
    r = r < 0 ? r : allow_port(landlock, NET_CONNECT_TCP, 443);
    for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]) && r == 0; i++) {
        const char *address = config_get(options->config, servers[i], NULL);

        r = address ? allow_server(landlock, address) : 0;
    }
    return r;
}

static int allow_server_process(struct landlock *landlock, const struct options *options, uint16_t port)
{
    int r = allow_system(landlock, options);

    r = r < 0 ? r : allow_own(landlock, options);
    r = r < 0 ? r : allow_database(landlock, options);
    return r == 0 && landlock->ports ? allow_network(landlock, options, port) : r;
}

static int allow_spawner(struct landlock *landlock, const struct options *options, uint16_t port)
{
    int r = allow_system(landlock, options);

    r = r < 0 ? r : allow_loader(landlock);
    return r < 0 ? r : allow(landlock, "/proc/self/exe", RUNS);
}

static int restrict_to(int (*allowed)(struct landlock *landlock, const struct options *options, uint16_t port), const struct options *options,
                       uint16_t port)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    struct ruleset rules = ruleset_for(version);

    if (version < 1) {
        log_event(LOG_WARNING, "landlock", "errno=%d meaning=\"this kernel does not have it: the server could still open all that its user may\"", errno);
        return 0;
    }
    if (version < 4)
        log_event(LOG_INFO, "landlock", "version=%ld meaning=\"ports can be closed from Linux 6.7 on\"", version);
    size_t size = version >= 6 ? sizeof(rules) : version >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
    struct landlock landlock = {
        .fd = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0), .fs = rules.fs, .ports = version >= 4,
    };
    int r = landlock.fd < 0 ? -errno : allowed(&landlock, options, port);

    if (r == 0 && syscall(SYS_landlock_restrict_self, landlock.fd, 0) < 0)
        r = -errno;
    if (landlock.fd >= 0)
        close(landlock.fd);
    return r;
}

int confine_files(const struct options *options, uint16_t port)
{
    return restrict_to(allow_server_process, options, port);
}

int confine_files_spawner(const struct options *options)
{
    return restrict_to(allow_spawner, options, 0);
}
