// SPDX-License-Identifier: MPL-2.0
#include "rows.h"
#include "web/html.h"

#include <errno.h>
#include <jansson.h>

#define REQUEST_MAX 8192
#define WARM_UP 300000

static const struct town_dialogue *dialogue_of(const struct town *town, size_t connection)
{
    return &town->shown[connection % TOWN_SHOWN];
}

static struct str cookie_of(const struct town *town, size_t connection)
{
    size_t person = connection / TOWN_SHOWN % TOWN_GROUP;
    return town->cookies[dialogue_of(town, connection)->group * TOWN_GROUP + person];
}

static int finish(struct requests *requests, size_t i)
{
    requests->list[i] = buf_view(&requests->text[i]);
    return requests->text[i].error;
}

static int page_request(const struct town *town, size_t i, struct str cookie, struct requests *requests)
{
    requests->text[i] = buf_bounded(REQUEST_MAX);
    buf_format(&requests->text[i],
               "GET /dialogue/%lld HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n"
               "Accept-Encoding: gzip\r\nCookie: %.*s\r\n\r\n",
               (long long)dialogue_of(town, i)->id, (int)cookie.len, cookie.ptr);
    return finish(requests, i);
}

int requests_pages(const struct town *town, struct requests *requests)
{
    int r = 0;
    for (size_t i = 0; i < LOAD_CONNECTIONS && r == 0; i++)
        r = page_request(town, i, cookie_of(town, i), requests);
    return r;
}

int requests_pages_of(const struct town *town, size_t person, struct requests *requests)
{
    int r = 0;
    for (size_t i = 0; i < LOAD_CONNECTIONS && r == 0; i++)
        r = page_request(town, i, town->cookies[dialogue_of(town, i)->group * TOWN_GROUP + person], requests);
    return r;
}

// The token of a session's forms.
static int ask_token(const struct running *server, struct str cookie, struct buf *token)
{
    char headers[512];
    char *body = NULL;
    size_t len;
    (void)snprintf(headers, sizeof(headers), "Accept: application/json\r\nCookie: %.*s\r\n",
                   (int)cookie.len, cookie.ptr);
    int r = running_get(server, "/session", headers, &body, &len);
    json_t *session = r == 0 ? json_loadb(body, len, 0, NULL) : NULL;
    const char *text = json_string_value(json_object_get(session, "csrf"));
    if (text)
        buf_str(token, str_from(text));
    else
        r = r < 0 ? r : -EPROTO;
    json_decref(session);
    free(body);
    return r;
}

int requests_posts(const struct town *town, const struct running *server, struct requests *requests)
{
    int r = 0;
    for (size_t i = 0; i < LOAD_CONNECTIONS && r == 0; i++) {
        struct str cookie = cookie_of(town, i);
        struct buf body = buf_bounded(REQUEST_MAX), token = buf_bounded(REQUEST_MAX);
        char room[TOWN_TEXT];
        r = ask_token(server, cookie, &token);
        // 490 bytes of letters and a number of ten digits that no other post has; the key does not
        // begin with a zero.
        buf_format(&body, "csrf=%.*s&key=1{n}&text={n}", (int)token.len, token.data);
        html_url_part(&body, town_text(i, TOWN_TEXT - 10, room));
        requests->text[i] = buf_bounded(REQUEST_MAX);
        buf_format(&requests->text[i],
                   "POST /dialogue/%lld/post HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: "
                   "%.*s\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                   "Content-Length: %zu\r\n\r\n%.*s",
                   (long long)dialogue_of(town, i)->id, (int)cookie.len, cookie.ptr,
                   body.len + 2 * (10 - 3), (int)body.len, body.data);
        r = r < 0 ? r : body.error ? body.error : finish(requests, i);
        buf_free(&body);
        buf_free(&token);
    }
    return r;
}

void requests_free(struct requests *requests)
{
    for (size_t i = 0; i < LOAD_CONNECTIONS; i++)
        buf_free(&requests->text[i]);
}

struct client_load requests_load(const struct requests *requests, const struct running *server,
                                 unsigned connections, unsigned status)
{
    return (struct client_load){
        .port = server->port,
        .connections = connections,
        .warm_up = WARM_UP,
        .duration = 1500000,
        .requests = requests->list,
        .request_count = LOAD_CONNECTIONS,
        .own = true,
        .statuses = { status },
        .pid = server->pid,
    };
}

int requests_ask(const struct client_load *load, struct client_result *ret_result)
{
    struct client_result result;
    int r = client_run(load, &result);
    if (r < 0)
        return r;
    if (result.wrong || result.broken || result.answers == 0) {
        (void)fprintf(stderr,
                      "bench: %llu answers as expected, %llu others (the last one %u), %llu broken "
                      "connections\n",
                      (unsigned long long)result.answers, (unsigned long long)result.wrong,
                      result.wrong_status, (unsigned long long)result.broken);
        return -EPROTO;
    }
    *ret_result = result;
    return 0;
}
