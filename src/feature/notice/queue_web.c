// SPDX-License-Identifier: MPL-2.0
// Mails that could not be sent, for the administrator.
#include "base/cleanup.h"
#include "feature/notice/notice.h"
#include "feature/notice/queue_html.h"
#include "feature/notice/queue_view.h"
#include "web/date.h"
#include "web/menu.h"

#include <curl/curl.h>
#include <errno.h>

#define ENTRIES_MAX 100

enum { ACTION_AGAIN = 1, ACTION_DISCARD };
static const char *const actions[] = { "again", "discard", NULL };

struct action_form {
    int64_t action;
};

static const struct form_field action_fields[] = {
    FORM_FIELD(struct action_form, action, FORM_CHOICE, TEXT("What to do"), .required = true, .choices = actions),
};
static const struct form action_form = FORM("MailQueueForm", struct action_form, action_fields);

static const struct view_field entry_fields[] = {
    VIEW_ID(struct queue_view_entry, id, "The entry."),
    VIEW_STR(struct queue_view_entry, what, "What sort of mail."),
    VIEW_STR(struct queue_view_entry, trouble, "Why it could not be sent."),
    VIEW_INT(struct queue_view_entry, tries, "How often it was tried."),
    VIEW_TIME(struct queue_view_entry, given_up, "When it was given up."),
};
static const struct view entry_json = VIEW("MailGivenUp", struct queue_view_entry, entry_fields);

static const struct view_field fields[] = {
    VIEW_BOOL(struct queue_view, enabled, "A mail server is configured."),
    VIEW_INT(struct queue_view, waiting, "Mails that wait to be sent."),
    VIEW_INT(struct queue_view, failing, "Of these, how many have failed so far."),
    VIEW_STR(struct queue_view, trouble, "Why the newest of them failed; empty: none did."),
    VIEW_LIST(struct queue_view, entries, &entry_json, "Mails that were given up, the newest first."),
    VIEW_INT(struct queue_view, given_up, "How many were given up."),
};
static const struct view queue_json = VIEW("MailQueue", struct queue_view, fields);

static const struct page queue_page = { &queue_json, queue_any, TEXT("Emails that could not be sent") };

static const char *what_text(int64_t purpose)
{
    switch (purpose) {
    case NOTICE_FOR_NEWS:
    case NOTICE_FOR_DAILY:
        return TEXT("That something is new");
    case NOTICE_FOR_CONFIRMATION:
        return TEXT("The link that confirms an address");
    case NOTICE_FOR_INVITATION:
        return TEXT("An invitation");
    case NOTICE_FOR_UNIT:
        return TEXT("That something new waits in a unit's inbox");
    case NOTICE_FOR_REMINDER:
        return TEXT("A reminder to answer");
    default:
        return TEXT("A mail");
    }
}

// Replies of the server (RFC 5321, section 4.2), or below 0 what libcurl calls it.
static const char *trouble_text(int64_t trouble)
{
    switch (trouble) {
    case -CURLE_USE_SSL_FAILED:
        return TEXT("The mail server offers no TLS, and the setting smtp.tls requires it.");
    case -CURLE_PEER_FAILED_VERIFICATION:
    case -CURLE_SSL_CONNECT_ERROR:
    case -CURLE_SSL_CACERT_BADFILE:
        return TEXT("The mail server's certificate can't be trusted. See the setting smtp.ca.");
    case -CURLE_LOGIN_DENIED:
        return TEXT("The mail server did not accept our user and password.");
    case -CURLE_OPERATION_TIMEDOUT:
        return TEXT("The mail server did not answer in time.");
    default:
        break;
    }
    if (trouble >= 500)
        return TEXT("The mail server refused it for good ({code}). Mostly there is no such address.");
    if (trouble >= 400)
        return TEXT("The mail server asked us to come again later ({code}).");
    return TEXT("We could not reach the mail server.");
}

static struct str trouble_words(struct request *request, int64_t trouble)
{
    _cleanup_(buf_free) struct buf text = buf_bounded(500);
    struct text_value code = { "code", arena_format(request->arena, "%lld", (long long)trouble) };
    text_format(&text, request_text(request, trouble_text(trouble)), &code, 1);
    return arena_str(request->arena, buf_view(&text));
}

static int fill_entry(struct request *request, struct dates *dates, const struct outbox_entry *entry, struct queue_view_entry *ret_view)
{
    *ret_view = (struct queue_view_entry){
        .id = entry->id, .what = request_text(request, what_text(entry->purpose)), .trouble = trouble_words(request, entry->trouble),
        .made = dates_moment(dates, entry->made),
        .tries = entry->tries, .given_up = entry->given_up,
    };
    return ret_view->trouble.ptr && ret_view->made.ptr ? 0 : -ENOMEM;
}

static int get_queue(struct request *request)
{
    struct dates dates = dates_begin(request->arena, request->language, request->now);
    const struct outbox_entry *list;
    struct outbox_state state;
    size_t count;
    int result = outbox_state(request->db, request->arena, &state);
    if (result == 0)
        result = outbox_given_up(request->db, request->arena, ENTRIES_MAX, &list, &count);
    struct queue_view_entry *entries = result == 0 ? arena_array(request->arena, count + 1, sizeof(*entries)) : NULL;
    if (!entries)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; result == 0 && i < count; i++)
        result = fill_entry(request, &dates, &list[i], &entries[i]);
    struct queue_view view = {
        .enabled = mail_enabled(request->app), .waiting = state.waiting, .failing = state.failing, .given_up = state.given_up,
        .trouble = state.failing ? trouble_words(request, state.trouble) : STR(""), .entries = entries, .entries_count = count,
    };
    return result < 0 ? result : request_page(request, &queue_page, STR(""), &view);
}

static int post_entry(struct request *request)
{
    const struct action_form *form = request_form(request, &action_form);
    int64_t id = request->number[0];
    int result = form->action == ACTION_AGAIN ? outbox_retry(request->db, id, request->now) : outbox_discard(request->db, id);
    request->event.object = id;
    return result < 0 ? result : request_redirect(request, STR("/admin/mail"));
}

static int post_again(struct request *request)
{
    int result = outbox_retry_all(request->db, request->now);
    return result < 0 ? result : request_redirect(request, STR("/admin/mail"));
}

static const struct route routes[] = {
    { .method = METHOD_GET, .path = "/admin/mail", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_ADMIN_READ, .handle = get_queue,
      .answer = &queue_json, .summary = "Mails that wait, and those that were given up; without people and content." },
    { .method = METHOD_POST, .path = "/admin/mail/{entry#}", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_MAIL_QUEUE, .form = &action_form,
      .handle = post_entry, .again = get_queue, .summary = "Tries one again that was given up, or throws it away." },
    { .method = METHOD_POST, .path = "/admin/mail/again", .permission = PERMISSION_ADMINISTER, .audit = AUDIT_MAIL_QUEUE, .form = &form_empty,
      .handle = post_again, .summary = "Tries all again that were given up." },
};
FEATURE(mail_queue, routes);
MENU_ITEM(mail_queue, .menu = MENU_ADMIN, .order = 70, .text = TEXT("Emails that could not be sent"), .path = "/admin/mail", .permission = PERMISSION_ADMINISTER);
