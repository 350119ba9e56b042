// SPDX-License-Identifier: MPL-2.0
#include "web/router_fixture.h"

#include <errno.h>
#include <strings.h>
#include <unistd.h>

#include "../../test/load/peer.h"
#include "audit/audit.h"
#include "audit/audit_sql.h"
#include "base/cleanup.h"
#include "store/migration.h"
#include "web/person.h"

struct moving_clock {
    struct clock clock;   // first
    int64_t ahead;
};

struct installation {
    char folder[64];
    char key[100], shares[100], database[100], checkpoints[100];
    struct moving_clock clock;
    struct config *config;
    struct app app;
    struct router *router;
};

static int64_t moving_now(const struct clock *clock)
{
    const struct moving_clock *moving = (const struct moving_clock *)clock;
    return clock_now(clock_system()) + __atomic_load_n(&moving->ahead, __ATOMIC_SEQ_CST);
}

struct app *installation_app(struct installation *installation)
{
    return &installation->app;
}

void installation_later(struct installation *installation, int64_t ms)
{
    __atomic_add_fetch(&installation->clock.ahead, ms, __ATOMIC_SEQ_CST);
}

uint64_t installation_records(struct installation *installation)
{
    struct db *db;
    struct audit_report report = { .records = 0 };
    if (db_open(installation->database, DB_READ, &db) < 0)
        return 0;
    int r = audit_verify(db, installation->app.keeper, installation->checkpoints, &report);
    db_close(db);
    return r < 0 || report.problem ? UINT64_MAX : report.records;
}

uint64_t installation_records_of(struct installation *installation, int64_t dialogue)
{
    struct db *db;
    struct db_stmt *stmt;
    struct sql_audit_of_dialogue row;
    uint64_t count = 0;
    if (db_open(installation->database, DB_READ, &db) < 0)
        return UINT64_MAX;
    if (sql_audit_of_dialogue(db, &(struct sql_audit_of_dialogue_in){ .dialogue = dialogue },
                              &stmt) == 0) {
        while (sql_audit_of_dialogue_next(stmt, &row) == 1)
            count++;
        db_end(stmt);
    }
    db_close(db);
    return count;
}

static int add_person(struct db *db, struct keyring *keys, struct arena *arena, int64_t id,
                      enum role role, struct str name)
{
    static const struct db_query query = {
        .name = "test.person",
        .sqlite = "INSERT INTO person (id, role, language, sealed, version, created) VALUES (?1, "
                  "?2, 0, ?3, 1, 0)",
        .parameters = 3,
    };
    struct bytes sealed;
    struct db_stmt *stmt;
    struct person person = { .id = id, .version = 1, .name = name, .role = role };
    int r = person_seal(keys, &person, arena, &sealed);
    r = r ? r : db_start(db, &query, &stmt);
    if (r < 0)
        return r;
    db_bind_int(stmt, 1, id);
    db_bind_int(stmt, 2, role);
    db_bind_blob(stmt, 3, sealed);
    r = db_step(stmt);
    db_end(stmt);
    return r;
}

static int populate(struct installation *installation, struct db *db)
{
    struct keyring *keys = NULL;
    struct arena *arena = NULL;
    int r = arena_new(1 << 20, &arena);
    r = r ? r : keyring_new(installation->app.keeper, &keys);
    r = r ? r : migration_run(db, clock_now(clock_system()));
    r = r ? r : db_begin_write(db);
    r = r ? r : add_person(db, keys, arena, METTE, ROLE_PUBLIC, STR("Mette <Lind>"));
    r = r ? r : add_person(db, keys, arena, KARIM, ROLE_PUBLIC, STR("Karim"));
    r = r ? r : add_person(db, keys, arena, ANNE, ROLE_EMPLOYEE, STR("Anne Holm"));
    r = r ? r : db_commit(db);
    keyring_free(keys);
    arena_free(arena);
    return r;
}

static int start_floors(struct installation *installation)
{
    struct app *app = &installation->app;
    struct db *db;
    int r = keeper_create_key(installation->key);
    r = r ? r : keeper_start(installation->key, &app->keeper);
    r = r ? r : keeper_open_shares(app->keeper, installation->shares, true);
    r = r ? r : db_open(installation->database, DB_WRITE, &db);
    r = r ? r : populate(installation, db);
    r = r ? r : audit_open(db, app->keeper, installation->checkpoints, app->clock, &app->audit);
    if (r < 0)
        return r;
    struct writer_hooks hooks = audit_hooks(app->audit);
    r = writer_start(db, &hooks, &app->writer);
    r = r ? r : hub_new(&app->hub);
    return r;
}

int installation_start_with(unsigned workers, struct installation **ret_installation)
{
    struct installation *installation = calloc(1, sizeof(*installation));
    if (!installation)
        return -ENOMEM;
    struct app *app = &installation->app;
    snprintf(installation->folder, sizeof(installation->folder), "/tmp/samtraad-router-XXXXXX");
    if (!mkdtemp(installation->folder))
        return -errno;
    snprintf(installation->key, sizeof(installation->key), "%s/key", installation->folder);
    snprintf(installation->shares, sizeof(installation->shares), "%s/shares", installation->folder);
    snprintf(installation->database, sizeof(installation->database), "%s/db", installation->folder);
    snprintf(installation->checkpoints, sizeof(installation->checkpoints), "%s/checkpoints",
             installation->folder);
    installation->clock = (struct moving_clock){ .clock = { moving_now } };
    app->clock = &installation->clock.clock;
    app->database = installation->database;
    app->base_url = STR("https://samtraad.example.dk");
    int r = config_new(&installation->config);
    app->config = installation->config;
    r = r ? r : config_set(installation->config, "limit.address_writes", "200");
    r = r ? r : start_floors(installation);
    r = r ? r : router_new(app, &installation->router);
    if (r < 0)
        return r;
    installation_hold_none();
    struct server_options options = peer_options();
    options.workers = workers;
    struct server_handler handler = router_handler(installation->router);
    r = server_start(&options, &handler, &app->server);
    *ret_installation = installation;
    return r;
}

int installation_start(struct installation **ret_installation)
{
    return installation_start_with(2, ret_installation);
}

void installation_stop(struct installation *installation)
{
    struct app *app = &installation->app;
    server_stop(app->server, 5);
    router_free(installation->router);
    hub_free(app->hub);
    writer_stop(app->writer);
    audit_close(app->audit);
    keeper_stop(app->keeper);
    config_free(installation->config);
    char path[120];
    const char *const names[] = { "key", "shares", "shares.rewrap", "db", "db-wal", "db-shm", "checkpoints" };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", installation->folder, names[i]);
        unlink(path);
    }
    if (rmdir(installation->folder) < 0) {
        perror(installation->folder);
        abort();
    }
    free(installation);
}

struct browser browser_new(struct installation *installation)
{
    return (struct browser){ .installation = installation };
}

void browser_close(struct browser *browser)
{
    free(browser->head);
    free(browser->body);
    browser->head = browser->body = NULL;
}

// Copies what stands behind 'mark' up to 'end'; leaves 'into' alone when there is none.
static void pick(const char *text, const char *mark, const char *end, char *into, size_t size)
{
    const char *at = text ? strstr(text, mark) : NULL;
    if (!at)
        return;
    at += strlen(mark);
    size_t len = strcspn(at, end);
    if (len >= size)
        return;
    memcpy(into, at, len);
    into[len] = 0;
}

const char *browser_header(struct browser *browser, const char *name)
{
    static _Thread_local char value[2000];
    char mark[100];
    value[0] = 0;
    snprintf(mark, sizeof(mark), "\r\n%s: ", name);
    pick(browser->head, mark, "\r\n", value, sizeof(value));
    return value;
}

static int send_request(struct browser *browser, const char *method, const char *path,
                        const char *headers, const char *body)
{
    struct buf request = buf_bounded(4 << 20);
    uint16_t port = server_port(browser->installation->app.server);
    buf_format(&request, "%s %s HTTP/1.1\r\nHost: localhost:%u\r\n%s", method, path, port, headers);
    if (browser->cookie[0])
        buf_format(&request, "Cookie: %s\r\n", browser->cookie);
    if (body)
        buf_format(&request, "Content-Length: %zu\r\n", strlen(body));
    buf_format(&request, "\r\n%s", body ? body : "");
    int fd = peer_connect(port);
    if (fd >= 0)
        peer_send(fd, buf_view(&request));
    buf_free(&request);
    return fd;
}

unsigned browser_ask(struct browser *browser, const char *method, const char *path,
                     const char *headers, const char *body)
{
    browser_close(browser);
    int fd = send_request(browser, method, path, headers, body);
    struct peer_answer answer = peer_read(fd, strcmp(method, "HEAD") != 0);
    close(fd);
    browser->status = answer.status;
    browser->head = answer.head;
    browser->body = answer.body;
    pick(browser->head, "\r\nSet-Cookie: samtraad=", ";", browser->cookie + 9,
         sizeof(browser->cookie) - 9);
    if (browser->cookie[9])
        memcpy(browser->cookie, "samtraad=", 9);
    else
        browser->cookie[0] = 0;
    pick(browser->body, "name=\"csrf\" value=\"", "\"", browser->token, sizeof(browser->token));
    pick(browser->body, "\"csrf\":\"", "\"", browser->token, sizeof(browser->token));
    return browser->status;
}

unsigned browser_get(struct browser *browser, const char *path)
{
    return browser_ask(browser, "GET", path, "Accept: text/html\r\n", NULL);
}

unsigned browser_post(struct browser *browser, const char *path, const char *fields)
{
    char body[2000];
    snprintf(body, sizeof(body), "csrf=%s%s%s", browser->token, fields[0] ? "&" : "", fields);
    return browser_ask(browser, "POST", path,
                       "Accept: text/html\r\nContent-Type: application/x-www-form-urlencoded\r\n",
                       body);
}

void browser_sign_in(struct browser *browser, int64_t person)
{
    char fields[40];
    snprintf(fields, sizeof(fields), "person=%lld", (long long)person);
    browser_get(browser, "/test/page");
    browser_post(browser, "/test/login", fields);
}

int browser_listen(struct browser *browser, const char *path)
{
    int fd = send_request(browser, "GET", path, "Accept: text/event-stream\r\n", NULL);
    char head[2000];
    size_t len = 0;
    while (len < sizeof(head) - 1) {
        ssize_t got = read(fd, head + len, 1);
        if (got <= 0)
            break;
        len++;
        if (len >= 4 && memcmp(head + len - 4, "\r\n\r\n", 4) == 0)
            break;
    }
    head[len] = 0;
    browser->status = len > 12 ? (unsigned)strtoul(head + 9, NULL, 10) : 0;
    if (browser->status == 200)
        return fd;
    close(fd);
    return -1;
}
