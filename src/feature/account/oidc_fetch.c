// SPDX-License-Identifier: MPL-2.0
#include "feature/account/oidc_fetch.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/log.h"

#include <curl/curl.h>
#include <errno.h>

#define ADDRESS_MAX 2000

bool oidc_address_allowed(const char *address)
{
    static const char *const local[] = { "http://localhost:", "http://localhost/", "http://127.0.0.1:", "http://127.0.0.1/", "http://[::1]:", "http://[::1]/" };
    struct str text = str_from(address);
    bool allowed = str_starts(text, STR("https://"));
    for (size_t i = 0; i < sizeof(local) / sizeof(local[0]); i++)
        allowed = allowed || str_starts(text, str_from(local[i]));
    for (size_t i = 0; i < text.len; i++)
        allowed = allowed && text.ptr[i] > ' ' && text.ptr[i] < 127 && text.ptr[i] != '\\' && text.ptr[i] != '"';
    struct str rest = text, host;
    str_cut(&rest, '/');
    str_cut(&rest, '/');
    host = str_cut(&rest, '/');
    // "https://provider@attacker" names the attacker's host.
    return allowed && text.len <= ADDRESS_MAX && host.len && !memchr(host.ptr, '@', host.len);
}

static size_t take(char *data, size_t size, size_t count, void *to)
{
    struct buf *buf = to;
    buf_put(buf, data, size * count);
    return buf->error ? 0 : size * count;
}

static void clean(CURL **curl)
{
    curl_easy_cleanup(*curl);
}

// The first failure counts: an option that can't be set must not be missing.
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

static CURLcode prepare(CURL *curl, const struct oidc_fetch *what, struct buf *answer)
{
    CURLcode code = curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    put_text(curl, CURLOPT_URL, what->address, &code);
    put_text(curl, CURLOPT_PROTOCOLS_STR, "http,https", &code);
    put_text(curl, CURLOPT_PROXY, "", &code);
    put_text(curl, CURLOPT_USERAGENT, "samtraad", &code);
    put_long(curl, CURLOPT_FOLLOWLOCATION, 0, &code);
    put_long(curl, CURLOPT_NOSIGNAL, 1, &code);
    put_long(curl, CURLOPT_CONNECTTIMEOUT, OIDC_CONNECT_SECONDS, &code);
    put_long(curl, CURLOPT_TIMEOUT, OIDC_SECONDS, &code);
    put_long(curl, CURLOPT_MAXFILESIZE, (long)OIDC_ANSWER_MAX, &code);
    put_long(curl, CURLOPT_SSL_VERIFYPEER, 1, &code);
    put_long(curl, CURLOPT_SSL_VERIFYHOST, 2, &code);
    if (what->body)
        put_text(curl, CURLOPT_POSTFIELDS, what->body, &code);
    if (what->user) {
        put_long(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC, &code);
        put_text(curl, CURLOPT_USERNAME, what->user, &code);
        put_text(curl, CURLOPT_PASSWORD, what->password, &code);
    }
    return code;
}

static bool is_json(const char *type)
{
    struct str rest = str_from(type);
    struct str media = str_trim(str_cut(&rest, ';'));
    return str_equal(media, STR("application/json")) || str_equal(media, STR("application/jwk-set+json"));
}

static int read_answer(CURL *curl, const struct oidc_fetch *what, const struct buf *answer, json_t **ret_json)
{
    long status = 0;
    const char *type = NULL;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
    json_t *json = status == 200 && is_json(type) ? json_loadb(answer->data, answer->len, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (json_is_object(json)) {
        *ret_json = json;
        return 0;
    }
    json_decref(json);
    log_event(LOG_WARNING, "login-provider", "address=%s status=%ld json=%d bytes=%zu", what->address, status, is_json(type), answer->len);
    return -EACCES;
}

int oidc_fetch(const struct oidc_fetch *what, json_t **ret_json)
{
    _cleanup_(buf_free) struct buf answer = buf_bounded(OIDC_ANSWER_MAX);
    if (!oidc_address_allowed(what->address))
        return -EPERM;
    _cleanup_(clean) CURL *curl = curl_easy_init();
    if (!curl)
        return -ENOMEM;
    CURLcode code = prepare(curl, what, &answer);
    code = code ? code : curl_easy_perform(curl);
    if (code == CURLE_OK)
        return read_answer(curl, what, &answer, ret_json);
    log_event(LOG_WARNING, "login-provider", "address=%s curl=%d meaning=\"%s\"", what->address, (int)code, curl_easy_strerror(code));
    if (code == CURLE_WRITE_ERROR || code == CURLE_FILESIZE_EXCEEDED)
        return -EACCES;
    return code == CURLE_OPERATION_TIMEDOUT ? -ETIMEDOUT : -EHOSTUNREACH;
}
