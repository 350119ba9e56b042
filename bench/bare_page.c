// SPDX-License-Identifier: MPL-2.0
#include "bare.h"
#include "bare_rows.h"
#include "process.h"

#include "base/cleanup.h"
#include "crypt/fixed.h"
#include "crypt/seal.h"
#include "web/html.h"

#include <errno.h>
#include <openssl/evp.h>

// The layout of a sealed post, as crypt/seal.h and docs/adr/0002-sealing.md describe it.
#define COMMITMENT 16
#define NONCE 12
#define TAG 16
#define BOUND (1 + 16 + 5 * 8)
#define BEFORE_TEXT_MAX 64   // what is sealed in front of a plain text: who wrote it, and when
#define PAGE_MAX (1 << 20)

struct bare_page {
    const struct town *town;
    struct bare_rows *rows;
    EVP_CIPHER_CTX *contexts[TOWN_SHOWN];
    size_t page_bytes;
    char *filling; // page_bytes of it
    struct buf page;
};

int bare_page_new(const struct town *town, size_t page_bytes, struct bare_page **ret_bare)
{
    struct bare_page *bare = calloc(1, sizeof(*bare));
    if (!bare)
        return -ENOMEM;
    *bare = (struct bare_page){ .town = town,
                                .page_bytes = page_bytes,
                                .filling = malloc(page_bytes),
                                .page = buf_bounded(PAGE_MAX) };
    bool well = bare->filling && bare_rows_open(town, &bare->rows) == 0;
    for (size_t i = 0; i < TOWN_SHOWN && well; i++) {
        bare->contexts[i] = EVP_CIPHER_CTX_new();
        well = bare->contexts[i] && EVP_DecryptInit_ex(bare->contexts[i], EVP_aes_256_gcm(), NULL,
                                                       town->shown[i].key, NULL) == 1;
    }
    if (!well) {
        bare_page_free(bare);
        return -EIO;
    }
    memset(bare->filling, 'x', page_bytes);
    *ret_bare = bare;
    return 0;
}

void bare_page_free(struct bare_page *bare)
{
    if (!bare)
        return;
    bare_rows_close(bare->rows);
    for (size_t i = 0; i < TOWN_SHOWN; i++)
        EVP_CIPHER_CTX_free(bare->contexts[i]);
    free(bare->filling);
    buf_free(&bare->page);
    free(bare);
}

// The text of the row's post; its length or -EBADMSG.
static int open_post(struct bare_page *bare, size_t shown, const struct bare_row *row, uint8_t *text)
{
    EVP_CIPHER_CTX *context = bare->contexts[shown];
    const uint8_t *sealed = row->sealed.ptr;
    int len = (int)row->sealed.len - SEAL_OVERHEAD, n;
    uint8_t bound[BOUND], tag[TAG];
    uint8_t *at = bound;
    *at++ = 1;
    at = fixed_put(at, bare->town->installation, 16);
    at = fixed_i64(at, SEAL_POST);
    at = fixed_i64(at, bare->town->shown[shown].id);
    at = fixed_i64(at, row->epoch);
    at = fixed_i64(at, row->number);
    fixed_i64(at, row->version);
    if (len < TOWN_TEXT || len > TOWN_TEXT + BEFORE_TEXT_MAX)
        return -EBADMSG;
    memcpy(tag, sealed + SEAL_OVERHEAD - TAG + len, TAG);
    if (EVP_DecryptInit_ex(context, NULL, NULL, NULL, sealed + 1 + COMMITMENT) != 1 ||
        EVP_DecryptUpdate(context, NULL, &n, bound, BOUND) != 1 ||
        EVP_DecryptUpdate(context, text, &n, sealed + 1 + COMMITMENT + NONCE, len) != 1 ||
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG, tag) != 1 ||
        EVP_DecryptFinal_ex(context, text + len, &n) != 1)
        return -EBADMSG;
    return len;
}

static int make_page(struct bare_page *bare, size_t shown)
{
    uint8_t text[TOWN_TEXT + BEFORE_TEXT_MAX];
    struct bare_row row;
    int posts = 0, r = bare_rows_ask(bare->rows, bare->town->shown[shown].id, TOWN_POSTS);
    bare->page.len = 0;
    while (r == 0 && (r = bare_rows_next(bare->rows, &row)) > 0) {
        r = open_post(bare, shown, &row, text);
        if (r > 0) {
            html_text(&bare->page, (struct str){ (char *)text + r - TOWN_TEXT, TOWN_TEXT });
            posts++;
            r = 0;
        }
    }
    if (bare->page.len < bare->page_bytes)
        buf_put(&bare->page, bare->filling, bare->page_bytes - bare->page.len);
    return r < 0 || posts != TOWN_POSTS ? -EBADMSG : bare->page.error;
}

int bare_page_run(struct bare_page *bare, int64_t duration, double *ret_each)
{
    int64_t until = process_clock() + duration, before = process_own_cpu(), pages = 0;
    int result = 0;
    while (result == 0 && process_clock() < until)
        for (size_t i = 0; i < TOWN_SHOWN && result == 0; i++, pages++)
            result = make_page(bare, i);
    if (result == 0)
        *ret_each = (double)(process_own_cpu() - before) / (double)pages;
    return result;
}

// How many posts of a dialogue have the bytes.
static int scan(struct bare_page *bare, size_t shown, struct str wanted, int64_t *count)
{
    uint8_t text[TOWN_TEXT + BEFORE_TEXT_MAX];
    struct bare_row row;
    int r = bare_rows_ask(bare->rows, bare->town->shown[shown].id, INT64_MAX);
    while (r == 0 && (r = bare_rows_next(bare->rows, &row)) > 0) {
        r = open_post(bare, shown, &row, text);
        if (r > 0) {
            *count += memmem(text, (size_t)r, wanted.ptr, wanted.len) != NULL;
            r = 0;
        }
    }
    return r;
}

int bare_page_scan(struct bare_page *bare, struct str wanted, int64_t duration, double *ret_each)
{
    int64_t until = process_clock() + duration, before = process_own_cpu(), times = 0, found = 0;
    int result = 0;
    for (; result == 0 && (times == 0 || process_clock() < until); times++)
        for (size_t i = 0; i < TOWN_SHOWN && result == 0; i++)
            result = scan(bare, i, wanted, &found);
    if (result == 0)
        *ret_each = (double)(process_own_cpu() - before) / (double)times;
    return found ? -EPROTO : result;
}
