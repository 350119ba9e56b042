// SPDX-License-Identifier: MPL-2.0
// One request as a handler sees it, and the tables in which features declare what they serve.
//
// The router does limits, session, CSRF, path, loading, policy, forms, the log and choosing HTML or JSON. A handler does the feature's
// rules and fills a view. A GET handler runs on a worker with a read transaction; its answer is sent after its read record is committed.
// A POST handler (and a GET with ROUTE_WRITES) runs on the writer's thread inside its transaction, more than once if need be:
// what it checks is what it changes. It must not block.
#pragma once

#include "crypt/seal.h"
#include "crypt/vault.h"
#include "web/app.h"
#include "web/form.h"
#include "web/html.h"
#include "web/news.h"
#include "web/session.h"
#include "web/url.h"
#include "web/view.h"

enum method { METHOD_UNSET, METHOD_GET, METHOD_POST };

#define PATH_PARTS 4

struct request {
    struct app *app;
    struct exchange *exchange;
    struct arena *arena;            // everything of this request
    struct db *db;                  // reading or writing, see above
    struct keyring *keys;           // of the thread that runs the handler
    struct vault *vault;            // of that thread; NULL where there is none, and where what is read may not stay: while writing
    int64_t now;                    // ms
    const struct route *route;
    enum language language;
    bool wants_json;
    bool wants_fragment;            // htmx asks: the page without its frame
    bool wants_packed;              // a page, which may be gzip
    struct session session;
    struct guard guard;             // of the state that the session was read in; withdrawn -1: nobody is signed in
    struct str path;                // as sent: percent-encoded, without the query
    struct str part[PATH_PARTS];    // the pattern's {name} parts, decoded, in order
    int64_t number[PATH_PARTS];     // the same as numbers where the pattern says {name#}; never 0
    void *form;                     // the route's form, parsed; NULL without one. Read through request_form
    void *query;                    // the route's query form, parsed
    struct form_errors errors;
    struct policy_subject subject;  // filled by the router (role) and the route's load (relation, state)
    void *entity;                   // what the route's load found
    void *prepared;                 // what the route's prepare made
    struct audit_event event;       // goes into the log when the handler succeeds; kind and person are set by the router, the rest by handlers
    struct answer *answer;          // the router's
};

// A page: how a view becomes HTML and JSON.
struct page {
    const struct view *view;                                     // NULL: no JSON form; asking for it gives 406
    void (*html)(struct html_out *out, const void *view);        // a generated template's NAME_any
    const char *title;                                           // TEXT("…")
};

// Answers with a page, 200 (422 when request->errors has any). title, when not empty, replaces the page's (it is shown with the product's name behind).
int request_page(struct request *request, const struct page *page, struct str title, const void *view);

// The status of the page that follows, where it is not 200 or 422: it tells why something can not be had (403, 410).
void request_status(struct request *request, unsigned status);

// After a change: 303 to a path on this server; JSON: 200 {"location": …}. htmx: HX-Redirect when asked from a fragment.
// -EINVAL when path is not one of this server in printable ASCII (html_url_part makes such of anything).
int request_redirect(struct request *request, struct str path);

// The same to another server, for login providers: an address that url_external or the configuration vouches for. From a GET (with ROUTE_WRITES where
// it must), not a POST: browsers hold form-action of the page's policy against redirects too.
int request_redirect_out(struct request *request, struct url url);

// Answers with bytes that belong to a person (portraits): no-store, nosniff.
int request_bytes(struct request *request, const char *type, struct bytes bytes);

// Answers with a file: no-store, nosniff, in a sandbox. As an attachment of that name, or inline when the name is empty (only for bytes that are our own).
// The source is taken over, also on failure.
struct source;
int request_file(struct request *request, const char *type, struct str name, const struct source *source);

// Appends a further record to the log with this request's commit or its read record, beside the route's own.
int request_audit(struct request *request, const struct audit_event *event);

// Runs after this request's commit is durable, on the writer's thread: publish, cut. Data from the arena is good. In a
// handler that writes, or of a GET that leaves a record; such a GET may be made anew, and then this runs again.
int request_after(struct request *request, void (*run)(struct app *app, void *data), void *data);

// Tells those who are connected, on all servers, with this request's commit. Copied; texts from the arena are good. As request_after otherwise.
int request_tell(struct request *request, const struct news *news);

// Runs inside the same transaction as the read record of a GET (for instance: the reader's mark). data from the arena is good.
int request_with_record(struct request *request, int (*apply)(struct db *db, void *data), void *data);

// Sets a cookie on the answer. max_age seconds; 0 removes it; COOKIE_SESSION: until the browser closes. HttpOnly, SameSite=Lax, Path=/, Secure when the
// exchange is. name lives as long as the program; value of letters, digits, '-', '_' and '.' (asserted). -E2BIG after six headers.
#define COOKIE_SESSION (-1)
int request_cookie(struct request *request, const char *name, struct str value, int64_t max_age);

// The text in the request's language.
static inline struct str request_text(const struct request *request, const char *english)
{
    return text_of(request->language, english);
}

// Adds a message to a form's field and returns -EINVAL.
int request_refuse(struct request *request, const char *field, const char *english);

enum route_flags {
    ROUTE_WRITES = 1,      // a GET that runs like a POST (the return from a login provider); protects itself against forgery
    ROUTE_STREAM = 2,      // the handler calls request_listen
    ROUTE_NO_CSRF = 4,     // a POST without a session by its nature
    ROUTE_IDLE = 8,        // asked by the page on its own, not by the person: does not prolong the session (nor do streams, and what the
                           // page asks with the header "X-Idle: true")
    ROUTE_LOOKS_UP = 16,   // finds somebody whom the person need not know: few a minute, so that numbers can't be tried through
    ROUTE_LONG = 32,       // its prepare reads for long and asks nobody outside: it has threads of its own, few
};

// Whether who asked has gone away. Only in a prepare.
static inline bool request_left(const struct request *request)
{
    return exchange_left(request->exchange);
}

// Whether the person looks at what the page fetches now. A page that is in the background, or shows another part of the thread, says that they do not.
bool request_is_seen(const struct request *request);

// Becomes a live stream of a topic. Only with ROUTE_STREAM. The read record is committed first.
int request_listen(struct request *request, int64_t topic);

// The same for who may not hear everything, or not for ever.
struct listening {
    int64_t topic;
    int64_t first;   // events about things with a lower number are not for this listener
    int64_t until;   // ms: the stream ends then at the latest; INT64_MAX: with the session
};
int request_listen_on(struct request *request, const struct listening *listening);

struct route {
    enum method method;
    const char *path;                         // "/dialogue/{dialogue#}/post"
    enum permission permission;
    enum audit_kind audit;                    // AUDIT_NONE must be said; unset stops the program at start
    const struct form *form;                  // of a POST: mandatory (an empty form is a form)
    const struct form *query;                 // of a GET; without one any query is refused
    int (*prepare)(struct request *request);  // runs first, on a thread that may block (outbound HTTP), with a reading db; NULL mostly
    void (*ask)(struct request *request);     // asks ahead (db_ask) what load and handle will ask of the database; session.person may be wrong. NULL mostly
    int (*load)(struct request *request);     // finds the entity, fills subject.relation and .state; -ENOENT: 404. NULL: no dialogue
    int (*handle)(struct request *request);
    int (*again)(struct request *request);    // of a POST: shows its page again with request->errors and what was typed (request_form)
    const struct view *answer;                // of JSON; NULL: redirect or none
    unsigned flags;
    size_t (*body)(const struct app *app);    // the largest body, for who is signed in, where a form of a page is not enough; NULL mostly
    const char *summary;                      // English, for OpenAPI
};

// What was sent with a form, checked. NULL when the route has none or another one: routes that show the same page again after a refusal differ in theirs.
static inline const void *request_form(const struct request *request, const struct form *form)
{
    return request->route->form == form ? request->form : NULL;
}

struct feature {
    const char *name;
    const struct route *routes;
    size_t count;
};

// Registers a feature's table; collected at link time in the section "features".
#define FEATURE(identifier, array)                                                                              \
    static const struct feature identifier##_feature = { #identifier, array, sizeof(array) / sizeof((array)[0]) }; \
    static const struct feature *const identifier##_feature_entry                                               \
        __attribute__((used, retain, section("features"))) = &identifier##_feature

// Handlers and loads return 0, or: -ENOENT 404 (also for what the person may not know of), -EACCES 403, -EINVAL 422 with request->errors (or 400 without any),
// -EEXIST 409, -EAGAIN 429, -ENOSPC 503, -EBADMSG and others 500 (logged once).
// Denied by policy: 404 where the person is nothing (or nothing any more) to the dialogue, 403 otherwise.
// 'again' runs like a GET of its page: its load and policy run before it, and when it shows content it sets request->event.kind itself.
