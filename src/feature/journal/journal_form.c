// SPDX-License-Identifier: MPL-2.0
#include "feature/journal/journal_form.h"

#include "feature/dialogue/post.h"
#include "web/request.h"

#include <errno.h>

static const char *const scopes[] = { "rest", "all", "period", "one", NULL };

static const struct form_field new_fields[] = {
    FORM_FIELD(struct journal_new_form, scope, FORM_CHOICE, TEXT("What is to be filed?"), .required = true, .choices = scopes,
               .missing = TEXT("Choose what is to be filed.")),
    FORM_FIELD(struct journal_new_form, post, FORM_ID, TEXT("Message"), .min = 1, .max = INT64_MAX),
    FORM_FIELD(struct journal_new_form, from, FORM_DATE, TEXT("Period: first day")),
    FORM_FIELD(struct journal_new_form, to, FORM_DATE, TEXT("Period: last day")),
    FORM_FIELD(struct journal_new_form, theme, FORM_TEXT, TEXT("Theme, in a few words"), .required = true, .min = 1, .max = JOURNAL_THEME_MAX,
               .missing = TEXT("Write in a few words what it is about.")),
    FORM_FIELD(struct journal_new_form, day, FORM_DATE, TEXT("Date of the entry"), .required = true),
};
const struct form journal_new_form = FORM("JournalForm", struct journal_new_form, new_fields);

static const struct form_field call_fields[] = {
    FORM_FIELD(struct journal_call_form, who, FORM_TEXT, TEXT("Who did you talk to?"), .required = true, .min = 1, .max = JOURNAL_WHO_MAX),
    FORM_FIELD(struct journal_call_form, day, FORM_DATE, TEXT("Which day?"), .required = true),
    FORM_FIELD(struct journal_call_form, clock, FORM_TEXT, TEXT("What time?"), .required = true, .min = 4, .max = 5),
    FORM_FIELD(struct journal_call_form, theme, FORM_TEXT, TEXT("Theme, in a few words"), .required = true, .min = 1, .max = JOURNAL_THEME_MAX,
               .missing = TEXT("Write in a few words what it is about.")),
    FORM_FIELD(struct journal_call_form, text, FORM_LINES, TEXT("What was said?"), .required = true, .min = 1, .max = JOURNAL_CALL_TEXT_MAX,
               .missing = TEXT("Write what was said.")),
    FORM_FIELD(struct journal_call_form, post, FORM_FLAG, TEXT("Write it in the dialogue too, so that everybody can read it")),
};
const struct form journal_call_form = FORM("JournalCallForm", struct journal_call_form, call_fields);

// Local time to ms: the zone's offset is asked for at the time that it would be without one.
static int64_t from_local(int64_t day, int hour, int minute)
{
    int64_t wanted = day * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS, ms = wanted;
    for (int i = 0; i < 2; i++) {
        struct civil c = clock_civil(ms);
        ms += wanted - (clock_days(c.year, c.month, c.day) * DAY_MS + c.hour * HOUR_MS + c.minute * MINUTE_MS);
    }
    return ms;
}

static int period(struct request *request, struct dialogue *dialogue, const struct journal_new_form *form, struct journal_ask *ask)
{
    int64_t behind;
    if (form->from == FORM_NO_DATE || form->to == FORM_NO_DATE || form->from > form->to)
        return request_refuse(request, "from", TEXT("Choose the first and the last day of the period."));
    int result = post_number_at(dialogue, from_local(form->from, 0, 0), &ask->first);
    if (result == 0)
        result = post_number_at(dialogue, from_local(form->to + 1, 0, 0), &behind);
    if (result < 0)
        return result;
    ask->last = behind - 1;
    return ask->last < ask->first ? request_refuse(request, "from", TEXT("Nobody wrote anything in that period.")) : 0;
}

static int rest(struct request *request, struct dialogue *dialogue, struct journal_ask *ask)
{
    const struct journal_range *ranges;
    size_t count;
    int result = journal_missing(dialogue, &ranges, &count);
    if (result < 0)
        return result;
    if (count == 0)
        return request_refuse(request, "scope", TEXT("Every message is filed."));
    ask->first = ranges[0].first;
    ask->last = ranges[count - 1].last;
    return 0;
}

int journal_form_range(struct request *request, struct dialogue *dialogue, const struct journal_new_form *form, struct journal_ask *ask)
{
    *ask = (struct journal_ask){ .kind = JOURNAL_MESSAGES, .theme = form->theme, .day = form->day, .language = request->language,
                                 .first = dialogue_first_visible(dialogue), .last = dialogue->last_number };
    if (ask->last < ask->first)
        return request_refuse(request, "scope", TEXT("Nobody has written yet, so there are no messages to file."));
    switch ((enum journal_scope)form->scope) {
    case JOURNAL_REST:
        return rest(request, dialogue, ask);
    case JOURNAL_PERIOD:
        return period(request, dialogue, form, ask);
    case JOURNAL_ONE:
        ask->first = ask->last = dialogue_asked_number(dialogue, form->post);
        return ask->first >= dialogue_first_visible(dialogue) && ask->first <= dialogue->last_number
            ? 0 : request_refuse(request, "scope", TEXT("That message is not there."));
    case JOURNAL_ALL:
    default:
        return 0;
    }
}

int journal_form_call(struct request *request, const struct journal_call_form *form, struct journal_ask *ask)
{
    struct str rest_of = form->clock;
    bool colon = memchr(form->clock.ptr, ':', form->clock.len) != NULL;
    struct str hours = str_cut(&rest_of, colon ? ':' : '.');
    int64_t hour = 0, minute = 0;
    // "09" has a leading zero, which str_to_int does not take.
    if (hours.len == 2 && hours.ptr[0] == '0')
        hours = (struct str){ hours.ptr + 1, 1 };
    if (rest_of.len == 2 && rest_of.ptr[0] == '0')
        rest_of = (struct str){ rest_of.ptr + 1, 1 };
    if (str_to_int(hours, &hour) < 0 || str_to_int(rest_of, &minute) < 0 || hour > 23 || minute > 59)
        return request_refuse(request, "clock", TEXT("Write the time as 14:30."));
    int64_t at = from_local(form->day, (int)hour, (int)minute);
    if (at > request->now)
        return request_refuse(request, "day", TEXT("The call can't be later than now."));
    *ask = (struct journal_ask){ .kind = JOURNAL_CALL, .theme = form->theme, .day = form->day, .language = request->language,
                                 .call = { .who = form->who, .text = form->text, .at = at } };
    return 0;
}
