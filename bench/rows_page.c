// SPDX-License-Identifier: MPL-2.0
#include "bare.h"
#include "rows.h"

#include <errno.h>
#include <zlib.h>

#define BARE_TIME 400000

// A page as it is sent, and as the browser reads it.
struct looked {
    char *sent, *page;
    size_t sent_len, len;
};

static int ask_page(const struct town *town, const struct running *server, const char *coding, char **ret_page, size_t *ret_len)
{
    char path[64], headers[256];
    struct str cookie = town->cookies[town->shown[0].group * TOWN_GROUP];
    (void)snprintf(path, sizeof(path), "/dialogue/%lld", (long long)town->shown[0].id);
    (void)snprintf(headers, sizeof(headers), "Accept: text/html\r\nAccept-Encoding: %s\r\nCookie: %.*s\r\n", coding, (int)cookie.len, cookie.ptr);
    return running_get(server, path, headers, ret_page, ret_len);
}

// Whether what is sent has the page's posts. Tokens differ, and keys in length as well.
static bool unpacks_to(const struct looked *looked)
{
    size_t room_len = looked->len + 64;
    char *room = malloc(room_len);
    z_stream stream = { .next_in = (uint8_t *)looked->sent, .avail_in = (unsigned)looked->sent_len, .next_out = (uint8_t *)room, .avail_out = (unsigned)room_len };
    bool well = room && inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK && inflate(&stream, Z_FINISH) == Z_STREAM_END;
    const char *first = strstr(looked->page, "<article"), *last = first ? strstr(first, "<div class=\"dock\"") : NULL;
    well = well && last && memmem(room, stream.total_out, first, (size_t)(last - first));
    inflateEnd(&stream);
    free(room);
    return well;
}

// The page as the first person sees it; all of its posts must be there.
static int look_at_page(const struct town *town, const struct running *server, struct looked *ret_looked)
{
    struct looked looked = { .page = NULL };
    size_t posts = 0;
    int r = ask_page(town, server, "identity", &looked.page, &looked.len);
    r = r < 0 ? r : ask_page(town, server, "gzip", &looked.sent, &looked.sent_len);
    for (const char *at = r == 0 ? looked.page : NULL; at && (at = strstr(at, "<article")); at++)
        posts++;
    if (r == 0 && (posts != TOWN_POSTS || !unpacks_to(&looked)))
        r = -EPROTO;
    *ret_looked = looked;
    return r;
}

static double each(int64_t microseconds, const struct client_result *result)
{
    return (double)microseconds / (double)result->answers;
}

static double per_second(const struct client_result *result)
{
    return (double)result->answers * 1e6 / (double)result->elapsed;
}

struct page_rows {
    struct row *cpu, *user, *system, *nginx_cpu, *rate, *parts;
};

static int one_round(const struct client_load *pages, const struct client_load *file,
                     struct bare_page *bare, struct page_rows *rows)
{
    struct client_result ours, nginx;
    double bare_each;
    int r = bare_page_run(bare, BARE_TIME, &bare_each);
    r = r < 0 ? r : requests_ask(pages, &ours);
    r = r < 0 ? r : requests_ask(file, &nginx);
    if (r < 0)
        return r;
    row_add(rows->cpu, each(ours.cpu, &ours), bare_each / 1000);
    row_add(rows->user, each(ours.user, &ours), bare_each / 1000);
    row_add(rows->system, each(ours.system, &ours), each(nginx.system, &nginx));
    row_add(rows->nginx_cpu, each(ours.cpu, &ours), each(nginx.cpu, &nginx));
    row_add(rows->rate, per_second(&ours), per_second(&nginx));
    return 0;
}

// What the page is made of, each part as bare as it gets and without the next: the loop, nginx, and raw SQLite writing the record, as many in
// a transaction as the server had.
static int add_parts(struct bench *bench, struct page_rows *rows)
{
    double batch = 1, record;
    int r = running_batch(bench->small, &batch);
    for (size_t i = 0; i < bench->rounds && r == 0; i++) {
        r = bare_records_run(bench->small, batch > 1 ? (unsigned)(batch + 0.5) : 1, BARE_TIME, &record);
        if (r == 0)
            row_add(rows->parts, rows->cpu->ours[i], rows->cpu->theirs[i] + rows->nginx_cpu->theirs[i] + record / 1000);
    }
    return r;
}

int rows_page(struct bench *bench)
{
    struct running server = { 0 }, nginx = { 0 };
    struct requests requests = { 0 };
    struct bare_page *bare = NULL;
    struct looked looked = { .page = NULL };
    struct page_rows rows = {
        .cpu = table_row(&bench->table, "page_cpu", "page of 50 posts: processor", "bare loop",
                         "us"),
        .user = table_row(&bench->table, "page_user", "  of which outside the kernel", "bare loop",
                          "us"),
        .system = table_row(&bench->table, "page_system", "  of which in the kernel",
                            "nginx, same bytes", "us"),
        .nginx_cpu = table_row(&bench->table, "page_cpu_nginx", "  all of it", "nginx, same bytes",
                               "us"),
        .rate = table_row(&bench->table, "pages_per_second", "  pages, 64 clients",
                          "nginx, same bytes", "/s"),
    };
    if (!bench->postgres)
        rows.parts = table_row(&bench->table, "page_parts", "  beside its parts alone", "bare loop, nginx, SQLite's record", "us");
    row_goal(rows.cpu, GOAL_AT_MOST, 1.5);
    int r = running_serve(bench->program, bench->small, &server);
    r = r < 0 ? r : look_at_page(bench->small, &server, &looked);
    r = r < 0 ? r : requests_pages(bench->small, &requests);
    r = r < 0 ? r : bare_page_new(bench->small, looked.len, &bare);
    r = r < 0 ? r : running_nginx(bench->folder, (struct str){ looked.sent, looked.sent_len }, &nginx);
    struct client_load pages = requests_load(&requests, &server, LOAD_CONNECTIONS, 200);
    struct client_load file = pages;
    const struct str file_request = STR(
        "GET /page HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n\r\n");
    file.requests = &file_request;
    file.request_count = 1;
    file.own = false;
    file.port = nginx.port;
    file.pid = nginx.pid;
    for (size_t i = 0; i < bench->rounds && r == 0; i++)
        r = one_round(&pages, &file, bare, &rows);
    if (r == 0)
        printf("a page is %zu bytes, sent as %zu\n", looked.len, looked.sent_len);
    running_stop(&nginx);
    running_stop(&server);
    if (r == 0 && rows.parts)
        r = add_parts(bench, &rows);
    bare_page_free(bare);
    requests_free(&requests);
    free(looked.page);
    free(looked.sent);
    return r;
}
