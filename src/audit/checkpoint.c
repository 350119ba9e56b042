// SPDX-License-Identifier: MPL-2.0
#include "audit/checkpoint.h"

#include "base/cleanup.h"
#include "base/encode.h"
#include "base/file.h"
#include "crypt/fixed.h"

#include <errno.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

void checkpoint_signed(const struct checkpoint *checkpoint, uint8_t ret_bytes[CHECKPOINT_SIGNED])
{
    static const char domain[16] = "samtraad log 1";
    uint8_t *at = fixed_put(ret_bytes, domain, sizeof(domain));

    at = fixed_i64(at, checkpoint->size);
    at = fixed_i64(at, checkpoint->time_ms);
    at = fixed_put(at, checkpoint->root, MERKLE_HASH);
    fixed_put(at, checkpoint->previous, MERKLE_HASH);
}

void checkpoint_format(const struct checkpoint *checkpoint, struct buf *line)
{
    buf_lit(line, "{\"size\":");
    buf_int(line, checkpoint->size);
    buf_lit(line, ",\"root\":\"");
    buf_hex(line, bytes_from(checkpoint->root, MERKLE_HASH));
    buf_lit(line, "\",\"time\":");
    buf_int(line, checkpoint->time_ms);
    buf_lit(line, ",\"previous\":\"");
    buf_hex(line, bytes_from(checkpoint->previous, MERKLE_HASH));
    buf_lit(line, "\",\"signature\":\"");
    buf_hex(line, bytes_from(checkpoint->signature, KEEPER_SIGNATURE));
    buf_lit(line, "\"}");
}

static bool skip(struct str *rest, struct str literal)
{
    if (!str_starts(*rest, literal))
        return false;
    rest->ptr += literal.len;
    rest->len -= literal.len;
    return true;
}

// Reads a number up to the comma and leaves the comma.
static bool number(struct str *rest, int64_t *ret_number)
{
    size_t len = 0;

    while (len < rest->len && rest->ptr[len] >= '0' && rest->ptr[len] <= '9')
        len++;
    if (str_to_int((struct str){ rest->ptr, len }, ret_number) < 0)
        return false;
    *rest = (struct str){ rest->ptr + len, rest->len - len };
    return true;
}

static bool hex(struct str *rest, void *ret_data, size_t len)
{
    if (rest->len < 2 * len || decode_hex_exact((struct str){ rest->ptr, 2 * len }, ret_data, len) < 0)
        return false;
    *rest = (struct str){ rest->ptr + 2 * len, rest->len - 2 * len };
    return true;
}

int checkpoint_parse(struct str line, struct checkpoint *ret_checkpoint)
{
    _cleanup_(buf_free) struct buf again = buf_bounded(CHECKPOINT_LINE);
    struct checkpoint c;
    struct str rest = line;

    if (line.len >= CHECKPOINT_LINE)
        return -EINVAL;
    if (!skip(&rest, STR("{\"size\":")) || !number(&rest, &c.size) || !skip(&rest, STR(",\"root\":\"")) ||
        !hex(&rest, c.root, MERKLE_HASH) || !skip(&rest, STR("\",\"time\":")) || !number(&rest, &c.time_ms) ||
        !skip(&rest, STR(",\"previous\":\"")) || !hex(&rest, c.previous, MERKLE_HASH) || !skip(&rest, STR("\",\"signature\":\"")) ||
        !hex(&rest, c.signature, KEEPER_SIGNATURE) || !str_equal(rest, STR("\"}")))
        return -EINVAL;
    // Only one text says the same: no capital letters in the hexadecimal.
    checkpoint_format(&c, &again);
    if (again.error != 0)
        return again.error;
    if (!str_equal(buf_view(&again), line))
        return -EINVAL;
    *ret_checkpoint = c;
    return 0;
}

bool checkpoint_authentic(const struct checkpoint *checkpoint, const uint8_t public_key[KEEPER_PUBLIC_KEY])
{
    uint8_t bytes[CHECKPOINT_SIGNED];

    checkpoint_signed(checkpoint, bytes);
    return crypto_sign_verify_detached(checkpoint->signature, bytes, sizeof(bytes), public_key) == 0;
}

// Reads the file's last bytes, so many that the last finished line and a torn one behind it are among them.
static int read_tail(int fd, char tail[2 * CHECKPOINT_LINE], int64_t *ret_size, size_t *ret_len)
{
    struct stat status;

    if (fstat(fd, &status) < 0)
        return -errno;
    size_t want = status.st_size < 2 * CHECKPOINT_LINE ? (size_t)status.st_size : 2 * CHECKPOINT_LINE;
    ssize_t n = file_read_at(fd, tail, want, status.st_size - (off_t)want);
    if (n != (ssize_t)want)
        return n < 0 ? (int)n : -EIO;
    *ret_size = status.st_size;
    *ret_len = want;
    return 0;
}

bool checkpoint_is_torn(struct str line)
{
    return line.len > 0 && memchr(line.ptr, 0, line.len);
}

// The last line feed in front of a place, or NULL; *ret_line is the line that it ends.
static const char *line_before(const char *text, size_t len, struct str *ret_line)
{
    const char *feed = memrchr(text, '\n', len);
    const char *before = feed ? memrchr(text, '\n', (size_t)(feed - text)) : NULL;
    const char *start = before ? before + 1 : text;

    if (feed)
        *ret_line = (struct str){ start, (size_t)(feed - start) };
    return feed;
}

int checkpoint_read_end(int fd, struct merkle_hasher *hasher, const uint8_t public_key[KEEPER_PUBLIC_KEY], struct checkpoint_end *ret_end)
{
    char tail[2 * CHECKPOINT_LINE];
    struct checkpoint_end end = { 0 };
    size_t len = 0;
    int64_t size = 0;
    int r = read_tail(fd, tail, &size, &len);

    if (r < 0)
        return r;
    struct str line;
    const char *feed = line_before(tail, len, &line);
    if (feed == tail + len - 1 && checkpoint_is_torn(line))
        feed = line_before(tail, (size_t)(line.ptr - tail), &line);
    end.finished = feed ? size - (int64_t)(tail + len - feed - 1) : 0;
    end.torn = end.finished < size;
    if (!feed && size >= CHECKPOINT_LINE)
        return -EBADMSG;
    if (feed) {
        if (checkpoint_parse(line, &end.last) < 0 || !checkpoint_authentic(&end.last, public_key))
            return -EBADMSG;
        merkle_digest(hasher, str_bytes(line), end.digest);
        end.any = true;
    }
    *ret_end = end;
    return 0;
}

// The first whole line that begins at or behind a place. 0 with *ret_next the place behind it; -ENOENT when there is none.
static int line_from(int fd, int64_t place, struct checkpoint *ret_checkpoint, int64_t *ret_next)
{
    char text[2 * CHECKPOINT_LINE];
    // From the byte before: a line that begins just here has a line feed in front.
    int64_t from = place > 0 ? place - 1 : 0;
    ssize_t len = file_read_at(fd, text, sizeof(text), from);

    if (len < 0)
        return (int)len;
    const char *start = text;
    if (place > 0) {
        start = memchr(text, '\n', (size_t)len);
        if (!start)
            return -ENOENT;
        start++;
    }
    const char *end = memchr(start, '\n', (size_t)(text + len - start));
    if (!end)
        return -ENOENT;
    if (checkpoint_parse((struct str){ start, (size_t)(end - start) }, ret_checkpoint) < 0)
        return -EBADMSG;
    *ret_next = from + (end + 1 - text);
    return 0;
}

int checkpoint_find(int fd, int64_t size, struct checkpoint *ret_checkpoint)
{
    struct checkpoint found;
    struct stat status;
    int64_t next;

    if (fstat(fd, &status) < 0)
        return -errno;
    // Lines before 'low' are of smaller logs; one that begins at or behind 'high' is not, or there is none.
    int64_t low = 0, high = status.st_size;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        int r = line_from(fd, middle, &found, &next);
        if (r < 0 && r != -ENOENT)
            return r;
        if (r == 0 && found.size < size)
            low = next;
        else
            high = middle;
    }
    int r = line_from(fd, low, &found, &next);
    if (r == 0 && found.size != size)
        r = -ENOENT;
    if (r == 0)
        *ret_checkpoint = found;
    return r;
}
