// SPDX-License-Identifier: MPL-2.0
#include "web/session.h"

#include <errno.h>
#include <sodium.h>

#include "base/encode.h"
#include "base/log.h"
#include "base/random.h"
#include "web/answer.h"
#include "web/csrf.h"
#include "web/person.h"
#include "web/session_sql.h"

#define TOKEN_HEX (2 * SESSION_KEY)

// With the prefix a browser takes the cookie only over TLS, for this host and all of it.
static const char *cookie_name(const struct request *request)
{
    return exchange_secure(request->exchange) ? "__Host-samtraad" : "samtraad";
}

// The row's key and the secret behind CSRF tokens both follow from the cookie, which is kept
// nowhere but in the browser.
static int adopt(struct request *request, struct str token)
{
    static const char purpose[] = "csrf";
    uint8_t secret[SESSION_KEY];
    crypto_generichash(secret, sizeof(secret), (const uint8_t *)token.ptr, token.len,
                       (const uint8_t *)purpose, sizeof(purpose) - 1);
    struct str csrf = encode_hex(request->arena, bytes_from(secret, sizeof(secret)));
    if (!csrf.ptr)
        return -ENOMEM;
    request->session = (struct session){ .csrf = csrf };
    keyring_lookup(request->keys, LOOKUP_TOKEN, token, request->session.key);
    return 0;
}

static int token_new(struct request *request, struct str *ret_token)
{
    uint8_t random[SESSION_KEY];
    random_bytes(random, sizeof(random));
    struct str token = encode_hex(request->arena, bytes_from(random, sizeof(random)));
    if (!token.ptr)
        return -ENOMEM;
    *ret_token = token;
    return 0;
}

// People type https, and what reaches us does not say so: nothing would keep their cookie from going out without TLS.
static void doubt_front(const struct request *request)
{
    if (str_starts(request->app->base_url, STR("https://")) && !exchange_secure(request->exchange) &&
        !__atomic_exchange_n(&request->app->front_told, true, __ATOMIC_RELAXED))
        log_event(LOG_WARNING, "front",
                  "expected=\"X-Forwarded-Proto: https, and behind_proxy = 1\" meaning=\"the cookies of those who come like this are not kept to TLS\"");
}

static int set_cookie(struct request *request, struct str token)
{
    doubt_front(request);
    return request_cookie(request, cookie_name(request), token, COOKIE_SESSION);
}

// With a form that another site has sent the browser keeps the person's cookie back (SameSite=Lax),
// and would put a new one of ours in its place: that site could sign people out.
static bool is_sent_from_elsewhere(const struct request *request)
{
    return str_equal(exchange_method(request->exchange), STR("POST")) &&
           !csrf_same_origin(request->exchange, request->app->base_url);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void set_expiry(const struct app *app, struct session *session)
{
    session->expires =
        earlier(session->seen + app->session_idle, session->created + app->session_absolute);
}

void session_mark(const struct keyring *keys, const uint8_t key[SESSION_KEY], int64_t person,
                  int64_t assurance, int64_t created, uint8_t ret_mark[SESSION_MARK])
{
    const int64_t numbers[] = { person, assurance, created };
    uint8_t bound[8 + SESSION_KEY + sizeof(numbers)] = "session";
    memcpy(bound + 8, key, SESSION_KEY);
    memcpy(bound + 8 + SESSION_KEY, numbers, sizeof(numbers));
    keyring_lookup(keys, LOOKUP_TOKEN, bytes_str(bytes_from(bound, sizeof(bound))), ret_mark);
}

static bool is_genuine(const struct request *request, const struct sql_session_load *row)
{
    uint8_t mark[SESSION_MARK];
    session_mark(request->keys, request->session.key, row->person, row->assurance, row->created,
                 mark);
    if (row->mark.len == sizeof(mark) && memcmp(row->mark.ptr, mark, sizeof(mark)) == 0)
        return true;
    log_event(LOG_ERROR, "session-refused", "person=%lld", (long long)row->person);
    return false;
}

// Fills the session from its row. The row's clock may stand ahead of ours: another node's, or ours before it was corrected. One that was
// further ahead than a session may rest would let it live for as long as it was wrong.
static int open_row(struct request *request, const struct sql_session_load *row)
{
    struct session *session = &request->session;
    struct session found = {
        .created = row->created,
        .seen = row->seen,
    };
    set_expiry(request->app, &found);
    if (found.created > request->now + request->app->session_idle || found.seen > request->now + request->app->session_idle)
        return 0;
    if (request->now >= found.expires || !is_genuine(request, row))
        return 0;
    struct person person;
    int r =
        person_open(request->keys, row->person, row->version, row->sealed, request->arena, &person);
    if (r < 0)
        return r;
    // Who was made somebody else in the database is nobody.
    if (person.role != (enum role)row->role || person.unit != (row->unit_null ? 0 : row->unit)) {
        log_event(LOG_ERROR, "person-refused", "person=%lld", (long long)row->person);
        return 0;
    }
    session->person = row->person;
    session->role = (enum role)row->role;
    session->unit = row->unit;
    session->language =
        row->language < LANGUAGE_COUNT ? (enum language)row->language : LANGUAGE_UNSET;
    session->assurance = row->assurance;
    session->name = person.name;
    session->created = found.created;
    session->seen = found.seen;
    session->expires = found.expires;
    return 0;
}

// 1: the browser's cookie is the session's now; 0: it sent none that could be.
static int adopt_cookie(struct request *request)
{
    struct str token = exchange_cookie(request->exchange, cookie_name(request));
    uint8_t raw[SESSION_KEY];
    if (!token.ptr || decode_hex_exact(token, raw, sizeof(raw)) < 0)
        return 0;
    int r = adopt(request, token);
    return r < 0 ? r : 1;
}

// Another server may have destroyed keys that this thread still holds: they go before anything is opened.
static void note_guard(struct request *request, const struct guard *guard)
{
    request->guard = *guard;
    if (request->app->nodes > 1 && keeper_note_destroyed(request->app->keeper, guard->destroyed))
        keyring_trim(request->keys);
}

static struct sql_session_load_in load_of(const struct request *request)
{
    return (struct sql_session_load_in){ .key = bytes_from(request->session.key, SESSION_KEY) };
}

void session_ask(const struct request *request)
{
    struct sql_session_load_in in = load_of(request);
    if (request->session.csrf.len != 0)
        sql_session_load_ask(request->db, &in);
}

int session_load(struct request *request)
{
    request->session = (struct session){ .person = 0 };
    request->guard = (struct guard){ .withdrawn = -1 };
    int r = adopt_cookie(request);
    if (r <= 0)
        return r;
    struct db_stmt *stmt;
    struct sql_session_load_in in = load_of(request);
    r = sql_session_load(request->db, &in, &stmt);
    if (r < 0)
        return r;
    struct sql_session_load row;
    r = sql_session_load_next(stmt, &row);
    if (r == 1) {
        note_guard(request, &(struct guard){ row.withdrawn, row.destroyed });
        r = open_row(request, &row);
    }
    db_end(stmt);
    return r;
}

int session_visitor(struct request *request)
{
    if (request->session.csrf.len != 0)
        return 0;
    // A problem may be told before the session was loaded: it must not cost the browser its cookie.
    int r = adopt_cookie(request);
    if (r != 0)
        return r < 0 ? r : 0;
    struct str token;
    r = token_new(request, &token);
    if (r == 0 && !is_sent_from_elsewhere(request))
        r = set_cookie(request, token);
    return r < 0 ? r : adopt(request, token);
}

// Deletes the request's row, if it has one, and has its streams cut.
static int drop(struct request *request)
{
    if (request->session.csrf.len == 0)
        return 0;
    struct sql_session_end_in in = { .key = bytes_from(request->session.key, SESSION_KEY) };
    int64_t changes = sql_session_end(request->db, &in);
    if (changes <= 0)
        return (int)changes;
    struct news news = { .kind = NEWS_SIGNED_OUT };
    memcpy(news.session, request->session.key, SESSION_KEY);
    return request_tell(request, &news);
}

int session_begin(struct request *request, int64_t person, int64_t assurance)
{
    int r = drop(request);
    if (r < 0)
        return r;
    int64_t swept = sql_session_sweep(
        request->db,
        &(struct sql_session_sweep_in){ .before = request->now - request->app->session_idle });
    if (swept < 0)
        return (int)swept;
    struct str token;
    r = token_new(request, &token);
    r = r ? r : set_cookie(request, token);
    r = r ? r : adopt(request, token);
    if (r < 0)
        return r;
    struct session *session = &request->session;
    uint8_t mark[SESSION_MARK];
    session_mark(request->keys, session->key, person, assurance, request->now, mark);
    struct sql_session_begin_in in = {
        .key = bytes_from(session->key, SESSION_KEY),
        .person = person,
        .assurance = assurance,
        .now = request->now,
        .mark = bytes_from(mark, sizeof(mark)),
    };
    int64_t changes = sql_session_begin(request->db, &in);
    if (changes < 0)
        return (int)changes;
    session->person = person;
    session->assurance = assurance;
    session->created = session->seen = request->now;
    set_expiry(request->app, session);
    if (request->event.person == 0)
        request->event.person = person;
    return 0;
}

int session_end(struct request *request)
{
    int r = drop(request);
    if (r == 0)
        r = request_cookie(request, cookie_name(request), STR(""), 0);
    if (r < 0)
        return r;
    request->session = (struct session){ .person = 0 };
    return 0;
}

int session_touch_now(struct request *request)
{
    struct session *session = &request->session;
    struct sql_session_touch_in in = { .key = bytes_from(session->key, SESSION_KEY),
                                       .now = request->now };
    int64_t changes = sql_session_touch(request->db, &in);
    if (changes < 0)
        return (int)changes;
    session->seen = request->now;
    set_expiry(request->app, session);
    return 0;
}

// A note of use that travels to the writer on its own, since the request may be a mere reading one.
struct touch {
    struct write_job job;
    uint8_t key[SESSION_KEY];
    int64_t now;
};

static int touch_apply(struct write_job *job, struct db *db)
{
    const struct touch *touch = (const struct touch *)job;
    int64_t changes =
        sql_session_touch(db, &(struct sql_session_touch_in){
                                  .key = bytes_from(touch->key, SESSION_KEY), .now = touch->now });
    return changes < 0 ? (int)changes : 0;
}

static void touch_done(struct write_job *job, int result)
{
    free(job);
}

void session_use(struct request *request)
{
    struct session *session = &request->session;
    if (session->person == 0 || request->now - session->seen < MINUTE_MS)
        return;
    struct touch *touch = malloc(sizeof(*touch));
    if (!touch)
        return;   // the next request tries again
    *touch =
        (struct touch){ .job = { .apply = touch_apply, .done = touch_done }, .now = request->now };
    memcpy(touch->key, session->key, SESSION_KEY);
    session->seen = request->now;
    set_expiry(request->app, session);
    writer_submit(request->app->writer, &touch->job);
}
