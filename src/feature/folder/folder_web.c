// SPDX-License-Identifier: MPL-2.0
// "Min mappe": made on the threads for long reads, proven and logged by the writer, fetched from the shelf.
#include "base/cleanup.h"
#include "base/encode.h"
#include "feature/dialogue/dialogue.h"
#include "feature/folder/folder_html.h"
#include "feature/folder/folder_json.h"
#include "feature/folder/folder_make.h"
#include "feature/folder/folder_sql.h"
#include "feature/folder/folder_view.h"
#include "web/date.h"
#include "web/menu.h"
#include "web/server.h"

#include <errno.h>
#include <stdlib.h>

static const struct page folder_page = { &folder_json, folder_any, TEXT("My folder") };
static const struct page proof_page = { &folder_proof_json, folder_proof_any, TEXT("Is the file genuine?") };

struct folder_form {
    bool sure;
};

static const struct form_field folder_fields[] = {
    FORM_FIELD(struct folder_form, sure, FORM_FLAG, TEXT("I understand that I must look after the file myself")),
};
static const struct form folder_form = FORM("FolderForm", struct folder_form, folder_fields);

// "min-mappe-2026-11-22.html"
static struct str file_name(struct request *request, const struct folder *folder)
{
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    struct str day = dates_key(&dates, folder->made);
    return arena_format(request->arena, request->language == LANGUAGE_DANISH ? "min-mappe-%.*s.html" : "my-folder-%.*s.html", (int)day.len, day.ptr);
}

static int read_key(struct request *request, struct str *ret_key)
{
    uint8_t key[KEEPER_PUBLIC_KEY];
    int result = keeper_public_key(request->app->keeper, key);
    if (result == 0)
        *ret_key = encode_hex(request->arena, bytes_from(key, sizeof(key)));
    return result == 0 && !ret_key->ptr ? -ENOMEM : result;
}

// "340 KB", "1.2 MB"
static struct str size_text(struct request *request, int64_t bytes)
{
    if (bytes < 1000000)
        return arena_format(request->arena, "%lld KB", (long long)((bytes + 999) / 1000));
    return arena_format(request->arena, request->language == LANGUAGE_DANISH ? "%lld,%lld MB" : "%lld.%lld MB", (long long)(bytes / 1000000),
                        (long long)(bytes % 1000000 / 100000));
}

// Access to each dialogue that is in it is looked at anew: it may have ended since.
static int check_access(struct request *request, const struct folder *folder, bool *ret_ended)
{
    struct dialogue_scene scene = dialogue_scene_of(request);
    for (size_t i = 0; i < folder->dialogues_count; i++) {
        struct dialogue *dialogue;
        int result = dialogue_open(&scene, folder->dialogues[i], request->session.person, &dialogue);
        if (result < 0 && result != -ENOENT)
            return result;
        struct policy_subject subject = { request->session.role, result == 0 ? dialogue->relation : RELATION_NONE, result == 0 ? dialogue->state : DIALOGUE_NONE };
        if (!policy_allows(PERMISSION_DIALOGUE_READ, &subject))
            *ret_ended = true;
    }
    return 0;
}

// The folder that waits, when it still holds nothing but what its owner may see. -ENOENT.
static int take(struct request *request, int64_t id, struct folder **ret_folder, bool *ret_ended)
{
    struct folder_shelf *shelf = request->app->folders;
    struct folder *folder;
    int result = shelf ? folder_shelf_get(shelf, request->session.person, id, request->now, &folder) : -ENOENT;
    if (result < 0)
        return result;
    result = check_access(request, folder, ret_ended);
    if (result == 0 && !*ret_ended) {
        *ret_folder = folder;
        return 0;
    }
    folder_shelf_give_back(shelf, folder);
    return result < 0 ? result : -ENOENT;
}

static void fill_ready(struct request *request, const struct folder *folder, struct folder_view *view)
{
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    char code[PROOF_CODE + 1];
    proof_code(folder->digest, code);
    view->ready = true;
    view->id = folder->id;
    view->code = arena_str(request->arena, str_from(code));
    view->size = size_text(request, folder->store.size);
    view->until = dates_clock(&dates, folder->made + FOLDER_READY_MS);
}

static int get_folder(struct request *request)
{
    struct folder_view view = { .code = STR(""), .until = STR(""), .size = STR(""), .error = form_error_of(&request->errors, "") };
    struct folder *folder;
    struct sql_folder_about_self about;
    int result = read_key(request, &view.key);
    if (result == 0)
        result = sql_folder_about_self(request->db, request->arena, &(struct sql_folder_about_self_in){ .person = request->session.person }, &about);
    if (result < 0)
        return result;
    view.shows_readers = about.found > 0;
    view.shows_journal = view.shows_readers || request->session.role == ROLE_EMPLOYEE;
    if (view.error.len == 0)
        view.error = form_error_of(&request->errors, "sure");
    result = take(request, 0, &folder, &view.dialogues_missing);
    if (result == 0) {
        fill_ready(request, folder, &view);
        folder_shelf_give_back(request->app->folders, folder);
    }
    return result < 0 && result != -ENOENT ? result : request_page(request, &folder_page, STR(""), &view);
}

static int prepare_folder(struct request *request)
{
    const struct folder_form *form = request_form(request, &folder_form);
    struct folder_made *made = arena_alloc(request->arena, sizeof(*made));
    if (!made)
        return -ENOMEM;
    if (!form->sure)
        return request_refuse(request, "sure", TEXT("Say that you will look after the file."));
    if (!request->app->folders)
        return -ENOSPC;
    int result = folder_make(request, made);
    if (result < 0)
        return result;
    // From here on the shelf owns it, whatever becomes of the request; nobody gets it before it is proven.
    struct folder_made kept = *made;
    made->id = kept.folder->id;
    memcpy(made->digest, kept.folder->digest, sizeof(made->digest));
    made->folder = NULL;
    request->prepared = made;
    return folder_shelf_put(request->app->folders, kept.folder, request->now);
}

struct proving {
    int64_t id;
    struct proof proof;
};

// On the writer's thread, when the record is on the disk.
static void prove(struct app *app, void *data)
{
    struct proving *proving = data;
    if (audit_checkpoint(app->audit) == 0 && proof_complete(app->audit, &proving->proof) == 0)
        folder_shelf_prove(app->folders, proving->id, &proving->proof);
}

// One record for each dialogue: what was put in has been read.
static int note_ranges(struct request *request, const struct folder_made *made)
{
    int result = 0;
    for (size_t i = 0; result == 0 && i < made->ranges_count; i++) {
        const struct folder_range *range = &made->ranges[i];
        result = request_audit(request, &(struct audit_event){ .kind = AUDIT_FOLDER_MAKE, .person = request->session.person,
            .dialogue = range->dialogue, .first = range->first, .last = range->last });
    }
    return result;
}

static int post_folder(struct request *request)
{
    const struct folder_made *made = request->prepared;
    struct proving *proving = arena_alloc(request->arena, sizeof(*proving));
    if (!proving)
        return -ENOMEM;
    proving->id = made->id;
    int result = proof_document(request->app->audit, request->db, &(struct audit_event){ .person = request->session.person }, made->digest,
                                &proving->proof);
    if (result == 0)
        result = note_ranges(request, made);
    if (result == 0)
        result = request_after(request, prove, proving);
    return result < 0 ? result : request_redirect(request, STR("/folder"));
}

// What an answer under way holds: the folder, and what stands behind it.
struct sending {
    struct folder_shelf *shelf;
    struct folder *folder;
    struct buf trailer;
    uint8_t *plain;          // one chunk
    int64_t plain_at;        // where it begins; -1: none
    size_t plain_len;
};

static ssize_t fill(void *data, uint64_t at, uint8_t *ret_data, size_t room)
{
    struct sending *sending = data;
    const struct folder_store *store = &sending->folder->store;
    struct bytes from;
    if (at >= (uint64_t)store->size) {
        size_t behind = (size_t)(at - (uint64_t)store->size);
        from = bytes_from(sending->trailer.data + behind, sending->trailer.len - behind);
    } else {
        int64_t chunk = (int64_t)(at - at % SEALED_FILE_CHUNK);
        if (sending->plain_at != chunk) {
            int result = folder_store_read(store, chunk, sending->plain, &sending->plain_len);
            if (result < 0)
                return result;
            sending->plain_at = chunk;
        }
        size_t within = (size_t)(at - (uint64_t)chunk);
        from = bytes_from(sending->plain + within, sending->plain_len - within);
    }
    size_t len = from.len < room ? from.len : room;
    memcpy(ret_data, from.ptr, len);
    return (ssize_t)len;
}

static void done(void *data)
{
    struct sending *sending = data;
    folder_shelf_give_back(sending->shelf, sending->folder);
    buf_free(&sending->trailer);
    free(sending->plain);
    free(sending);
}

// Takes the folder over, also on failure.
static int begin_sending(struct folder_shelf *shelf, struct folder *folder, struct sending **ret_sending)
{
    struct sending *sending = calloc(1, sizeof(*sending));
    uint8_t *plain = sending ? malloc(SEALED_FILE_CHUNK) : NULL;
    if (!plain) {
        free(sending);
        folder_shelf_give_back(shelf, folder);
        return -ENOMEM;
    }
    *sending = (struct sending){ .shelf = shelf, .folder = folder, .trailer = buf_bounded(PROOF_TRAILER_MAX), .plain = plain, .plain_at = -1 };
    proof_put_trailer(&folder->proof, folder->digest, &sending->trailer);
    if (sending->trailer.error == 0) {
        *ret_sending = sending;
        return 0;
    }
    int result = sending->trailer.error;
    done(sending);
    return result;
}

static int get_file(struct request *request)
{
    struct sending *sending = NULL;
    struct folder *folder;
    bool ended = false;
    int result = take(request, request->number[0], &folder, &ended);
    // Too late, or access ended: the page says what to do.
    if (result == -ENOENT && !request->wants_json) {
        request->event.kind = AUDIT_NONE;
        return request_redirect(request, STR("/folder"));
    }
    if (result == 0)
        result = begin_sending(request->app->folders, folder, &sending);
    if (result < 0)
        return result;
    struct source source = { .length = (uint64_t)folder->store.size + sending->trailer.len, .fill = fill, .done = done, .data = sending };
    return request_file(request, "text/html; charset=utf-8", file_name(request, folder), &source);
}

static int get_proof(struct request *request)
{
    struct folder_view_proof view;
    int result = read_key(request, &view.key);
    return result < 0 ? result : request_page(request, &proof_page, STR(""), &view);
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/folder", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_NONE, .handle = get_folder, .answer = &folder_json,
      .summary = "Whether one's own folder is ready to be fetched." },
    { .method = METHOD_POST, .path = "/folder", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_FOLDER_MAKE, .form = &folder_form,
      .prepare = prepare_folder, .handle = post_folder, .again = get_folder, .flags = ROUTE_LONG | ROUTE_LOOKS_UP,
      .summary = "Makes a file with everything about oneself that one may see." },
    { .method = METHOD_GET, .path = "/folder/{folder#}/file", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_FOLDER_FETCH, .handle = get_file,
      .summary = "The file: HTML that carries its proof." },
    { .method = METHOD_GET, .path = "/proof", .permission = PERMISSION_ANYONE, .audit = AUDIT_NONE, .handle = get_proof, .answer = &folder_proof_json,
      .summary = "How to check that a file is genuine, and the key for it." },
};
FEATURE(folder, routes);

MENU_ITEM(folder, .menu = MENU_PERSON, .order = 60, .text = TEXT("My folder"), .path = "/folder", .permission = PERMISSION_SIGNED_IN);
