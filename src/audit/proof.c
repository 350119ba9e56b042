// SPDX-License-Identifier: MPL-2.0
#include "audit/proof.h"

#include "base/cleanup.h"
#include "base/encode.h"
#include "crypt/fixed.h"

#include <errno.h>

// Where the fields stand in an encoded record (record_encode).
#define KIND_AT 16
#define OBJECT_AT 40

_Static_assert(AUDIT_DOCUMENT_MADE == 27, "the kind's number as verifiers know it");

static int64_t read_i64(const uint8_t *at)
{
    uint64_t number = 0;

    for (size_t i = 0; i < 8; i++)
        number = number << 8 | at[i];
    return (int64_t)number;
}

int proof_digest(struct bytes content, uint8_t ret_digest[PROOF_DIGEST])
{
    struct merkle_hasher *hasher;
    int r = merkle_hasher_new(&hasher);

    if (r < 0)
        return r;
    merkle_digest(hasher, content, ret_digest);
    merkle_hasher_free(hasher);
    return 0;
}

int64_t proof_seq(const struct proof *proof)
{
    return read_i64(proof->record);
}

void proof_record(const struct proof *proof, struct audit_record *ret_record)
{
    const uint8_t *at = proof->record;

    *ret_record = (struct audit_record){
        .seq = read_i64(at),
        .time_ms = read_i64(at + 8),
        .event = { (enum audit_kind)read_i64(at + KIND_AT), read_i64(at + 24), read_i64(at + 32), read_i64(at + OBJECT_AT),
                   read_i64(at + OBJECT_AT + 8), read_i64(at + OBJECT_AT + 16) },
    };
}

int proof_document(struct audit *audit, struct db *db, const struct audit_event *who, const uint8_t digest[PROOF_DIGEST],
                   struct proof *ret_proof)
{
    struct audit_event event = {
        .kind = AUDIT_DOCUMENT_MADE,
        .person = who->person,
        .dialogue = who->dialogue,
        .object = read_i64(digest),
        .first = read_i64(digest + 8),
        .last = read_i64(digest + 16),
    };
    struct audit_place place;
    struct proof proof = { .path_count = 0 };
    int r = audit_append_proven(audit, db, &event, &place);

    if (r < 0)
        return r;
    record_encode(&place.record, proof.record);
    // The newest leaf's path: the roots of the complete parts before it, the smallest first.
    proof.path_count = merkle_peaks(place.before.size);
    for (size_t i = 0; i < proof.path_count; i++)
        memcpy(proof.path[i], place.before.peaks[proof.path_count - 1 - i], MERKLE_HASH);
    *ret_proof = proof;
    return 0;
}

int proof_complete(const struct audit *audit, struct proof *proof)
{
    return audit_find_checkpoint(audit, proof_seq(proof) + 1, &proof->checkpoint);
}

void proof_format(const struct proof *proof, struct buf *buf)
{
    buf_lit(buf, "{\"record\":\"");
    buf_hex(buf, bytes_from(proof->record, sizeof(proof->record)));
    buf_lit(buf, "\",\"path\":[");
    for (size_t i = 0; i < proof->path_count; i++) {
        if (i > 0)
            buf_char(buf, ',');
        buf_char(buf, '"');
        buf_hex(buf, bytes_from(proof->path[i], MERKLE_HASH));
        buf_char(buf, '"');
    }
    buf_lit(buf, "],\"checkpoint\":");
    checkpoint_format(&proof->checkpoint, buf);
    buf_char(buf, '}');
}

static bool skip(struct str *rest, struct str literal)
{
    if (!str_starts(*rest, literal))
        return false;
    *rest = (struct str){ rest->ptr + literal.len, rest->len - literal.len };
    return true;
}

static bool hex(struct str *rest, void *ret_data, size_t len)
{
    if (rest->len < 2 * len || decode_hex_exact((struct str){ rest->ptr, 2 * len }, ret_data, len) < 0)
        return false;
    *rest = (struct str){ rest->ptr + 2 * len, rest->len - 2 * len };
    return true;
}

static bool read_path(struct str *rest, struct proof *proof)
{
    while (!skip(rest, STR("]"))) {
        if (proof->path_count == PROOF_PATH_MAX || (proof->path_count > 0 && !skip(rest, STR(","))))
            return false;
        if (!skip(rest, STR("\"")) || !hex(rest, proof->path[proof->path_count++], MERKLE_HASH) || !skip(rest, STR("\"")))
            return false;
    }
    return true;
}

int proof_parse(struct str text, struct proof *ret_proof)
{
    _cleanup_(buf_free) struct buf again = buf_bounded(PROOF_TEXT_MAX);
    struct proof proof = { .path_count = 0 };
    struct str rest = text;

    if (text.len > PROOF_TEXT_MAX || !skip(&rest, STR("{\"record\":\"")) || !hex(&rest, proof.record, RECORD_BYTES) ||
        !skip(&rest, STR("\",\"path\":[")) || !read_path(&rest, &proof) || !skip(&rest, STR(",\"checkpoint\":")) || rest.len == 0)
        return -EINVAL;
    if (checkpoint_parse((struct str){ rest.ptr, rest.len - 1 }, &proof.checkpoint) < 0)
        return -EINVAL;
    // Only one text says the same: no capital letters in the hexadecimal, nothing behind the end.
    proof_format(&proof, &again);
    if (again.error != 0)
        return again.error;
    if (!str_equal(buf_view(&again), text))
        return -EINVAL;
    *ret_proof = proof;
    return 0;
}

static bool logged(const struct proof *proof, const uint8_t digest[PROOF_DIGEST])
{
    return read_i64(proof->record + KIND_AT) == AUDIT_DOCUMENT_MADE && memcmp(proof->record + OBJECT_AT, digest, PROOF_LOGGED) == 0;
}

int proof_check(const struct proof *proof, const uint8_t digest[PROOF_DIGEST], const uint8_t public_key[KEEPER_PUBLIC_KEY],
                const char **ret_problem)
{
    uint8_t root[MERKLE_HASH];
    struct merkle_hasher *hasher;
    int r = merkle_hasher_new(&hasher);

    if (r < 0)
        return r;
    bool fits = merkle_path_root(hasher, bytes_from(proof->record, RECORD_BYTES), (uint64_t)proof_seq(proof),
                                 (uint64_t)proof->checkpoint.size, proof->path[0], proof->path_count, root) == 0;
    merkle_hasher_free(hasher);
    if (!logged(proof, digest))
        *ret_problem = "the content is not the one that was logged: it was changed, or the proof belongs to another file";
    else if (!fits)
        *ret_problem = "the proof's path does not belong to its record and checkpoint";
    else if (memcmp(root, proof->checkpoint.root, MERKLE_HASH) != 0)
        *ret_problem = "the record is not in the log that the checkpoint signs";
    else if (!checkpoint_authentic(&proof->checkpoint, public_key))
        *ret_problem = "the checkpoint was not signed with this key";
    else
        return 0;
    return -EBADMSG;
}

void proof_code(const uint8_t digest[PROOF_DIGEST], char ret_code[PROOF_CODE + 1])
{
    static const char letters[32] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    size_t bit = 0;

    for (size_t i = 0; i < PROOF_CODE; i++) {
        if (i % 5 == 4) {
            ret_code[i] = '-';
            continue;
        }
        unsigned pair = (unsigned)digest[bit / 8] << 8 | digest[bit / 8 + 1];
        ret_code[i] = letters[pair >> (11 - bit % 8) & 31];
        bit += 5;
    }
    ret_code[PROOF_CODE] = '\0';
}

#define MARK "<!--samtraad-proof-1-->"
#define BEFORE_PROOF "</p><!--"
#define AFTER_PROOF "-->\n</main>\n</body>\n</html>\n"

void proof_put_trailer(const struct proof *proof, const uint8_t digest[PROOF_DIGEST], struct buf *buf)
{
    char code[PROOF_CODE + 1];

    proof_code(digest, code);
    buf_lit(buf, MARK);
    buf_put(buf, code, PROOF_CODE);
    buf_lit(buf, BEFORE_PROOF);
    proof_format(proof, buf);
    buf_lit(buf, AFTER_PROOF);
}

// The last mark of the file, or NULL.
static const uint8_t *find_mark(struct bytes file)
{
    const size_t len = sizeof(MARK) - 1;

    for (size_t at = file.len >= len ? file.len - len + 1 : 0; at-- > 0;)
        if (memcmp(file.ptr + at, MARK, len) == 0)
            return file.ptr + at;
    return NULL;
}

int proof_split(struct bytes file, struct bytes *ret_content, uint8_t ret_digest[PROOF_DIGEST], struct proof *ret_proof)
{
    _cleanup_(buf_free) struct buf again = buf_bounded(PROOF_TRAILER_MAX);
    const size_t before = sizeof(MARK) - 1 + PROOF_CODE + sizeof(BEFORE_PROOF) - 1, after = sizeof(AFTER_PROOF) - 1;
    const uint8_t *mark = find_mark(file);
    uint8_t digest[PROOF_DIGEST];
    struct proof proof;

    if (!mark)
        return -ENOENT;
    struct bytes content = { file.ptr, (size_t)(mark - file.ptr) };
    struct str trailer = { (const char *)mark, file.len - content.len };
    if (trailer.len < before + after || trailer.len > PROOF_TRAILER_MAX)
        return -EINVAL;
    int r = proof_parse((struct str){ trailer.ptr + before, trailer.len - before - after }, &proof);
    if (r == 0)
        r = proof_digest(content, digest);
    if (r < 0)
        return r;
    proof_put_trailer(&proof, digest, &again);
    if (again.error != 0)
        return again.error;
    if (!str_equal(buf_view(&again), trailer))
        return -EINVAL;
    *ret_content = content;
    memcpy(ret_digest, digest, sizeof(digest));
    *ret_proof = proof;
    return 0;
}
