// SPDX-License-Identifier: MPL-2.0
#include "feature/journal/journal.h"

#include "base/cleanup.h"
#include "base/log.h"
#include "crypt/fixed.h"
#include "feature/journal/journal_piece.h"
#include "feature/journal/journal_sql.h"

#include <errno.h>
#include <sodium.h>

// What is sealed as head: what the row says and never changes, the two hashes, then the theme. Entries of earlier releases are without the first, and sealed as
// version 0: none that was made since passes for one of those.
#define BOUND_NUMBERS 6
#define BOUND (8 * (size_t)BOUND_NUMBERS)
#define HEAD_MIN (2 * JOURNAL_HASH)
enum head_version { HEAD_UNBOUND, HEAD_BOUND };

static struct seal_place head_place(const struct dialogue *dialogue, int64_t epoch, int64_t entry, enum head_version version)
{
    return (struct seal_place){ .type = SEAL_JOURNAL, .dialogue = dialogue->id, .epoch = epoch, .object = entry, .version = version };
}

static void bind(const struct journal_entry *entry, uint8_t ret_bound[BOUND])
{
    const int64_t numbers[BOUND_NUMBERS] = { entry->kind, entry->author, entry->made, entry->day, entry->first, entry->last };
    for (size_t i = 0; i < BOUND_NUMBERS; i++)
        fixed_i64(ret_bound + 8 * i, numbers[i]);
}

struct seal_place journal_receipt_place(const struct dialogue *dialogue, int64_t epoch, int64_t entry)
{
    return (struct seal_place){ .type = SEAL_JOURNAL_RECEIPT, .dialogue = dialogue->id, .epoch = epoch, .object = entry };
}

static int unseal_head(struct dialogue *dialogue, struct bytes sealed, const struct journal_entry *entry, struct bytes *ret_head)
{
    struct data_key *key;
    uint8_t bound[BOUND];
    struct seal_place place = head_place(dialogue, entry->epoch, entry->id, HEAD_BOUND);
    int result = dialogue_key(dialogue, entry->epoch, &key);
    if (result < 0)
        return result;
    result = unseal(key, &place, sealed, dialogue->scene.arena, ret_head);
    if (result == -EBADMSG) {
        place = head_place(dialogue, entry->epoch, entry->id, HEAD_UNBOUND);
        return unseal(key, &place, sealed, dialogue->scene.arena, ret_head);
    }
    bind(entry, bound);
    if (result == 0 && (ret_head->len < BOUND || memcmp(ret_head->ptr, bound, BOUND) != 0))
        result = -EBADMSG;
    if (result == 0)
        *ret_head = bytes_from(ret_head->ptr + BOUND, ret_head->len - BOUND);
    return result;
}

int journal_open_head(struct dialogue *dialogue, struct bytes sealed, struct journal_entry *entry)
{
    struct bytes head;
    int result = unseal_head(dialogue, sealed, entry, &head);
    if (result == 0 && head.len < HEAD_MIN)
        result = -EBADMSG;
    if (result == -EBADMSG)
        log_event(LOG_ERROR, "journal-entry-refused", "entry=%lld meaning=\"the row is not the one that the program wrote\"", (long long)entry->id);
    if (result < 0)
        return result;
    entry->package_hash = bytes_from(head.ptr, JOURNAL_HASH);
    entry->pdf_hash = bytes_from(head.ptr + JOURNAL_HASH, JOURNAL_HASH);
    entry->theme = bytes_str(bytes_from(head.ptr + HEAD_MIN, head.len - HEAD_MIN));
    return 0;
}

// A receipt is sealed as its case number, a line feed, and its message.
static int open_receipt(struct dialogue *dialogue, struct bytes sealed, struct journal_entry *entry)
{
    struct data_key *key;
    struct bytes plain;
    struct seal_place place = journal_receipt_place(dialogue, entry->epoch, entry->id);
    entry->receipt = (struct journal_receipt){ STR(""), STR("") };
    if (!sealed.ptr)
        return 0;
    int result = dialogue_key(dialogue, entry->epoch, &key);
    if (result == 0)
        result = unseal(key, &place, sealed, dialogue->scene.arena, &plain);
    if (result < 0)
        return result;
    entry->receipt.message = bytes_str(plain);
    entry->receipt.case_number = str_cut(&entry->receipt.message, '\n');
    return 0;
}

#define ENTRY_OF(row)                                                                                                      \
    { .id = (row).id, .kind = (enum journal_kind)(row).kind, .state = (enum journal_state)(row).state, .author = (row).author, \
      .made = (row).made, .day = (row).day, .first = (row).first, .last = (row).last, .epoch = (row).epoch,                \
      .changed = (row).changed, .tries = (row).tries, .proven = (row).proven != 0 }

// Who may see the dialogue from some post on sees of the journal what was filed of that.
static bool is_visible(const struct dialogue *dialogue, const struct journal_entry *entry)
{
    return entry->epoch >= dialogue->terms.first_epoch && (entry->first == 0 || entry->first >= dialogue_first_visible(dialogue));
}

// A package numbers the messages as its maker counts them: who counts from a later one on would learn from it how many came before.
int journal_may_open(struct dialogue *dialogue, const struct journal_entry *entry, bool *ret_may)
{
    struct dialogue_terms terms;
    *ret_may = dialogue_first_visible(dialogue) <= 1 || entry->author == dialogue->member;
    if (*ret_may)
        return 0;
    int result = dialogue_terms_of(dialogue, entry->author, &terms);
    *ret_may = result == 0 && terms.first_number >= dialogue_first_visible(dialogue) && entry->epoch >= terms.first_epoch;
    return result == -ENOENT ? 0 : result;
}

int journal_list(struct dialogue *dialogue, size_t max, const struct journal_entry **ret_list, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_journal_list row;
    struct journal_entry *list = arena_array(dialogue->scene.arena, max + 1, sizeof(*list));
    size_t count = 0;
    int result = list ? sql_journal_list(dialogue->scene.db,
        &(struct sql_journal_list_in){ .dialogue = dialogue->id, .count = (int64_t)max }, &stmt) : -ENOMEM;
    while (result == 0 && count < max && (result = sql_journal_list_next(stmt, &row)) == 1) {
        list[count] = (struct journal_entry)ENTRY_OF(row);
        result = 0;
        if (!is_visible(dialogue, &list[count]))
            continue;
        result = journal_open_head(dialogue, row.head, &list[count]);
        if (result == 0)
            result = open_receipt(dialogue, row.receipt, &list[count]);
        count += result == 0;
        result = result == -EBADMSG ? 0 : result;
    }
    *ret_list = list;
    *ret_count = count;
    return result < 0 ? result : 0;
}

int journal_get(struct dialogue *dialogue, int64_t id, struct journal_entry *ret_entry)
{
    struct sql_journal_get row;
    const struct dialogue_scene *scene = &dialogue->scene;
    int result = sql_journal_get(scene->db, scene->arena, &(struct sql_journal_get_in){ .dialogue = dialogue->id, .id = id }, &row);
    if (result < 0)
        return result;
    struct journal_entry entry = ENTRY_OF(row);
    if (!is_visible(dialogue, &entry))
        return -ENOENT;
    result = journal_open_head(dialogue, row.head, &entry);
    if (result == 0)
        result = open_receipt(dialogue, row.receipt, &entry);
    if (result == 0)
        *ret_entry = entry;
    return result;
}

static int open_piece(struct dialogue *dialogue, const struct journal_entry *entry, enum journal_part part, int64_t piece, struct buf *out)
{
    struct arena *arena;
    struct sql_journal_piece_get row;
    struct data_key *key;
    struct bytes plain;
    struct seal_place place = journal_piece_place(dialogue, entry->epoch, entry->id, part, piece);
    int result = arena_new(4 * JOURNAL_PIECE, &arena);
    if (result < 0)
        return result;
    result = sql_journal_piece_get(dialogue->scene.db, arena,
        &(struct sql_journal_piece_get_in){ .entry = entry->id, .part = part, .piece = piece }, &row);
    if (result == 0)
        result = dialogue_key(dialogue, entry->epoch, &key);
    if (result == 0)
        result = unseal(key, &place, row.sealed, arena, &plain);
    if (result == 0)
        buf_put(out, plain.ptr, plain.len);
    arena_free(arena);
    return result < 0 ? result : out->error;
}

int journal_part(struct dialogue *dialogue, const struct journal_entry *entry, enum journal_part part, struct buf *out)
{
    uint8_t hash[JOURNAL_HASH];
    struct bytes expected = part == JOURNAL_PDF ? entry->pdf_hash : entry->package_hash;
    size_t begin = out->len;
    int64_t piece = 0;
    int result = 0;
    while (result == 0)
        result = open_piece(dialogue, entry, part, piece++, out);
    if (result != -ENOENT || piece == 1)
        return result;
    if (part >= JOURNAL_FILE)
        return 0;
    crypto_hash_sha256(hash, (const unsigned char *)buf_view(out).ptr + begin, out->len - begin);
    return memcmp(hash, expected.ptr, sizeof(hash)) == 0 ? 0 : -EBADMSG;
}

static int seal_head(struct dialogue *dialogue, const struct journal_entry *entry, const struct journal_draft *draft, struct bytes *ret_sealed)
{
    struct arena *arena = dialogue->scene.arena;
    struct data_key *key;
    struct seal_place place = head_place(dialogue, draft->epoch, draft->id, HEAD_BOUND);
    uint8_t *head = arena_alloc(arena, BOUND + HEAD_MIN + entry->theme.len);
    int result = head ? dialogue_key(dialogue, draft->epoch, &key) : -ENOMEM;
    if (result < 0)
        return result;
    bind(entry, head);
    uint8_t *at = fixed_put(fixed_put(head + BOUND, draft->package_hash, JOURNAL_HASH), draft->pdf_hash, JOURNAL_HASH);
    at = fixed_put(at, entry->theme.ptr, entry->theme.len);
    return seal(key, &place, bytes_from(head, (size_t)(at - head)), arena, ret_sealed);
}

int journal_add(struct dialogue *dialogue, const struct journal_ask *ask, const struct journal_draft *draft)
{
    struct bytes head;
    const struct journal_entry entry = { .id = draft->id, .kind = ask->kind, .author = ask->by ? ask->by : dialogue->member, .made = draft->made,
                                         .day = ask->day, .first = ask->first, .last = ask->last, .theme = ask->theme };
    int result = seal_head(dialogue, &entry, draft, &head);
    if (result < 0)
        return result;
    int64_t rows = sql_journal_add(dialogue->scene.db, &(struct sql_journal_add_in){
        .id = entry.id, .dialogue = dialogue->id, .kind = entry.kind, .state = JOURNAL_MADE, .author = entry.author,
        .made = entry.made, .day = entry.day, .first = entry.first, .last = entry.last, .epoch = draft->epoch, .head = head });
    return rows < 0 ? (int)rows : 0;
}

int journal_retry(struct dialogue *dialogue, int64_t id)
{
    struct journal_entry entry;
    int64_t now = dialogue->scene.now;
    int result = journal_get(dialogue, id, &entry);
    if (result < 0)
        return result;
    int64_t rows = sql_journal_set_state(dialogue->scene.db, &(struct sql_journal_set_state_in){
        .id = id, .from = JOURNAL_FAILED, .state = JOURNAL_MADE, .changed = now, .tries = 0, .due = now });
    return rows < 0 ? (int)rows : rows == 1 ? 0 : -EINVAL;
}

int journal_retry_failed(struct dialogue *dialogue)
{
    int64_t rows = sql_journal_retry_failed(dialogue->scene.db, &(struct sql_journal_retry_failed_in){ .dialogue = dialogue->id, .now = dialogue->scene.now });
    return rows < 0 ? (int)rows : 0;
}

int journal_mark_set(struct dialogue *dialogue, int64_t number, bool important)
{
    struct db *db = dialogue->scene.db;
    if (number < dialogue_first_visible(dialogue) || number > dialogue->last_number)
        return -ENOENT;
    int64_t rows = important
        ? sql_journal_mark_add(db, &(struct sql_journal_mark_add_in){
              .dialogue = dialogue->id, .number = number, .person = dialogue->member, .at = dialogue->scene.now })
        : sql_journal_mark_remove(db, &(struct sql_journal_mark_remove_in){ .dialogue = dialogue->id, .number = number });
    return rows < 0 ? (int)rows : 0;
}

int journal_mark_get(struct dialogue *dialogue, int64_t number, struct journal_mark *ret_mark)
{
    struct sql_journal_mark_get row;
    const struct dialogue_scene *scene = &dialogue->scene;
    int result = sql_journal_mark_get(scene->db, scene->arena,
        &(struct sql_journal_mark_get_in){ .dialogue = dialogue->id, .number = number }, &row);
    if (result == 0)
        *ret_mark = (struct journal_mark){ number, row.person, row.at };
    return result;
}

int journal_marks_open(struct dialogue *dialogue, const struct journal_mark **ret_marks, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_journal_marks_open row;
    struct journal_mark *marks = arena_array(dialogue->scene.arena, JOURNAL_MARKS_MAX, sizeof(*marks));
    size_t count = 0;
    int result = marks ? sql_journal_marks_open(dialogue->scene.db,
        &(struct sql_journal_marks_open_in){ .dialogue = dialogue->id, .count = JOURNAL_MARKS_MAX }, &stmt) : -ENOMEM;
    while (result == 0 && count < JOURNAL_MARKS_MAX && (result = sql_journal_marks_open_next(stmt, &row)) == 1) {
        if (row.number >= dialogue_first_visible(dialogue))
            marks[count++] = (struct journal_mark){ row.number, row.person, row.at };
        result = 0;
    }
    *ret_marks = marks;
    *ret_count = count;
    return result < 0 ? result : 0;
}
