// SPDX-License-Identifier: MPL-2.0
#include "web/problem.h"

#include <assert.h>
#include <errno.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "web/answer.h"
#include "web/url.h"
#include "web/web_html.h"

struct wording {
    unsigned status;
    const char *title, *detail, *advice;
};

static const struct wording wordings[PROBLEM_COUNT] = {
    [PROBLEM_MALFORMED] = {
        400,
        TEXT("We could not read that"),
        TEXT("Something in the address or in what was sent is broken. Nothing was changed."),
        TEXT("Go back and try once more."),
    },
    [PROBLEM_SIGN_IN] = {
        401,
        TEXT("You are signed out"),
        TEXT("We sign people out after a while, so that nobody else can read this. Nothing was changed."),
        TEXT("Sign in again to go on."),
    },
    [PROBLEM_DENIED] = {
        403,
        TEXT("You can’t do this"),
        TEXT("It takes another role than yours. Nothing was changed."),
        TEXT("Ask the coordinator of the dialogue if you need it."),
    },
    [PROBLEM_FORGED] = {
        403,
        TEXT("The page was too old"),
        TEXT("For your safety we only take what is sent from a fresh page here. "
             "Nothing was changed."),
        TEXT("Open the page again and send once more."),
    },
    [PROBLEM_NOT_FOUND] = {
        404,
        TEXT("There is nothing here"),
        TEXT("The page is gone, or it is not for you to see."),
        TEXT("Check the address, or go to the front page."),
    },
    [PROBLEM_METHOD] = {
        405,
        TEXT("That can’t be done here"),
        TEXT("The address exists, but not for this. Nothing was changed."),
        TEXT("Go to the front page and start from there."),
    },
    [PROBLEM_FORMAT] = {
        406,
        TEXT("Not in that format"),
        TEXT("This page can’t be had in the format that was asked for."),
        TEXT("Ask for another format."),
    },
    [PROBLEM_CONFLICT] = {
        409,
        TEXT("It is there already"),
        TEXT("Somebody has done this before you, perhaps just now. Nothing was changed."),
        TEXT("Open the page again and look."),
    },
    [PROBLEM_TOO_LARGE] = {
        413,
        TEXT("That was too much at once"),
        TEXT("It is more than we can take in one go. Nothing was saved."),
        TEXT("Send less at a time: large pictures and files one by one."),
    },
    [PROBLEM_MEDIA_TYPE] = {
        415,
        TEXT("We can’t read that kind of content"),
        TEXT("It was sent in a form that we do not know. Nothing was changed."),
        TEXT("Send it as a form or as JSON."),
    },
    [PROBLEM_REFUSED] = {
        422,
        TEXT("Something has to be changed"),
        TEXT("We could not save it as it is. Nothing was changed."),
        TEXT("Go back, correct it and send again."),
    },
    [PROBLEM_TOO_MANY] = {
        429,
        TEXT("That went a little too fast"),
        TEXT("We got very many requests from you in a short time. Nothing was changed."),
        TEXT("Wait a minute and try again."),
    },
    [PROBLEM_FAILED] = {
        500,
        TEXT("Something went wrong with us"),
        TEXT("It is our fault, not yours. Nothing was changed."),
        TEXT("Try again in a little while. Tell us if it goes on."),
    },
    [PROBLEM_BUSY] = {
        503,
        TEXT("We are busy just now"),
        TEXT("We could not finish it. Nothing was changed."),
        TEXT("Try again in a minute."),
    },
    [PROBLEM_FULL] = {
        503,
        TEXT("We can’t save anything just now"),
        TEXT("There is no room left on our server. Nothing was changed."),
        TEXT("Keep your text and try again later."),
    },
    [PROBLEM_DOUBT] = {
        503,
        TEXT("We don’t know if it was saved"),
        TEXT("Our disk failed just as we saved. It may be there, or not."),
        TEXT("Wait a minute. Open the page again and look before you send once more."),
    },
};

enum problem problem_of(const struct request *request, int error)
{
    switch (error) {
    case 0:
        return PROBLEM_NONE;
    case -ENOENT:
        return PROBLEM_NOT_FOUND;
    case -EACCES:
        return PROBLEM_DENIED;
    case -EINVAL:
        return request->errors.count != 0 ? PROBLEM_REFUSED : PROBLEM_MALFORMED;
    case -EPROTONOSUPPORT:
        return PROBLEM_FORMAT;
    case -EEXIST:
        return PROBLEM_CONFLICT;
    case -EAGAIN:
        return PROBLEM_TOO_MANY;
    case -ESHUTDOWN:
    case -EBUSY:
    case -ECONNRESET:   // of the database
    case -EHOSTDOWN:
        return PROBLEM_BUSY;
    case -ENOSPC:
        log_event(LOG_ERROR, "disk-full", "route=%s", request->route ? request->route->path : "?");
        return PROBLEM_FULL;
    case -ENOTRECOVERABLE:   // logged by the writer
        return PROBLEM_DOUBT;
    default:
        log_event(LOG_ERROR, "request-failed", "route=%s errno=%d",
                  request->route ? request->route->path : "?", -error);
        return PROBLEM_FAILED;
    }
}

unsigned problem_status(enum problem problem)
{
    assert(problem > PROBLEM_NONE && problem < PROBLEM_COUNT);
    return wordings[problem].status;
}

struct problem_field {
    struct str field;
    struct str message;
};

struct problem_json {
    struct str type, title, detail;
    int64_t status;
    const struct problem_field *errors;
    size_t errors_count;
};

static const struct view_field field_fields[] = {
    VIEW_STR(struct problem_field, field, "Name of the field; empty: the whole form"),
    VIEW_STR(struct problem_field, message, "What to change, in the person's language"),
};
static const struct view field_view = VIEW("FieldError", struct problem_field, field_fields);

static const struct view_field json_fields[] = {
    VIEW_STR(struct problem_json, type, "Always about:blank"),
    VIEW_STR(struct problem_json, title, "What happened"),
    VIEW_INT(struct problem_json, status, "HTTP status"),
    VIEW_STR(struct problem_json, detail, "What it means"),
    VIEW_LIST(struct problem_json, errors, &field_view, "What has to be changed in a form"),
};
static const struct view json_view = VIEW("Problem", struct problem_json, json_fields);

const struct view *problem_view(void)
{
    return &json_view;
}

static int answer_problem_json(struct request *request, const struct wording *wording)
{
    struct problem_field fields[FORM_ERRORS_MAX];
    for (size_t i = 0; i < request->errors.count; i++)
        fields[i] = (struct problem_field){ str_from(request->errors.list[i].field),
                                            request->errors.list[i].message };
    struct problem_json json = {
        .type = STR("about:blank"),
        .title = request_text(request, wording->title),
        .detail = request_text(request, wording->detail),
        .status = wording->status,
        .errors = fields,
        .errors_count = request->errors.count,
    };
    struct answer *answer = request->answer;
    answer_body(answer);
    view_json(&answer->body, &json_view, &json);
    answer->kind = ANSWER_BODY;
    answer->type = "application/problem+json";
    return answer->body.error;
}

int problem_answer(struct request *request, enum problem problem, const struct problem_way *way)
{
    assert(problem > PROBLEM_NONE && problem < PROBLEM_COUNT);
    const struct wording *wording = &wordings[problem];
    struct answer *answer = request->answer;
    answer_reset(answer);
    answer->body_hint = NULL;   // the route's pages have another length
    answer->status = wording->status;
    if (problem == PROBLEM_BUSY || problem == PROBLEM_FULL || problem == PROBLEM_DOUBT)
        answer_header(answer, "Retry-After", STR("30"));
    if (request->wants_json)
        return answer_problem_json(request, wording);
    request->errors.said = UINT32_MAX;
    struct problem_page page = {
        .title = request_text(request, wording->title),
        .detail = request_text(request, wording->detail),
        .advice = request_text(request, wording->advice),
        .sign_in = problem == PROBLEM_SIGN_IN,
        .back = url_local(request->arena, way->back),
        .next = way->back,
        .text = way->text,
        .errors = request->errors.list,
        .errors_count = request->errors.count,
    };
    return answer_html(request, problem_any, page.title, &page);
}

// "25 MB", "256 KB": what is left over is room for the form itself.
int problem_answer_too_large(struct request *request, size_t limit, struct str back)
{
    _cleanup_(buf_free) struct buf text = buf_bounded(1000);
    bool large = limit >> 20 > 0;
    struct str most = arena_format(request->arena, large ? "%zu MB" : "%zu KB", limit >> (large ? 20 : 10));
    if (!most.ptr)
        return -ENOMEM;
    text_format(&text, request_text(request, TEXT("At most {most} can be sent in one go.")), &(struct text_value){ "most", most }, 1);
    struct str message = arena_str(request->arena, buf_view(&text));
    if (message.ptr)
        form_error_add(&request->errors, "", message);
    return problem_answer(request, PROBLEM_TOO_LARGE, &(struct problem_way){ .back = back, .text = STR("") });
}
