// SPDX-License-Identifier: MPL-2.0
#include "web/asset.h"

#include <stdlib.h>

#include "web/asset_serve.h"
#include "web/negotiate.h"
#include "web/server.h"

static int compare(struct str a, struct str b)
{
    int r = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);
    return r ? r : (a.len > b.len) - (a.len < b.len);
}

const struct asset *asset_by_path(struct str path)
{
    unsigned low = 0, high = assets_count;
    while (low < high) {
        unsigned middle = low + (high - low) / 2;
        int order = compare(path, str_from(assets[middle].path));
        if (order == 0)
            return &assets[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

struct str asset_path(const char *name)
{
    for (unsigned i = 0; i < assets_count; i++)
        if (strcmp(assets[i].name, name) == 0)
            return str_from(assets[i].path);
    abort();
}

// The headers of one answer.
struct headers {
    struct header list[10];
    size_t count;
};

static void add(struct headers *headers, const char *name, struct str value)
{
    headers->list[headers->count++] = (struct header){ name, value };
}

static void add_security(struct headers *headers)
{
    add(headers, "X-Content-Type-Options", STR("nosniff"));
    add(headers, "Cross-Origin-Resource-Policy", STR("same-origin"));
    add(headers, "Referrer-Policy", STR("no-referrer"));
    add(headers, "Content-Security-Policy",
        STR("default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'"));
}

static void answer_asset(struct exchange *exchange, const struct asset *asset,
                         struct headers *headers)
{
    struct bytes body = asset->plain;
    add(headers, "Content-Type", str_from(asset->type));
    add(headers, "Cache-Control", STR("public, max-age=31536000, immutable"));
    add(headers, "Vary", STR("Accept-Encoding"));
    if (asset->brotli.ptr && negotiate_coding(exchange, STR("br"))) {
        body = asset->brotli;
        add(headers, "Content-Encoding", STR("br"));
    } else if (asset->gzip.ptr && negotiate_coding(exchange, STR("gzip"))) {
        body = asset->gzip;
        add(headers, "Content-Encoding", STR("gzip"));
    }
    exchange_answer_static(exchange, 200, headers->list, headers->count, body);
}

bool asset_serve(struct exchange *exchange)
{
    struct str method = exchange_method(exchange), path = exchange_path(exchange);
    if (!str_starts(path, STR("/asset/")))
        return false;
    struct headers headers = { .count = 0 };
    add_security(&headers);
    const struct asset *asset = asset_by_path(path);
    if (asset && (str_equal(method, STR("GET")) || str_equal(method, STR("HEAD")))) {
        answer_asset(exchange, asset, &headers);
        return true;
    }
    add(&headers, "Cache-Control", STR("no-store"));
    if (asset)
        add(&headers, "Allow", STR("GET, HEAD"));
    exchange_answer(exchange, asset ? 405 : 404, headers.list, headers.count, NULL);
    return true;
}
