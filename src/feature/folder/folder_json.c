// SPDX-License-Identifier: MPL-2.0
#include "feature/folder/folder_json.h"

#include "feature/folder/folder_view.h"

static const struct view_field folder_fields[] = {
    VIEW_BOOL(struct folder_view, ready, "A folder can be fetched."),
    VIEW_ID(struct folder_view, id, "Which; null: none."),
    VIEW_STR(struct folder_view, code, "Its verification code."),
    VIEW_STR(struct folder_view, until, "Until when it can be fetched, in words."),
    VIEW_STR(struct folder_view, size, "How large it is, in words."),
    VIEW_BOOL(struct folder_view, shows_journal, "It tells what was filed with the municipality."),
    VIEW_BOOL(struct folder_view, shows_readers, "It tells who has read: there is a dialogue about oneself."),
    VIEW_STR(struct folder_view, key, "The public half of the log's key, hexadecimal."),
};
const struct view folder_json = VIEW("Folder", struct folder_view, folder_fields);

static const struct view_field proof_fields[] = {
    VIEW_STR(struct folder_view_proof, key, "The public half of the log's key, hexadecimal."),
};
const struct view folder_proof_json = VIEW("ProofKey", struct folder_view_proof, proof_fields);
