// SPDX-License-Identifier: MPL-2.0
#include "mail/sender.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "base/random.h"
#include "mail/smtp.h"
#include "web/news.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#define TICK_MS 500
#define BATCH 20                          // mails over one connection
#define ARENA_BYTES ((size_t)8 << 20)
#define PAUSE_MAX_MS (6 * HOUR_MS)
#define DOWN_MAX_MS (10 * MINUTE_MS)      // between looks at a server that is down

struct mail_sender {
    struct app *app;
    const struct mail_source *source;
    struct smtp_settings settings;
    struct str domain;
    int64_t first_pause;   // ms
    int64_t tries_max;
    struct db *db;
    struct keyring *keys;
    struct arena *arena;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    atomic_bool stop;
    int64_t down_until;    // monotonic ms: the server was down, nothing is tried before
    int64_t down_count;    // how often in a row
};

bool mail_enabled(const struct app *app)
{
    return config_get(app->config, "smtp.url", NULL) != NULL;
}

struct str mail_domain(struct str base_url)
{
    struct str rest = base_url;
    str_cut(&rest, '/');
    str_cut(&rest, '/');
    struct str host = str_cut(&rest, '/');
    struct str domain = str_cut(&host, ':');
    return domain.len ? domain : STR("localhost");
}

int64_t mail_pause(int64_t first, int64_t tries)
{
    int64_t pause = first;
    for (int64_t i = 1; i < tries && pause < PAUSE_MAX_MS; i++)
        pause *= 2;
    return pause < PAUSE_MAX_MS ? pause : PAUSE_MAX_MS;
}

// Up to a quarter more, so that those who failed together do not come back together.
static int64_t with_chance(int64_t pause)
{
    uint32_t chance;
    random_bytes(&chance, sizeof(chance));
    return pause + (int64_t)(chance % 1024) * pause / 4096;
}

static struct mail_scene scene_of(struct mail_sender *sender)
{
    return (struct mail_scene){ sender->app, sender->db, sender->keys, sender->arena, clock_now(sender->app->clock) };
}

// What became of an entry, for the writer.
struct settling {
    struct write_job job;   // first
    struct mail_sender *sender;
    const struct outbox_entry *entry;
    bool gone;              // sent, or nobody is to be told
    bool refused;           // for good
    struct outbox_failure failure;
};

static int settle_apply(struct write_job *job, struct db *db)
{
    struct settling *settling = (struct settling *)job;
    const struct outbox_entry *entry = settling->entry;
    if (settling->gone)
        return outbox_remove(db, entry->id);
    int result = outbox_fail(db, entry->id, &settling->failure);
    return result == 0 && settling->refused ? settling->sender->source->refused(db, entry, settling->failure.given_up) : result;
}

static int settle(struct settling *settling)
{
    settling->job = (struct write_job){ .apply = settle_apply };
    return writer_run(settling->sender->app->writer, &settling->job);
}

// Writes down that an entry is done with.
static int finish(struct mail_sender *sender, const struct outbox_entry *entry)
{
    struct settling settling = { .sender = sender, .entry = entry, .gone = true };
    return settle(&settling);
}

// Writes down a failure: when to try again, or that it is given up.
static int postpone(struct mail_sender *sender, const struct outbox_entry *entry, const struct smtp_outcome *outcome)
{
    int64_t now = clock_now(sender->app->clock), tries = entry->tries + 1;
    bool over = outcome->verdict == SMTP_NEVER || tries >= sender->tries_max;
    struct settling settling = { .sender = sender, .entry = entry, .refused = outcome->verdict == SMTP_NEVER, .failure = {
        .tries = tries, .trouble = outcome->trouble,
        .due = over ? INT64_MAX : now + with_chance(mail_pause(sender->first_pause, tries)), .given_up = over ? now : 0 } };
    log_event(over ? LOG_ERROR : LOG_WARNING, "mail", "entry=%lld tries=%lld reply=%d curl=%d meaning=\"%s\" given_up=%d", (long long)entry->id,
              (long long)tries, outcome->reply, outcome->curl, curl_easy_strerror((CURLcode)outcome->curl), over);
    return settle(&settling);
}

static void note_down(struct mail_sender *sender)
{
    int64_t pause = mail_pause(sender->first_pause, ++sender->down_count);
    sender->down_until = clock_monotonic() + with_chance(pause < DOWN_MAX_MS ? pause : DOWN_MAX_MS);
}

// The mail of an entry, as bytes in the sender's arena. -ENOENT: nobody is to be told any more.
static int compose(struct mail_sender *sender, const struct outbox_entry *entry, struct mail *mail, struct buf *message)
{
    struct mail_scene scene = scene_of(sender);
    *mail = (struct mail){ .id = entry->id, .date = entry->made, .domain = sender->domain, .from = sender->settings.from,
        .from_name = sender->settings.from_name };
    int result = db_begin_read(sender->db);
    if (result < 0)
        return result;
    result = sender->source->compose(&scene, entry, mail);
    db_commit(sender->db);
    return result < 0 ? result : mail_write(mail, message);
}

// 0: go on with the next one.
static int send_one(struct mail_sender *sender, struct smtp *smtp, const struct outbox_entry *entry)
{
    _cleanup_(buf_free) struct buf message = buf_bounded(MAIL_BYTES_MAX);
    struct mail mail;
    struct smtp_outcome outcome = { .verdict = SMTP_LATER };
    int result = compose(sender, entry, &mail, &message);
    if (result == -ENOENT)
        return finish(sender, entry);
    if (result < 0)
        log_event(LOG_ERROR, "mail", "entry=%lld result=%d", (long long)entry->id, result);
    else
        smtp_send(smtp, mail.to, buf_view(&message), &outcome);
    switch (outcome.verdict) {
    case SMTP_SENT:
        sender->down_count = 0;
        log_event(LOG_INFO, "mail", "entry=%lld sent=1", (long long)entry->id);
        return finish(sender, entry);
    case SMTP_STOPPED:
        return -ECANCELED;
    case SMTP_DOWN:
        note_down(sender);
        result = postpone(sender, entry, &outcome);
        return result < 0 ? result : -EHOSTDOWN;
    default:
        return postpone(sender, entry, &outcome);
    }
}

// One entry after the other, over one connection.
static int send_due(struct mail_sender *sender)
{
    struct outbox_entry entry;
    struct smtp *smtp = NULL;
    int result = 0;
    for (int i = 0; result == 0 && i < BATCH && !atomic_load(&sender->stop) && news_leads(sender->app); i++) {
        arena_reset(sender->arena);
        result = outbox_next(sender->db, sender->arena, OUTBOX_MAIL, clock_now(sender->app->clock), &entry);
        if (result == 0 && !smtp)
            result = smtp_open(&sender->settings, sender->domain, &sender->stop, &smtp);
        if (result == 0)
            result = send_one(sender, smtp, &entry);
    }
    smtp_close(smtp);
    return result == -ENOENT ? 0 : result;
}

static void work_once(struct mail_sender *sender)
{
    arena_reset(sender->arena);
    struct mail_scene scene = scene_of(sender);
    int result = sender->source->gather(&scene);
    if (result == 0 && clock_monotonic() >= sender->down_until)
        result = send_due(sender);
    keyring_trim(sender->keys);
    if (result < 0 && result != -EHOSTDOWN && result != -ECANCELED && result != -ESHUTDOWN)
        log_event(LOG_ERROR, "mail", "result=%d", result);
}

static void *work(void *data)
{
    struct mail_sender *sender = data;
    while (!atomic_load(&sender->stop)) {
        if (news_leads(sender->app))
            work_once(sender);
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += TICK_MS * 1000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        pthread_mutex_lock(&sender->lock);
        if (!atomic_load(&sender->stop))
            pthread_cond_timedwait(&sender->wake, &sender->lock, &until);
        pthread_mutex_unlock(&sender->lock);
    }
    return NULL;
}

static int read_settings(const struct config *config, struct mail_sender *sender)
{
    int64_t seconds;
    int result = smtp_settings_read(config, &sender->settings);
    if (result == 0)
        result = config_int(config, "smtp.retry_seconds", 1, 3600, 60, &seconds);
    if (result == 0)
        result = config_int(config, "smtp.tries", 1, 100, 12, &sender->tries_max);
    if (result == 0)
        sender->first_pause = seconds * SECOND_MS;
    return result;
}

int mail_settings_check(const struct config *config)
{
    struct mail_sender sender;
    int result = read_settings(config, &sender);
    explicit_bzero(&sender.settings, sizeof(sender.settings));
    return result == -ENOENT ? 0 : result;
}

static int start_thread(struct mail_sender *sender)
{
    pthread_condattr_t attributes;
    pthread_mutex_init(&sender->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&sender->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    return -pthread_create(&sender->thread, NULL, work, sender);
}

static void release(struct mail_sender *sender)
{
    if (sender->keys)
        keyring_free(sender->keys);
    if (sender->db)
        db_close(sender->db);
    arena_free(sender->arena);
    explicit_bzero(sender->settings.password, sizeof(sender->settings.password));
    free(sender);
}

int mail_sender_start(struct app *app, const struct mail_source *source, struct mail_sender **ret_sender)
{
    struct mail_sender *sender = calloc(1, sizeof(*sender));
    if (!sender)
        return -ENOMEM;
    sender->app = app;
    sender->source = source;
    sender->domain = mail_domain(app->base_url);
    int result = read_settings(app->config, sender);
    if (result == 0 && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        result = -ENOMEM;
    if (result == 0)
        result = arena_new(ARENA_BYTES, &sender->arena);
    if (result == 0)
        result = db_open(app->database, DB_READ, &sender->db);
    if (result == 0)
        result = keyring_new(app->keeper, &sender->keys);
    if (result == 0)
        result = start_thread(sender);
    if (result < 0)
        release(sender);
    else
        *ret_sender = sender;
    return result;
}

void mail_sender_stop(struct mail_sender *sender)
{
    if (!sender)
        return;
    pthread_mutex_lock(&sender->lock);
    atomic_store(&sender->stop, true);
    pthread_cond_signal(&sender->wake);
    pthread_mutex_unlock(&sender->lock);
    pthread_join(sender->thread, NULL);
    pthread_cond_destroy(&sender->wake);
    pthread_mutex_destroy(&sender->lock);
    release(sender);
}
