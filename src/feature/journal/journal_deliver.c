// SPDX-License-Identifier: MPL-2.0
#include "base/cleanup.h"
#include "base/encode.h"
#include "base/log.h"
#include "feature/journal/journal_piece.h"
#include "feature/journal/journal_sql.h"
#include "feature/journal/journal_steps.h"
#include "web/json_out.h"

#include <errno.h>
#include <jansson.h>
#include <sodium.h>

#define DUE_AT_ONCE 16
#define RETRY_MAX (6 * HOUR_MS)
#define MANIFEST_MAX ((size_t)256 << 10)
enum { PACKAGE, PACKAGE_PROOF, PDF, PDF_PROOF, OWN_FILES };

// A change of an entry, with its record in the log where it has one.
struct change {
    struct write_job job;   // first
    struct audit *audit;
    struct audit_event event;                 // kind AUDIT_UNSET: none
    struct sql_journal_set_state_in state;    // state 0: as it is, but for the next try
    struct sql_journal_set_receipt_in receipt;
};

static int apply_change(struct write_job *job, struct db *db)
{
    const struct change *change = (const struct change *)job;
    int64_t rows = change->state.state
        ? sql_journal_set_state(db, &change->state)
        : sql_journal_set_due(db, &(struct sql_journal_set_due_in){ .id = change->state.id, .tries = change->state.tries, .due = change->state.due });
    if (rows > 0 && change->receipt.id)
        rows = sql_journal_set_receipt(db, &change->receipt);
    // Nothing of that state any more: somebody else was faster, and there is nothing to log.
    if (rows <= 0 || change->event.kind == AUDIT_UNSET)
        return rows < 0 ? (int)rows : 0;
    return audit_append(change->audit, db, &change->event);
}

static int make_change(struct journal_work *work, struct change *change)
{
    change->job = (struct write_job){ .apply = apply_change };
    change->audit = work->app->audit;
    return writer_run(work->app->writer, &change->job);
}

static struct audit_event event_of(enum audit_kind kind, const struct sql_journal_due *due)
{
    return (struct audit_event){ .kind = kind, .dialogue = due->dialogue, .object = due->id };
}

static void put_file(struct json_out *out, const struct journal_file *file)
{
    uint8_t hash[JOURNAL_HASH];
    crypto_hash_sha256(hash, file->bytes.ptr, file->bytes.len);
    json_out_open(out, '{');
    json_out_key(out, STR("name"));
    json_out_text(out, str_from(file->name));
    json_out_key(out, STR("bytes"));
    json_out_int(out, (int64_t)file->bytes.len);
    json_out_key(out, STR("sha256"));
    json_out_value(out);
    buf_char(out->buf, '"');
    buf_hex(out->buf, bytes_from(hash, sizeof(hash)));
    buf_char(out->buf, '"');
    json_out_close(out, '}');
}

// The same each time, so that a parcel that was handed over before is recognised.
static int write_manifest(const struct journal_entry *entry, const struct journal_parcel *parcel, struct buf *manifest)
{
    struct json_out out = { .buf = manifest };
    struct civil day = clock_date(entry->day);
    char id[24], date[40];
    snprintf(id, sizeof(id), "%lld", (long long)entry->id);
    snprintf(date, sizeof(date), "%04d-%02d-%02d", day.year, day.month, day.day);
    json_out_open(&out, '{');
    json_out_key(&out, STR("format"));
    json_out_text(&out, STR("samtraad-journal-parcel"));
    json_out_key(&out, STR("version"));
    json_out_int(&out, 1);
    json_out_key(&out, STR("entry"));
    json_out_text(&out, str_from(id));
    json_out_key(&out, STR("theme"));
    json_out_text(&out, entry->theme);
    json_out_key(&out, STR("date"));
    json_out_text(&out, str_from(date));
    json_out_key(&out, STR("files"));
    json_out_open(&out, '[');
    for (size_t i = 0; i < parcel->count; i++)
        put_file(&out, &parcel->files[i]);
    json_out_close(&out, ']');
    json_out_close(&out, '}');
    buf_char(manifest, '\n');
    return manifest->error;
}

// What the package says of one of its files, and where it lies in memory.
struct attached {
    char name[40];
    size_t begin, len;
};

// Opens one file behind what 'bytes' holds, and looks whether it is the one that the package names.
static int open_attached(struct dialogue *dialogue, const struct journal_entry *entry, size_t index, const json_t *file, struct buf *bytes,
                         struct attached *ret_attached)
{
    uint8_t hash[JOURNAL_HASH], wanted[JOURNAL_HASH];
    size_t begin = bytes->len;
    int result = journal_part(dialogue, entry, (enum journal_part)(JOURNAL_FILE + index), bytes);
    if (result < 0)
        return result == -ENOENT ? -EBADMSG : result;
    crypto_hash_sha256(hash, (const unsigned char *)buf_view(bytes).ptr + begin, bytes->len - begin);
    const char *name = json_string_value(json_object_get(file, "file"));
    result = decode_hex_exact(str_from(json_string_value(json_object_get(file, "sha256"))), wanted, sizeof(wanted));
    if (result < 0 || memcmp(hash, wanted, sizeof(hash)) != 0 || !name || strlen(name) >= sizeof(ret_attached->name))
        return -EBADMSG;
    *ret_attached = (struct attached){ .begin = begin, .len = bytes->len - begin };
    memcpy(ret_attached->name, name, strlen(name) + 1);
    return 0;
}

// All files that the package names, in its order.
static int open_all_attached(struct dialogue *dialogue, const struct journal_entry *entry, struct str package, struct buf *bytes,
                             struct attached *list, size_t *ret_count)
{
    json_t *json = json_loadb(package.ptr, package.len, 0, NULL);
    const json_t *message, *file;
    size_t i, j, count = 0;
    int result = json ? 0 : -EBADMSG;
    json_array_foreach(json_object_get(json, "messages"), i, message) {
        json_array_foreach(json_object_get(message, "files"), j, file) {
            if (result == 0)
                result = count < JOURNAL_FILES_MAX ? open_attached(dialogue, entry, count, file, bytes, &list[count]) : -EBADMSG;
            count++;
        }
    }
    json_decref(json);
    *ret_count = count;
    return result;
}

// What a parcel is put together from.
struct contents {
    struct buf package, pdf, bytes, manifest;
    struct sql_journal_proofs proofs;
    struct attached *attached;
    size_t attached_count;
};

static int open_contents(struct journal_work *work, struct dialogue *dialogue, const struct journal_entry *entry, struct contents *contents)
{
    contents->attached = arena_array(work->arena, JOURNAL_FILES_MAX, sizeof(*contents->attached));
    int result = contents->attached ? journal_part(dialogue, entry, JOURNAL_PACKAGE, &contents->package) : -ENOMEM;
    if (result == 0)
        result = journal_part(dialogue, entry, JOURNAL_PDF, &contents->pdf);
    if (result == 0)
        result = sql_journal_proofs(work->db, work->arena, &(struct sql_journal_proofs_in){ .id = entry->id }, &contents->proofs);
    if (result == 0)
        result = open_all_attached(dialogue, entry, buf_view(&contents->package), &contents->bytes, contents->attached, &contents->attached_count);
    return result;
}

static int hand_over_contents(struct journal_work *work, const struct journal_entry *entry, struct contents *contents)
{
    char name[40];
    struct journal_file *files = arena_array(work->arena, OWN_FILES + contents->attached_count + 1, sizeof(*files));
    struct journal_parcel parcel = { name, files, OWN_FILES + contents->attached_count };
    if (!files)
        return -ENOMEM;
    files[PACKAGE] = (struct journal_file){ "package.json", str_bytes(buf_view(&contents->package)) };
    files[PACKAGE_PROOF] = (struct journal_file){ "package.json.proof", str_bytes(contents->proofs.package) };
    files[PDF] = (struct journal_file){ "journal.pdf", str_bytes(buf_view(&contents->pdf)) };
    files[PDF_PROOF] = (struct journal_file){ "journal.pdf.proof", str_bytes(contents->proofs.pdf) };
    for (size_t i = 0; i < contents->attached_count; i++) {
        const struct attached *attached = &contents->attached[i];
        files[OWN_FILES + i] = (struct journal_file){ attached->name, bytes_from(buf_view(&contents->bytes).ptr + attached->begin, attached->len) };
    }
    int result = write_manifest(entry, &parcel, &contents->manifest);
    files[parcel.count++] = (struct journal_file){ "manifest.json", str_bytes(buf_view(&contents->manifest)) };
    snprintf(name, sizeof(name), "samtraad-%lld", (long long)entry->id);
    return result < 0 ? result : work->adapter->deliver(work->adapter, &parcel);
}

static int hand_over(struct journal_work *work, struct dialogue *dialogue, const struct journal_entry *entry)
{
    struct contents contents = { .package = buf_bounded(JOURNAL_PACKAGE_MAX), .pdf = buf_bounded(JOURNAL_PDF_MAX),
                                 .bytes = buf_bounded(JOURNAL_FILES_BYTES_MAX), .manifest = buf_bounded(MANIFEST_MAX) };
    int result = open_contents(work, dialogue, entry, &contents);
    if (result == 0)
        result = hand_over_contents(work, entry, &contents);
    buf_free(&contents.package);
    buf_free(&contents.pdf);
    buf_free(&contents.bytes);
    buf_free(&contents.manifest);
    return result;
}

static int64_t next_try(const struct journal_work *work, int64_t tries)
{
    int64_t wait = work->settings.retry_ms;
    for (int64_t i = 1; i < tries && wait < RETRY_MAX; i++)
        wait *= 2;
    return wait < RETRY_MAX ? wait : RETRY_MAX;
}

static int deliver(struct journal_work *work, const struct sql_journal_due *due)
{
    struct dialogue *dialogue;
    struct journal_entry entry;
    int64_t now = clock_now(work->app->clock);
    int opened = journal_work_open(work, &(struct journal_due){ due->id, due->dialogue, due->author }, &dialogue, &entry);
    if (opened == 0 && !entry.proven)
        return 0;   // in a moment
    struct change begin = { .state = { .id = due->id, .from = due->state, .state = JOURNAL_DELIVERING, .changed = now, .tries = due->tries, .due = now } };
    int result = make_change(work, &begin);
    if (result < 0)
        return result;
    int handed = opened < 0 ? opened : hand_over(work, dialogue, &entry);
    now = clock_now(work->app->clock);
    struct change end = { .state = { .id = due->id, .from = JOURNAL_DELIVERING, .changed = now } };
    if (handed == 0) {
        end.event = event_of(AUDIT_JOURNAL_DELIVER, due);
        end.state.state = JOURNAL_DELIVERED;
        end.state.due = now + work->settings.poll_ms;
        return make_change(work, &end);
    }
    // What will not be better by itself needs somebody who looks.
    bool hopeless = opened < 0 || handed == -EEXIST || handed == -EBADMSG || due->tries + 1 >= work->settings.tries;
    log_event(LOG_WARNING, "journal-deliver", "entry=%lld try=%lld errno=%d", (long long)due->id, (long long)due->tries + 1, -handed);
    end.state.state = hopeless ? JOURNAL_FAILED : JOURNAL_MADE;
    end.state.tries = due->tries + 1;
    end.state.due = now + next_try(work, end.state.tries);
    return make_change(work, &end);
}

static int seal_receipt(struct dialogue *dialogue, const struct journal_entry *entry, const struct journal_receipt *receipt, struct bytes *ret_sealed)
{
    struct data_key *key;
    struct arena *arena = dialogue->scene.arena;
    struct seal_place place = journal_receipt_place(dialogue, entry->epoch, entry->id);
    struct str plain = arena_format(arena, "%.*s\n%.*s", (int)receipt->case_number.len, receipt->case_number.ptr, (int)receipt->message.len,
                                    receipt->message.ptr);
    int result = plain.ptr ? dialogue_key(dialogue, entry->epoch, &key) : -ENOMEM;
    return result < 0 ? result : seal(key, &place, str_bytes(plain), arena, ret_sealed);
}

static int fetch_receipt(struct journal_work *work, const struct sql_journal_due *due, struct change *change)
{
    _cleanup_(buf_free) struct buf text = buf_bounded(JOURNAL_RECEIPT_MAX);
    struct dialogue *dialogue;
    struct journal_entry entry;
    struct journal_receipt receipt;
    enum journal_state state;
    char name[40];
    snprintf(name, sizeof(name), "samtraad-%lld", (long long)due->id);
    int result = work->adapter->receipt(work->adapter, name, &text);
    if (result == 0)
        result = journal_receipt_read(buf_view(&text), due->id, work->arena, &state, &receipt);
    if (result == 0)
        result = journal_work_open(work, &(struct journal_due){ due->id, due->dialogue, due->author }, &dialogue, &entry);
    if (result == 0)
        result = seal_receipt(dialogue, &entry, &receipt, &change->receipt.receipt);
    if (result < 0)
        return result;
    change->event = event_of(AUDIT_JOURNAL_RECEIPT, due);
    change->state.state = change->receipt.state = state;
    change->receipt.id = due->id;
    return 0;
}

static int look_for_receipt(struct journal_work *work, const struct sql_journal_due *due)
{
    int64_t now = clock_now(work->app->clock);
    struct change change = { .state = { .id = due->id, .from = due->state, .changed = now, .due = now + work->settings.poll_ms },
                             .receipt = { .changed = now } };
    int result = fetch_receipt(work, due, &change);
    if (result < 0 && result != -ENOENT)
        log_event(LOG_WARNING, "journal-receipt", "entry=%lld errno=%d", (long long)due->id, -result);
    return make_change(work, &change);
}

static int find_due(struct journal_work *work, struct sql_journal_due *list, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    size_t count = 0;
    int result = sql_journal_due(work->db, &(struct sql_journal_due_in){ .before = clock_now(work->app->clock), .count = DUE_AT_ONCE }, &stmt);
    while (result == 0 && count < DUE_AT_ONCE && (result = sql_journal_due_next(stmt, &list[count])) == 1) {
        count++;
        result = 0;
    }
    *ret_count = count;
    return result < 0 ? result : 0;
}

int journal_deliver_due(struct journal_work *work)
{
    struct sql_journal_due list[DUE_AT_ONCE];
    size_t count;
    int result = find_due(work, list, &count);
    for (size_t i = 0; result == 0 && i < count; i++)
        result = list[i].state == JOURNAL_DELIVERED ? look_for_receipt(work, &list[i]) : deliver(work, &list[i]);
    return result;
}
