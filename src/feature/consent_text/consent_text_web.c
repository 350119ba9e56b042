// SPDX-License-Identifier: MPL-2.0
// The pages on which the texts of consent are written, published, and read again later.
#include "base/cleanup.h"
#include "base/lix.h"
#include "feature/consent_text/consent_text.h"
#include "feature/consent_text/consent_text_html.h"
#include "feature/consent_text/consent_text_json.h"
#include "web/date.h"
#include "web/menu.h"
#include "web/request.h"

#include <errno.h>

#define PARTS 6   // kinds × languages

struct text_form {
    struct str own_da, own_en, relative_da, relative_en, law_da, law_en;
};

#define PART_FIELD(member, text) FORM_FIELD(struct text_form, member, FORM_LINES, text, .required = true, .min = 3, .max = CONSENT_TEXT_MAX)

static const struct form_field text_fields[] = {
    PART_FIELD(own_da, TEXT("To the citizen")), PART_FIELD(own_en, TEXT("To the citizen")),
    PART_FIELD(relative_da, TEXT("To who answers for the citizen")), PART_FIELD(relative_en, TEXT("To who answers for the citizen")),
    PART_FIELD(law_da, TEXT("Where the law stands in place of a yes")), PART_FIELD(law_en, TEXT("Where the law stands in place of a yes")),
};
static const struct form text_form = FORM("ConsentTextForm", struct text_form, text_fields);

struct publish_form {
    int64_t revision;
};

static const struct form_field publish_fields[] = {
    FORM_FIELD(struct publish_form, revision, FORM_ID, TEXT("Draft"), .required = true, .min = 1, .max = INT64_MAX),
};
static const struct form publish_form = FORM("ConsentTextPublishForm", struct publish_form, publish_fields);

static const struct page edit_page = { &consent_text_edit_json, consent_text_edit_any, TEXT("Texts about consent") };
static const struct page draft_page = { &consent_text_draft_json, consent_text_draft_any, TEXT("Draft of a text about consent") };
static const struct page text_page = { &consent_text_json, consent_text_any, TEXT("What was said about consent") };

static struct account_scene scene_of(const struct request *request)
{
    return (struct account_scene){ request->db, request->keys, request->arena, request->now };
}

// Who administers one unit only reads them: the whole municipality says the same.
static bool may_write(const struct request *request)
{
    return request->session.unit == 0;
}

static void take_words(const struct text_form *form, struct str words[CONSENT_TEXT_KINDS][LANGUAGE_COUNT])
{
    words[CONSENT_TEXT_OWN][LANGUAGE_DANISH] = form->own_da;
    words[CONSENT_TEXT_OWN][LANGUAGE_ENGLISH] = form->own_en;
    words[CONSENT_TEXT_RELATIVE][LANGUAGE_DANISH] = form->relative_da;
    words[CONSENT_TEXT_RELATIVE][LANGUAGE_ENGLISH] = form->relative_en;
    words[CONSENT_TEXT_LAW][LANGUAGE_DANISH] = form->law_da;
    words[CONSENT_TEXT_LAW][LANGUAGE_ENGLISH] = form->law_en;
}

// How easy a text is to read, in words; advice, for whoever writes it.
static void fill_ease(struct request *request, struct consent_text_view_part *part)
{
    static const char *const bands[] = {
        [LIX_VERY_EASY] = TEXT("very easy"), [LIX_EASY] = TEXT("easy"), [LIX_MEDIUM] = TEXT("medium"), [LIX_HARD] = TEXT("hard"),
        [LIX_VERY_HARD] = TEXT("very hard"),
    };
    int number;
    if (lix(part->text, &number) < 0) {
        part->ease = request_text(request, TEXT("Too short for a LIX number"));
        return;
    }
    struct str band = request_text(request, bands[lix_band(number)]);
    part->ease = arena_format(request->arena, "LIX %d: %.*s", number, (int)band.len, band.ptr);
    part->hard = number > CONSENT_TEXT_LIX;
}

// The parts in one language (LANGUAGE_UNSET: all), in the order of the form's fields.
static int fill_parts(struct request *request, const struct consent_text *text, enum language only, struct consent_text_view_part **ret_parts, size_t *ret_count)
{
    static const char *const languages[] = { [LANGUAGE_DANISH] = "Dansk", [LANGUAGE_ENGLISH] = "English" };
    struct consent_text_view_part *parts = arena_array(request->arena, PARTS, sizeof(*parts));
    size_t at = 0;
    for (size_t i = 0; parts && i < PARTS; i++) {
        enum language language = i % 2 ? LANGUAGE_ENGLISH : LANGUAGE_DANISH;
        if (only && language != only)
            continue;
        parts[at++] = (struct consent_text_view_part){
            .title = request_text(request, text_fields[i].label), .language = str_from(languages[language]), .tag = str_from(language_tag(language)),
            .name = str_from(text_fields[i].name), .text = text->words[CONSENT_TEXT_OWN + i / 2][language], .ease = STR(""),
            .error = form_error_of(&request->errors, text_fields[i].name),
        };
        if (!only)
            fill_ease(request, &parts[at - 1]);
    }
    *ret_parts = parts;
    *ret_count = at;
    return parts ? 0 : -ENOMEM;
}

// When, and by whom where that is asked for: TEXT("Published {date} by {name}").
static int tell_made(struct request *request, const struct consent_text *text, const char *english, struct str *ret_words)
{
    _cleanup_(buf_free) struct buf buf = buf_bounded(1000);
    struct account_scene scene = scene_of(request);
    struct dates dates = dates_begin(request->arena, request->language, 0);   // with the year
    struct account account = { .name = STR("") };
    if (text->at == 0) {
        *ret_words = request_text(request, TEXT("The program's own text"));
        return 0;
    }
    int result = account_get(&scene, text->by, &account);
    struct text_value values[] = { { "date", dates_date(&dates, text->at) }, { "name", account.name } };
    text_format(&buf, request_text(request, english), values, 2);
    *ret_words = arena_str(request->arena, buf_view(&buf));
    return result == -ENOENT ? 0 : result;
}

static int fill_versions(struct request *request, struct consent_text_view_edit *view)
{
    struct account_scene scene = scene_of(request);
    int64_t newest;
    int result = consent_text_newest_version(&scene, &newest);
    struct consent_text_view_version *list = result == 0 ? arena_array(request->arena, (size_t)newest, sizeof(*list)) : NULL;
    if (!list)
        return result < 0 ? result : -ENOMEM;
    for (int64_t version = newest; result == 0 && version > 0; version--) {
        struct consent_text text;
        struct consent_text_view_version *one = &list[view->versions_count++];
        *one = (struct consent_text_view_version){ .version = version, .current = version == newest };
        result = consent_text_get(&scene, version, &text);
        if (result == 0)
            result = tell_made(request, &text, TEXT("Published {date} by {name}"), &one->published);
    }
    view->versions = list;
    return result;
}

static int show_edit(struct request *request, const struct text_form *typed)
{
    struct account_scene scene = scene_of(request);
    struct consent_text text = { .version = 0 };
    struct consent_text_view_edit view = { .may_write = may_write(request), .error = form_error_of(&request->errors, "") };
    struct consent_text_view_part *parts;
    int result = consent_text_draft_get(&scene, &text);
    view.drafted = result == 0;
    if (result == -ENOENT)
        result = consent_text_newest(&scene, &text);
    if (typed)
        take_words(typed, text.words);
    if (result == 0)
        result = fill_parts(request, &text, LANGUAGE_UNSET, &parts, &view.parts_count);
    if (result == 0)
        result = fill_versions(request, &view);
    if (result < 0)
        return result;
    view.parts = parts;
    return request_page(request, &edit_page, STR(""), &view);
}

static int get_edit(struct request *request)
{
    return show_edit(request, NULL);
}

static int again_edit(struct request *request)
{
    request->event.kind = AUDIT_ADMIN_READ;
    return show_edit(request, request_form(request, &text_form));
}

static int get_draft(struct request *request)
{
    struct account_scene scene = scene_of(request);
    struct consent_text text;
    struct consent_text_view_draft view = { .error = form_error_of(&request->errors, "") };
    struct consent_text_view_part *parts;
    int64_t newest;
    if (!may_write(request))
        return -EACCES;
    int result = consent_text_draft_get(&scene, &text);
    if (result == 0)
        result = consent_text_newest_version(&scene, &newest);
    if (result == 0)
        result = fill_parts(request, &text, LANGUAGE_UNSET, &parts, &view.parts_count);
    if (result == 0)
        result = tell_made(request, &text, TEXT("Saved {date} by {name}"), &view.saved);
    if (result < 0)
        return result;
    for (size_t i = 0; i < view.parts_count; i++)
        view.hard = view.hard || parts[i].hard;
    view.parts = parts;
    view.revision = text.version;
    view.version = newest + 1;
    return request_page(request, &draft_page, STR(""), &view);
}

static int again_draft(struct request *request)
{
    request->event.kind = AUDIT_ADMIN_READ;
    return get_draft(request);
}

static int post_draft(struct request *request)
{
    struct account_scene scene = scene_of(request);
    struct str words[CONSENT_TEXT_KINDS][LANGUAGE_COUNT] = { 0 };
    if (!may_write(request))
        return -EACCES;
    take_words(request_form(request, &text_form), words);
    int result = consent_text_draft_put(&scene, request->session.person, words);
    return result < 0 ? result : request_redirect(request, STR("/admin/consent-texts/draft"));
}

static int post_publish(struct request *request)
{
    const struct publish_form *form = request_form(request, &publish_form);
    struct account_scene scene = scene_of(request);
    if (!may_write(request))
        return -EACCES;
    int result = consent_text_publish(&scene, request->session.person, form->revision, &request->event.object);
    if (result == -ESTALE)
        return request_refuse(request, "", TEXT("The draft was changed while you looked at it. Read it again before you publish it."));
    if (result == -E2BIG)
        return request_refuse(request, "", TEXT("There is no room for more versions."));
    return result < 0 ? result : request_redirect(request, STR("/admin/consent-texts"));
}

static int post_remove(struct request *request)
{
    struct account_scene scene = scene_of(request);
    if (!may_write(request))
        return -EACCES;
    int result = consent_text_draft_remove(&scene);
    return result < 0 ? result : request_redirect(request, STR("/admin/consent-texts"));
}

static int get_text(struct request *request)
{
    struct account_scene scene = scene_of(request);
    struct consent_text text;
    struct consent_text_view_part *parts;
    int64_t newest;
    struct consent_text_view view = { .version = request->number[0] };
    int result = consent_text_get(&scene, view.version, &text);
    if (result == 0)
        result = consent_text_newest_version(&scene, &newest);
    if (result == 0)
        result = fill_parts(request, &text, request->language, &parts, &view.parts_count);
    if (result == 0)
        result = tell_made(request, &text, TEXT("Published {date}"), &view.published);
    if (result < 0)
        return result;
    view.parts = parts;
    view.current = view.version == newest;
    return request_page(request, &text_page, STR(""), &view);
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/admin/consent-texts", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_ADMIN_READ, .handle = get_edit,
      .answer = &consent_text_edit_json, .summary = "The versions of what is said to people who are asked for consent, and the draft." },
    { .method = METHOD_POST, .path = "/admin/consent-texts", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_CONSENT_TEXT_DRAFT, .form = &text_form,
      .handle = post_draft, .again = again_edit, .summary = "Keeps a draft of the next version." },
    { .method = METHOD_GET, .path = "/admin/consent-texts/draft", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_ADMIN_READ, .handle = get_draft,
      .answer = &consent_text_draft_json, .summary = "The draft as people will see it, and how easy it is to read." },
    { .method = METHOD_POST, .path = "/admin/consent-texts/publish", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_CONSENT_TEXT_PUBLISH,
      .form = &publish_form, .handle = post_publish, .again = again_draft, .summary = "Makes the draft the version that is shown from now on." },
    { .method = METHOD_POST, .path = "/admin/consent-texts/remove", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_CONSENT_TEXT_DRAFT,
      .form = &form_empty, .handle = post_remove, .again = again_edit, .summary = "Throws the draft away." },
    { .method = METHOD_GET, .path = "/consent-texts/{version#}", .permission = PERMISSION_SIGNED_IN, .audit = AUDIT_NONE, .handle = get_text,
      .answer = &consent_text_json, .summary = "What people were told about consent, by version." },
};
FEATURE(consent_text, routes);

MENU_ITEM(consent_text, .menu = MENU_ADMIN, .order = 40, .text = TEXT("Texts about consent"), .path = "/admin/consent-texts", .permission = PERMISSION_ADMINISTER);
