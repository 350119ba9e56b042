// SPDX-License-Identifier: MPL-2.0
#include "feature/consent_text/consent_text_json.h"

#include "feature/consent_text/consent_text_view.h"

static const struct view_field part_fields[] = {
    VIEW_STR(struct consent_text_view_part, title, "To whom it speaks, in the reader's language."),
    VIEW_STR(struct consent_text_view_part, tag, "Its language."),
    VIEW_STR(struct consent_text_view_part, text, "The text; empty lines separate paragraphs."),
    VIEW_STR(struct consent_text_view_part, ease, "How easy it is to read; empty for people who are asked."),
    VIEW_BOOL(struct consent_text_view_part, hard, "Harder than is advised."),
};
static const struct view part_json = VIEW("ConsentTextPart", struct consent_text_view_part, part_fields);

static const struct view_field version_fields[] = {
    VIEW_INT(struct consent_text_view_version, version, "Its number; 1 is the program's own."),
    VIEW_STR(struct consent_text_view_version, published, "When and by whom, in words."),
    VIEW_BOOL(struct consent_text_view_version, current, "Is shown to people now."),
};
static const struct view version_json = VIEW("ConsentTextVersion", struct consent_text_view_version, version_fields);

static const struct view_field edit_fields[] = {
    VIEW_BOOL(struct consent_text_view_edit, may_write, "The reader may write and publish."),
    VIEW_BOOL(struct consent_text_view_edit, drafted, "The parts are a draft that nobody has been shown."),
    VIEW_LIST(struct consent_text_view_edit, parts, &part_json, "The draft; without one, what is shown now."),
    VIEW_LIST(struct consent_text_view_edit, versions, &version_json, "All versions, the newest first."),
};
const struct view consent_text_edit_json = VIEW("ConsentTexts", struct consent_text_view_edit, edit_fields);

static const struct view_field draft_fields[] = {
    VIEW_ID(struct consent_text_view_draft, revision, "Names the draft as it is now."),
    VIEW_INT(struct consent_text_view_draft, version, "The version that it would become."),
    VIEW_STR(struct consent_text_view_draft, saved, "When and by whom, in words."),
    VIEW_BOOL(struct consent_text_view_draft, hard, "One of the texts is harder than is advised."),
    VIEW_LIST(struct consent_text_view_draft, parts, &part_json, "The texts."),
};
const struct view consent_text_draft_json = VIEW("ConsentTextDraft", struct consent_text_view_draft, draft_fields);

static const struct view_field text_fields[] = {
    VIEW_INT(struct consent_text_view, version, "Its number."),
    VIEW_STR(struct consent_text_view, published, "When, in words."),
    VIEW_BOOL(struct consent_text_view, current, "Is shown to people now."),
    VIEW_LIST(struct consent_text_view, parts, &part_json, "The texts, in the reader's language."),
};
const struct view consent_text_json = VIEW("ConsentText", struct consent_text_view, text_fields);
