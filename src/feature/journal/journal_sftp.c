// SPDX-License-Identifier: MPL-2.0
#include "base/cleanup.h"
#include "base/log.h"
#include "feature/journal/journal_adapter.h"

#include <curl/curl.h>
#include <errno.h>

#define ADDRESS_MAX 1000
#define CONNECT_SECONDS 20L
#define SECONDS 300L
#define SLOW_SECONDS 30L   // without a byte
#define MANIFEST_MAX ((size_t)1 << 20)

struct sftp {
    struct journal_adapter adapter;   // first
    char *url, *host_key, *key_file;
    char folder[ADDRESS_MAX];         // the path on the other machine
};

static void clean(CURL **curl)
{
    curl_easy_cleanup(*curl);
}

static void free_list(struct curl_slist **list)
{
    curl_slist_free_all(*list);
}

static size_t take(char *data, size_t size, size_t count, void *to)
{
    struct buf *buf = to;
    buf_put(buf, data, size * count);
    return buf->error ? 0 : size * count;
}

static size_t give(char *to, size_t size, size_t count, void *from)
{
    struct bytes *left = from;
    size_t n = size * count < left->len ? size * count : left->len;
    memcpy(to, left->ptr, n);
    left->ptr += n;
    left->len -= n;
    return n;
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

// What all transfers have in common. Everything is set anew; the connection stays.
static CURLcode prepare(CURL *curl, const struct sftp *sftp, const char *path)
{
    char address[2 * ADDRESS_MAX];
    CURLcode code = CURLE_OK;
    snprintf(address, sizeof(address), "%s/%s", sftp->url, path);
    curl_easy_reset(curl);
    put_text(curl, CURLOPT_URL, address, &code);
    put_text(curl, CURLOPT_PROTOCOLS_STR, "sftp", &code);
    put_text(curl, CURLOPT_PROXY, "", &code);
    put_long(curl, CURLOPT_NOSIGNAL, 1, &code);
    put_long(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS, &code);
    put_long(curl, CURLOPT_TIMEOUT, SECONDS, &code);
    put_long(curl, CURLOPT_LOW_SPEED_LIMIT, 1, &code);
    put_long(curl, CURLOPT_LOW_SPEED_TIME, SLOW_SECONDS, &code);
    put_long(curl, CURLOPT_SSH_AUTH_TYPES, CURLSSH_AUTH_PUBLICKEY, &code);
    put_text(curl, CURLOPT_SSH_PRIVATE_KEYFILE, sftp->key_file, &code);
    put_text(curl, CURLOPT_SSH_HOST_PUBLIC_KEY_SHA256, sftp->host_key, &code);
    return code;
}

static int told(CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return 0;
    case CURLE_REMOTE_FILE_NOT_FOUND:
        return -ENOENT;
    case CURLE_OPERATION_TIMEDOUT:
        return -ETIMEDOUT;
    case CURLE_REMOTE_DISK_FULL:
        return -ENOSPC;
    case CURLE_OUT_OF_MEMORY:
        return -ENOMEM;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_LOGIN_DENIED:
    case CURLE_REMOTE_ACCESS_DENIED:
        return -EACCES;
    default:
        return -EIO;
    }
}

static int fetch(CURL *curl, const struct sftp *sftp, const char *path, struct buf *out)
{
    CURLcode code = prepare(curl, sftp, path);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_WRITEDATA, out);
    code = code ? code : curl_easy_perform(curl);
    if (code != CURLE_OK && code != CURLE_REMOTE_FILE_NOT_FOUND)
        log_event(LOG_WARNING, "journal-sftp", "curl=%d meaning=\"%s\"", (int)code, curl_easy_strerror(code));
    return told(code);
}

// after: what the other machine is to do once the file is there; NULL: nothing.
static int upload(CURL *curl, const struct sftp *sftp, const char *part, const struct journal_file *file, struct curl_slist *after)
{
    char path[ADDRESS_MAX];
    struct bytes left = file->bytes;
    snprintf(path, sizeof(path), "%s/%s", part, file->name);
    CURLcode code = prepare(curl, sftp, path);
    put_long(curl, CURLOPT_UPLOAD, 1, &code);
    put_long(curl, CURLOPT_FTP_CREATE_MISSING_DIRS, CURLFTP_CREATE_DIR, &code);
    put_long(curl, CURLOPT_NEW_FILE_PERMS, 0640, &code);
    put_long(curl, CURLOPT_NEW_DIRECTORY_PERMS, 0750, &code);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)left.len);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    code = code ? code : curl_easy_setopt(curl, CURLOPT_READDATA, &left);
    if (after)
        code = code ? code : curl_easy_setopt(curl, CURLOPT_POSTQUOTE, after);
    code = code ? code : curl_easy_perform(curl);
    if (code != CURLE_OK)
        log_event(LOG_WARNING, "journal-sftp", "curl=%d meaning=\"%s\"", (int)code, curl_easy_strerror(code));
    // The folder itself is missing: that is not "no answer yet".
    return code == CURLE_REMOTE_FILE_NOT_FOUND ? -ENOTDIR : told(code);
}

static int find_parcel(CURL *curl, const struct sftp *sftp, const struct journal_parcel *parcel)
{
    _cleanup_(buf_free) struct buf there = buf_bounded(MANIFEST_MAX);
    char path[ADDRESS_MAX];
    const struct journal_file *manifest = &parcel->files[parcel->count - 1];
    snprintf(path, sizeof(path), "%s/%s", parcel->name, manifest->name);
    int result = fetch(curl, sftp, path, &there);
    if (result < 0)
        return result;
    return str_equal(buf_view(&there), bytes_str(manifest->bytes)) ? 0 : -EEXIST;
}

static int deliver(struct journal_adapter *adapter, const struct journal_parcel *parcel)
{
    const struct sftp *sftp = (const struct sftp *)adapter;
    _cleanup_(clean) CURL *curl = curl_easy_init();
    _cleanup_(free_list) struct curl_slist *rename = NULL;
    char part[200], command[3 * ADDRESS_MAX];
    if (!curl)
        return -ENOMEM;
    snprintf(part, sizeof(part), ".%s.part", parcel->name);
    snprintf(command, sizeof(command), "rename \"%s/%s\" \"%s/%s\"", sftp->folder, part, sftp->folder, parcel->name);
    rename = curl_slist_append(NULL, command);
    int result = rename ? find_parcel(curl, sftp, parcel) : -ENOMEM;
    if (result != -ENOENT)
        return result;
    result = 0;
    // The manifest comes last, and the parcel gets its name with it.
    for (size_t i = 0; result == 0 && i < parcel->count; i++)
        result = upload(curl, sftp, part, &parcel->files[i], i + 1 == parcel->count ? rename : NULL);
    return result;
}

static int receipt(struct journal_adapter *adapter, const char *parcel, struct buf *out)
{
    const struct sftp *sftp = (const struct sftp *)adapter;
    _cleanup_(clean) CURL *curl = curl_easy_init();
    char path[ADDRESS_MAX];
    snprintf(path, sizeof(path), "%s.receipt.json", parcel);
    return curl ? fetch(curl, sftp, path, out) : -ENOMEM;
}

static void free_sftp(struct journal_adapter *adapter)
{
    struct sftp *sftp = (struct sftp *)adapter;
    free(sftp->url);
    free(sftp->host_key);
    free(sftp->key_file);
    free(sftp);
}

// "sftp://user@host:22/some/folder/" gives "/some/folder"; characters that commands or addresses would read otherwise are refused.
static int take_folder(struct sftp *sftp)
{
    size_t len = strlen(sftp->url);
    while (len > 0 && sftp->url[len - 1] == '/')
        sftp->url[--len] = '\0';
    const char *path = len > 7 ? strchr(sftp->url + 7, '/') : NULL;
    if (!path || len >= ADDRESS_MAX - 200 || strpbrk(sftp->url, " \"'\\%?#\t\n") || strstr(path, "/~"))
        return -EINVAL;
    snprintf(sftp->folder, sizeof(sftp->folder), "%s", path);
    return 0;
}

int journal_sftp_new(const struct journal_sftp *where, struct journal_adapter **ret_adapter)
{
    struct sftp *sftp = calloc(1, sizeof(*sftp));
    if (!sftp)
        return -ENOMEM;
    *sftp = (struct sftp){ .adapter = { deliver, receipt, free_sftp }, .url = strdup(where->url), .host_key = strdup(where->host_key),
                           .key_file = strdup(where->key_file) };
    int result = sftp->url && sftp->host_key && sftp->key_file ? take_folder(sftp) : -ENOMEM;
    if (result < 0) {
        log_event(LOG_ERROR, "config", "setting=journal.deliver meaning=\"expected sftp://user@host/folder\"");
        free_sftp(&sftp->adapter);
        return result;
    }
    *ret_adapter = &sftp->adapter;
    return 0;
}
