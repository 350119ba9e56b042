// SPDX-License-Identifier: MPL-2.0
#include "web/news.h"

#include "base/encode.h"
#include "base/log.h"
#include "base/random.h"
#include "store/listener.h"
#include "web/session_sql.h"

#include <assert.h>
#include <errno.h>

// "NODE KIND TOPIC PERSON NUMBER NAME DATA SESSION"; "-": none.
#define WORDS 8

static bool withdraws(const struct news *news)
{
    return news->kind >= NEWS_LEFT;
}

static bool several(const struct app *app)
{
    return app->nodes > 1;
}

static void put_word(struct buf *line, struct str word)
{
    assert(word.len == 0 || (!memchr(word.ptr, ' ', word.len) && !memchr(word.ptr, '\n', word.len)));
    buf_char(line, ' ');
    buf_str(line, word.len ? word : STR("-"));
}

static void put_number(struct buf *line, int64_t number)
{
    char digits[DECIMAL_ROOM];

    put_word(line, str_decimal(digits, number));
}

static int tell_others(const struct app *app, struct db *db, const struct news *news)
{
    _cleanup_(buf_free) struct buf line = buf_bounded(DB_LINE_MAX);

    assert(news->name.len <= NEWS_NAME_MAX && news->data.len <= NEWS_DATA_MAX);
    buf_hex(&line, bytes_from(&app->node, sizeof(app->node)));
    put_number(&line, news->kind);
    put_number(&line, news->topic);
    put_number(&line, news->person);
    put_number(&line, news->number);
    put_word(&line, news->name);
    put_word(&line, news->data);
    buf_char(&line, ' ');
    buf_hex(&line, bytes_from(news->session, sizeof(news->session)));
    return line.error ? line.error : db_tell(db, buf_view(&line));
}

int news_commit(const struct app *app, struct db *db, const struct news *list)
{
    struct sql_session_guard_raise_in raise = { 0 };
    int r = 0;

    if (!several(app))
        return 0;
    for (const struct news *news = list; news && r == 0; news = news->next) {
        raise.withdrawn += withdraws(news);
        raise.destroyed += news->kind == NEWS_ERASED;
        r = tell_others(app, db, news);
    }
    if (r == 0 && raise.withdrawn > 0) {
        int64_t rows = sql_session_guard_raise(db, &raise);

        r = rows < 0 ? (int)rows : rows == 1 ? 0 : -EIO;
    }
    return r;
}

static void deliver(struct app *app, const struct news *news)
{
    // Before the streams are cut: one that is just being opened finds it out by itself.
    if (withdraws(news))
        app_access_withdrawn(app);
    switch (news->kind) {
    case NEWS_TOPIC:
        hub_publish_from(app->hub, news->topic, news->name, news->data, news->number, clock_now(app->clock));
        break;
    case NEWS_PERSON:
        hub_publish_person(app->hub, news->topic, news->person, news->name, news->data);
        break;
    case NEWS_LEFT:
        hub_cut_person(app->hub, news->topic, news->person);
        break;
    case NEWS_GONE:
        hub_cut_everywhere(app->hub, news->person);
        break;
    case NEWS_SIGNED_OUT:
        hub_cut_session(app->hub, news->session);
        break;
    case NEWS_ERASED:
        if (app->erased)
            app->erased(app, news->topic);
        break;
    default:
        break;
    }
}

void news_deliver(struct app *app, const struct news *list)
{
    for (const struct news *news = list; news; news = news->next)
        deliver(app, news);
}

static struct str word_of(struct str word)
{
    return str_equal(word, STR("-")) ? STR("") : word;
}

// -EALREADY: our own; -EINVAL: none that tell_others writes.
static int parse(const struct app *app, struct str line, struct news *ret_news)
{
    struct str words[WORDS];
    struct news news = { .kind = NEWS_UNSET };
    int64_t kind = 0;
    uint64_t node;

    for (size_t i = 0; i < WORDS; i++)
        words[i] = str_cut(&line, ' ');
    if (line.len > 0 || decode_hex_exact(words[0], &node, sizeof(node)) < 0)
        return -EINVAL;
    if (node == app->node)
        return -EALREADY;
    if (str_to_int(words[1], &kind) < 0 || kind <= NEWS_UNSET || kind > NEWS_ERASED || str_to_int(words[2], &news.topic) < 0 ||
        str_to_int(words[3], &news.person) < 0 || str_to_int(words[4], &news.number) < 0 || words[5].len > NEWS_NAME_MAX || words[6].len > NEWS_DATA_MAX ||
        decode_hex_exact(words[7], news.session, sizeof(news.session)) < 0)
        return -EINVAL;
    news.kind = (enum news_kind)kind;
    news.name = word_of(words[5]);
    news.data = word_of(words[6]);
    *ret_news = news;
    return 0;
}

static void heard(void *context, struct str line)
{
    struct app *app = context;
    struct news news;
    int r = parse(app, line, &news);

    if (r == 0)
        deliver(app, &news);
    else if (r != -EALREADY)
        log_event(LOG_WARNING, "news", "meaning=\"a line that no server of ours writes\" length=%zu", line.len);
}

// What was withdrawn elsewhere may not be heard of: no stream of this server goes on, and each that is opened anew catches up.
static void deaf(void *context)
{
    struct app *app = context;

    app_access_withdrawn(app);
    hub_deafen(app->hub, true);
}

static void hearing(void *context)
{
    struct app *app = context;

    app_access_withdrawn(app);
    hub_deafen(app->hub, false);
}

int news_start(struct app *app)
{
    const struct listener_calls calls = { .context = app, .heard = heard, .deaf = deaf, .hearing = hearing };

    if (!several(app))
        return 0;
    random_bytes(&app->node, sizeof(app->node));
    return listener_start(app->database, &calls, &app->listener);
}

void news_stop(struct app *app)
{
    listener_stop(app->listener);
    app->listener = NULL;
}

bool news_leads(const struct app *app)
{
    return !several(app) || (app->listener && listener_leads(app->listener));
}

int guard_check(const struct app *app, struct db *db, const struct guard *seen)
{
    struct sql_session_guard row;
    struct db_stmt *stmt;

    if (!several(app) || seen->withdrawn < 0)
        return 0;
    int r = sql_session_guard(db, &stmt);
    if (r < 0)
        return r;
    r = sql_session_guard_next(stmt, &row);
    db_end(stmt);
    if (r <= 0)
        return r < 0 ? r : -EIO;
    return row.withdrawn == seen->withdrawn ? 0 : -ESTALE;
}
