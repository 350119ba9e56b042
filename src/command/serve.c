// SPDX-License-Identifier: MPL-2.0
#include "command/command.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "base/spawner.h"
#include "command/confine.h"
#include "command/duties.h"
#include "command/installation.h"
#include "command/metrics.h"
#include "command/notify.h"
#include "command/roster.h"
#include "command/rotation.h"
#include "command/settings.h"
#include "feature/account/oidc.h"
#include "feature/file/file.h"
#include "feature/folder/folder.h"
#include "feature/folder/folder_shelf.h"
#include "feature/journal/journal.h"
#include "feature/journal/journal_courier.h"
#include "feature/local/local.h"
#include "feature/notice/notice.h"
#include "picture/picture.h"
#include "store/replica.h"
#include "web/router.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define STOP_SECONDS 10   // for requests that run
#define WORKERS_MAX 64
#define TICK_MS 1000

// All that one running server consists of. Taken apart in the opposite order.
struct service {
    struct spawner *spawner;
    struct installation installation;
    struct app app;
    struct router *router;
    struct duties *duties;
    struct mail_sender *mail;   // NULL: no mail server is configured
    struct journal_courier *courier;
    int roster;        // descriptor of this server's number, or -1
    unsigned number;   // among the servers that live
    struct rotation *rotation;
    struct metrics *metrics;   // NULL: none are wanted
    struct server_options listen;
    int notify;   // of notify_open
};

static int64_t processors(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

    return count < WORKERS_MAX ? count : WORKERS_MAX;
}

// A worker that waits for a database on a server waits for its answer, and its connections with it:
// so there are more of them.
static int64_t workers_for(const char *database)
{
    int64_t count = db_is_remote(database) ? 4 * processors() : processors();

    return count < WORKERS_MAX ? count : WORKERS_MAX;
}

static int read_settings(const struct options *options, struct service *service)
{
    const struct config *config = options->config;
    int64_t port, workers, connections, from_one, idle, header, front;
    int r = config_int(config, "port", 0, UINT16_MAX, 8080, &port);

    r = r < 0 ? r : config_int(config, "workers", 1, WORKERS_MAX, workers_for(options->database), &workers);
    r = r < 0 ? r : config_int(config, "connections", 16, 1000000, 20000, &connections);
    r = r < 0 ? r : config_int(config, "connections_per_address", 1, 1000000, 2000, &from_one);
    r = r < 0 ? r : config_int(config, "idle_seconds", 5, 3600, 75, &idle);
    r = r < 0 ? r : config_int(config, "header_seconds", 1, 300, 10, &header);
    // 1: a front that we trust (nginx) stands before us and tells whom it speaks for.
    r = r < 0 ? r : config_int(config, "behind_proxy", 0, 1, 0, &front);
    r = r < 0 ? r : settings_take_zone(config);
    if (r < 0)
        return r;
    service->listen = (struct server_options){
        .address = config_get(config, "address", "127.0.0.1"),
        .port = (uint16_t)port,
        .workers = (unsigned)workers,
        .connections = (unsigned)connections,
        .connections_address = (unsigned)from_one,
        .idle_seconds = (unsigned)idle,
        .header_seconds = (unsigned)header,
        .reads_forwarded_for = front == 1,
    };
    return 0;
}

// Each stream and request is a descriptor.
static void allow_many_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

// The signals that end the server arrive as bytes. Before any thread or child exists, which all
// take over the mask.
static int catch_signals(int *ret_fd)
{
    sigset_t set;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
        return -EINVAL;
    *ret_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return *ret_fd < 0 ? -errno : 0;
}

// From here on a signal ends the program at once: whoever asks twice does not want to wait.
static void release_signals(int fd)
{
    struct signalfd_siginfo taken;
    sigset_t set;

    if (read(fd, &taken, sizeof(taken)) < 0)
        return;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

// The writer takes over the database connection.
static int start_writer(struct service *service)
{
    struct writer_hooks hooks = audit_hooks(service->app.audit);
    int r = writer_start(service->installation.db, &hooks, &service->app.writer);

    if (r == 0)
        service->installation.db = NULL;
    return r;
}

// Empty when the setting is not given.
static struct str base_url_of(const struct config *config)
{
    struct str url = str_from(config_get(config, "base_url", NULL));

    while (url.len > 0 && url.ptr[url.len - 1] == '/')
        url.len--;
    return url;
}

static int listen_with(const struct options *options, struct service *service)
{
    struct server_handler handler = router_handler(service->router);
    struct app *app = &service->app;
    struct server *server;
    int r;

    if (app->base_url.len == 0 && service->listen.port != 0)
        app->base_url = arena_format(options->arena, "http://localhost:%u", service->listen.port);
    r = server_start(&service->listen, &handler, &server);
    if (r < 0)
        return r;
    app->server = server;
    // Any free port: known only now, and to nobody else before 'announce'.
    if (app->base_url.len == 0)
        app->base_url = arena_format(options->arena, "http://localhost:%u", server_port(server));
    return app->base_url.ptr ? 0 : -ENOMEM;
}

// Without a mail server everything else works.
static int start_mail(struct service *service)
{
    int r = mail_sender_start(&service->app, &notice_source, &service->mail);

    return r == -ENOENT ? 0 : r;
}

// What the parts read of the configuration later: told before anything is started.
static int check_settings(const struct config *config)
{
    int r = oidc_providers_check(config);

    struct local_cost cost;
    int64_t keep;

    r = r < 0 ? r : local_cost_read(config, &cost);
    r = r < 0 ? r : notice_settings_check(config);
    r = r < 0 ? r : metrics_settings_check(config);
    r = r < 0 ? r : config_int(config, "backup.keep", 0, 10000, 0, &keep);   // "samtraad backup" uses it
    r = r < 0 ? r : config_int(config, "rotate.grace_seconds", 0, 86400, 0, &keep);   // and "samtraad rotate" this
    config_get(config, "rotate.token", NULL);                                         // and this
    return r < 0 ? r : mail_settings_check(config);
}

// Before the key file is read: whoever replaces it from now on finds this server.
static int take_number(const struct options *options, struct service *service)
{
    int r = roster_join(options, &service->roster, &service->number);

    r = r < 0 ? r : rotation_forget(options, service->number);
    if (r < 0 && r != -ENOENT)
        installation_complain(options, "the file \"servers\" in the data folder can't be used", r);
    return r == -ENOENT ? 0 : r;   // without a folder: taking its lock tells so
}

// On an installation that is open.
static int start_parts(const struct options *options, struct service *service)
{
    struct app *app = &service->app;
    int r = start_writer(service);

    r = r < 0 ? r : hub_new(&app->hub);
    r = r < 0 ? r : news_start(app);
    r = r < 0 ? r : folder_shelf_new(&app->folders);
    if (r == 0 && options->replica)
        r = replica_start(app->database, options->replica, &app->replica);
    r = r < 0 ? r : router_new(app, &service->router);
    r = r < 0 ? r : journal_courier_start(app, &service->courier);
    r = r < 0 ? r : listen_with(options, service);
    r = r < 0 ? r : rotation_new(options, service->number, app, &service->rotation);
    r = r < 0 ? r : duties_new(app, &service->duties);
    r = r < 0 ? r : start_mail(service);
    return r < 0 ? r : metrics_start(options, app, &service->metrics);
}

// Starts the programs that this process may not start once it is confined. Before any key is read.
static int start_spawner(const struct options *options, struct service *service)
{
    static const char *const words[] = { PICTURE_ARGUMENT, JOURNAL_PDF_ARGUMENT, NULL };

    return spawner_start(&(struct spawner_orders){ "/proc/self/exe", words, confine_spawner, options }, &service->spawner);
}

static int start(const struct options *options, struct service *service)
{
    struct app *app = &service->app;
    int r = check_settings(options->config);

    bool beside = options->nodes > 1;
    r = r < 0 ? r : start_spawner(options, service);
    r = r < 0 ? r : take_number(options, service);
    r = r < 0 ? r : installation_lock(options, beside, &service->installation);
    r = r < 0 ? r : installation_open(options, beside ? DB_WRITE_BESIDE : DB_WRITE, &service->installation);
    service->notify = r < 0 ? -1 : notify_open();
    if (r == 0 && beside)
        r = rotation_comply(options, service->installation.keeper);
    r = r < 0 ? r : confine(options, service->listen.port);   // before the first thread
    if (r < 0)
        return r;
    *app = (struct app){
        .config = options->config,
        .clock = clock_system(),
        .keeper = service->installation.keeper,
        .spawner = service->spawner,
        .database = options->database,
        .files_path = options->files,
        .demo = options->demo,
        .nodes = options->nodes,
        .erased = folder_forget,
        .base_url = base_url_of(options->config),
    };
    r = audit_open(service->installation.db, app->keeper, options->checkpoints, app->clock,
                   &app->audit);
    if (r < 0) {
        installation_complain(
            options,
            r == -EBADMSG ? "the log is not as this server left it; \"samtraad verify\" tells more"
                          : "the log can't be opened",
            r);
        return r;
    }
    r = files_begin(app->files_path, options->nodes == 1, service->installation.db);
    if (r < 0) {
        installation_complain(options, "the folder \"files\" in the data folder can't be used", r);
        return r;
    }
    return start_parts(options, service);
}

static void stop(struct service *service)
{
    struct app *app = &service->app;

    metrics_stop(service->metrics);
    if (app->server)
        server_stop(app->server, STOP_SECONDS);
    rotation_free(service->rotation);
    if (service->duties)
        duties_free(service->duties);
    mail_sender_stop(service->mail);
    journal_courier_stop(service->courier);
    writer_stop(app->writer);
    news_stop(app);
    if (service->router)
        router_free(service->router);
    replica_stop(app->replica);
    folder_shelf_free(app->folders);
    if (app->hub)
        hub_free(app->hub);
    if (app->audit) {
        int r = audit_checkpoint(app->audit);

        if (r < 0)
            log_event(LOG_ERROR, "checkpoint", "result=%d", r);
        audit_close(app->audit);
    }
    installation_close(&service->installation);
    spawner_stop(service->spawner);
    close_descriptor(&service->roster);
}

static void tell_unused(void *context, const char *name, const char *value)
{
    log_event(LOG_WARNING, "config", "setting=%s line=%d meaning=\"no part of the program has asked for it\"", name, config_line(context, name));
}

static void announce(const struct options *options, const struct service *service)
{
    unsigned port = server_port(service->app.server);

    config_each_unused(options->config, tell_unused, options->config);
    log_event(LOG_INFO, "ready", "address=%s port=%u workers=%u demo=%d", service->listen.address,
              port, service->listen.workers, options->demo);
    printf("Samtråd is ready on port %u: %.*s\n", port, (int)service->app.base_url.len,
           service->app.base_url.ptr);
    fflush(stdout);
    notify_ready(service->notify);
}

// Until a signal asks for the end (0), or the writer, the keeper or the spawner can't go on (-EIO).
static int wait_for_end(int signals, struct service *service)
{
    struct pollfd wait = { .fd = signals, .events = POLLIN };

    for (;;) {
        int got = poll(&wait, 1, TICK_MS);

        if (got > 0)
            return 0;
        if (got < 0 && errno != EINTR)
            return -errno;
        if (writer_broken(service->app.writer) || !keeper_alive(service->installation.keeper) || !spawner_alive(service->spawner))
            return -EIO;
        duties_tick(service->duties, clock_monotonic());
        rotation_tick(service->rotation);
    }
}

static int run(const struct options *options)
{
    struct service service = { .installation = { .lock = -1 }, .roster = -1, .notify = -1 };
    _cleanup_(close_descriptor) int signals = -1;
    int r = installation_harden();

    allow_many_descriptors();
    r = r < 0 ? r : catch_signals(&signals);
    r = r < 0 ? r : read_settings(options, &service);
    r = r < 0 ? r : start(options, &service);
    if (r == 0) {
        announce(options, &service);
        r = wait_for_end(signals, &service);
        release_signals(signals);
        log_event(LOG_INFO, "stopping", "reason=%s", r < 0 ? "failure" : "signal");
    } else {
        fprintf(stderr, "samtraad: the server did not start: %s\n", strerror(-r));
    }
    stop(&service);
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct command command_serve = {
    .name = "serve",
    .summary = "runs the server",
    .explanation = "SIGTERM and SIGINT let what runs finish, then end; a second one ends at once.\n"
                   "Further settings of the configuration file: connections, "
                   "connections_per_address, idle_seconds,\n"
                   "header_seconds, behind_proxy.\n",
    .options = OPTIONS_SERVE,
    .run = run,
};
