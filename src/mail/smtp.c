// SPDX-License-Identifier: MPL-2.0
#include "mail/smtp.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "mail/mail.h"

#include <curl/curl.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#define URL_MAX 500

struct smtp {
    const struct smtp_settings *settings;
    atomic_bool *stop;
    CURL *curl;
    char url[URL_MAX + MAIL_ADDRESS_MAX + 2];   // with the name that we greet with
    struct str message;   // what is being sent, and how much of it has gone
    size_t gone;
    curl_socket_t socket;   // the open connection's; CURL_SOCKET_BAD: none
    bool broken;            // nobody answers there any more
};

static size_t give(char *data, size_t size, size_t count, void *from)
{
    struct smtp *smtp = from;
    size_t len = smtp->message.len - smtp->gone;
    if (len > size * count)
        len = size * count;
    memcpy(data, smtp->message.ptr + smtp->gone, len);
    smtp->gone += len;
    return len;
}

static int opened(void *data, curl_socket_t socket, curlsocktype purpose)
{
    struct smtp *smtp = data;
    smtp->socket = socket;
    return CURL_SOCKOPT_OK;
}

static int closed(void *data, curl_socket_t socket)
{
    struct smtp *smtp = data;
    if (smtp->socket == socket)
        smtp->socket = CURL_SOCKET_BAD;
    return close(socket);
}

// Called about once a second at the least; not 0 ends the transfer.
static int watch(void *data, curl_off_t total_down, curl_off_t down, curl_off_t total_up, curl_off_t up)
{
    const struct smtp *smtp = data;
    return atomic_load(smtp->stop);
}

// What the server says has been read by libcurl; nothing of it goes anywhere.
static size_t ignore(char *data, size_t size, size_t count, void *to)
{
    return size * count;
}

static void put_text(CURL *curl, CURLoption option, const char *value, CURLcode *code)
{
    if (*code == CURLE_OK)
        *code = curl_easy_setopt(curl, option, value);
}

static void put_long(CURL *curl, CURLoption option, long value, CURLcode *code)
{
    if (*code == CURLE_OK)
        *code = curl_easy_setopt(curl, option, value);
}

static long use_ssl(enum smtp_tls tls)
{
    if (tls == SMTP_TLS_OFF)
        return (long)CURLUSESSL_NONE;
    return tls == SMTP_TLS_WANTED ? (long)CURLUSESSL_TRY : (long)CURLUSESSL_ALL;
}

static CURLcode prepare_server(struct smtp *smtp)
{
    const struct smtp_settings *settings = smtp->settings;
    CURLcode code = CURLE_OK;
    put_text(smtp->curl, CURLOPT_URL, smtp->url, &code);
    put_text(smtp->curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps", &code);
    put_text(smtp->curl, CURLOPT_PROXY, "", &code);
    put_long(smtp->curl, CURLOPT_NOSIGNAL, 1, &code);
    put_long(smtp->curl, CURLOPT_CONNECTTIMEOUT, SMTP_CONNECT_SECONDS, &code);
    put_long(smtp->curl, CURLOPT_TIMEOUT, SMTP_SECONDS, &code);
    put_long(smtp->curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, SMTP_ANSWER_SECONDS, &code);
    put_long(smtp->curl, CURLOPT_USE_SSL, use_ssl(settings->tls), &code);
    put_long(smtp->curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2, &code);
    put_long(smtp->curl, CURLOPT_SSL_VERIFYPEER, 1, &code);
    put_long(smtp->curl, CURLOPT_SSL_VERIFYHOST, 2, &code);
    if (settings->ca)
        put_text(smtp->curl, CURLOPT_CAINFO, settings->ca, &code);
    if (settings->user) {
        put_text(smtp->curl, CURLOPT_USERNAME, settings->user, &code);
        put_text(smtp->curl, CURLOPT_PASSWORD, settings->password, &code);
    }
    return code;
}

static CURLcode prepare_streams(struct smtp *smtp)
{
    CURL *curl = smtp->curl;
    CURLcode code = curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, opened);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_SOCKOPTDATA, smtp);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION, closed);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_CLOSESOCKETDATA, smtp);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_READDATA, smtp);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch);
    return code ? code : curl_easy_setopt(curl, CURLOPT_XFERINFODATA, smtp);
}

int smtp_open(const struct smtp_settings *settings, struct str domain, atomic_bool *stop, struct smtp **ret_smtp)
{
    struct smtp *smtp = calloc(1, sizeof(*smtp));
    if (!smtp)
        return -ENOMEM;
    *smtp = (struct smtp){ .settings = settings, .stop = stop, .curl = curl_easy_init(), .socket = CURL_SOCKET_BAD };
    // libcurl greets the server with what stands behind the host.
    int len = snprintf(smtp->url, sizeof(smtp->url), "%s/%.*s", settings->url, (int)domain.len, domain.ptr);
    if (!smtp->curl || len < 0 || (size_t)len >= sizeof(smtp->url) || prepare_server(smtp) != CURLE_OK || prepare_streams(smtp) != CURLE_OK) {
        smtp_close(smtp);
        return -ENOMEM;
    }
    *ret_smtp = smtp;
    return 0;
}

void smtp_close(struct smtp *smtp)
{
    if (!smtp)
        return;
    // libcurl takes leave with QUIT and waits for the answer: not where none will come.
    if (smtp->broken && smtp->socket != CURL_SOCKET_BAD)
        shutdown(smtp->socket, SHUT_RDWR);
    curl_easy_cleanup(smtp->curl);
    free(smtp);
}

// A refusal with 5xx is for good only when it is about this mail: its sender, recipient or content. Whoever is not greeted, let in or
// given TLS has an operator who can mend that.
static enum smtp_verdict judge(CURLcode code, long reply, bool begun)
{
    switch (code) {
    case CURLE_OK:
        return SMTP_SENT;
    case CURLE_ABORTED_BY_CALLBACK:
        return SMTP_STOPPED;
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UPLOAD_FAILED:
        if (code != CURLE_SEND_ERROR && !begun)
            return SMTP_DOWN;
        if (reply / 100 == 5)
            return SMTP_NEVER;
        return reply / 100 == 4 && reply != 421 ? SMTP_LATER : SMTP_DOWN;
    case CURLE_OPERATION_TIMEDOUT:
        return begun ? SMTP_LATER : SMTP_DOWN;
    default:
        return SMTP_DOWN;
    }
}

// TLS and login have results of their own that say more than the reply.
static int64_t trouble_of(CURLcode code, long reply)
{
    bool tells = code == CURLE_USE_SSL_FAILED || code == CURLE_LOGIN_DENIED || code == CURLE_PEER_FAILED_VERIFICATION;
    return reply >= 400 && !tells ? reply : -(int64_t)code;
}

static CURLcode perform(struct smtp *smtp, struct str to)
{
    char from[MAIL_ADDRESS_MAX + 3], rcpt[MAIL_ADDRESS_MAX + 3];
    snprintf(from, sizeof(from), "<%.*s>", (int)smtp->settings->from.len, smtp->settings->from.ptr);
    snprintf(rcpt, sizeof(rcpt), "<%.*s>", (int)to.len, to.ptr);
    struct curl_slist *list = curl_slist_append(NULL, rcpt);
    if (!list)
        return CURLE_OUT_OF_MEMORY;
    CURLcode code = curl_easy_setopt(smtp->curl, CURLOPT_MAIL_FROM, from);
    code = code ? code : curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, list);
    code = code ? code : curl_easy_perform(smtp->curl);
    curl_easy_setopt(smtp->curl, CURLOPT_MAIL_RCPT, NULL);
    curl_slist_free_all(list);
    return code;
}

void smtp_send(struct smtp *smtp, struct str to, struct str message, struct smtp_outcome *ret_outcome)
{
    long reply = 0;
    if (!mail_address_valid(to)) {
        *ret_outcome = (struct smtp_outcome){ .verdict = SMTP_NEVER };
        return;
    }
    smtp->message = message;
    smtp->gone = 0;
    CURLcode code = perform(smtp, to);
    curl_easy_getinfo(smtp->curl, CURLINFO_RESPONSE_CODE, &reply);
    *ret_outcome = (struct smtp_outcome){ .verdict = judge(code, reply, smtp->gone > 0), .reply = (int)reply, .curl = (int)code,
        .trouble = trouble_of(code, reply) };
    smtp->broken = ret_outcome->verdict == SMTP_DOWN || ret_outcome->verdict == SMTP_STOPPED;
}
