// SPDX-License-Identifier: MPL-2.0
// Consents told whole, for one's own folder: every record, in words.
#include "base/cleanup.h"
#include "feature/consent/consent_page.h"
#include "feature/consent/consent_sql.h"
#include "feature/consent_text/consent_text.h"

#include <errno.h>

struct telling {
    struct consent_maker maker;
    int (*each)(void *context, const struct consent_line *line);
    void *context;
};

static struct str with_values(struct telling *telling, const char *english, const struct text_value *values, size_t count)
{
    _cleanup_(buf_free) struct buf text = buf_bounded(1000);
    text_format(&text, request_text(telling->maker.request, english), values, count);
    return arena_str(telling->maker.scene.arena, buf_view(&text));
}

// A consent ends as a day begins: the day before is the last.
static struct str step_words(struct telling *telling, const struct consent_step *step)
{
    struct dates *dates = &telling->maker.dates;
    bool moment = step->event == CONSENT_GRANT && step->from_today;   // what was written earlier that day is not seen
    const struct text_value values[] = { { "date", moment ? dates_moment(dates, step->at) : dates_date(dates, step->at) },
                                         { "last", step->until ? dates_date(dates, step->until - 1) : STR("") } };
    switch (step->event) {
    case CONSENT_ASK:
        return with_values(telling, TEXT("{date}: asked"), values, 2);
    case CONSENT_GRANT:
        return with_values(telling, step->from_today ? TEXT("{date}: yes, to what is written from then on, through {last}")
                                                     : TEXT("{date}: yes, to everything, through {last}"), values, 2);
    case CONSENT_RENEW:
        return with_values(telling, TEXT("{date}: yes again, through {last}"), values, 2);
    case CONSENT_DECLINE:
        return with_values(telling, TEXT("{date}: no"), values, 2);
    case CONSENT_WITHDRAW:
        return with_values(telling, TEXT("{date}: taken back"), values, 2);
    default:
        return with_values(telling, TEXT("{date}: over"), values, 2);
    }
}

static int fill_steps(struct telling *telling, const struct proposal *proposal, struct consent_line *line)
{
    struct arena *arena = telling->maker.scene.arena;
    struct consent_step *steps = arena_array(arena, CONSENT_STEPS_MAX, sizeof(*steps));
    struct str *words = arena_array(arena, CONSENT_STEPS_MAX, sizeof(*words));
    int result = steps && words ? consent_history(&telling->maker.scene, proposal, telling->maker.request->session.person, steps, &line->steps_count) : -ENOMEM;
    for (size_t i = 0; result == 0 && i < line->steps_count; i++)
        words[i] = step_words(telling, &steps[i]);
    line->steps = steps;
    line->steps_words = words;
    return result;
}

static int tell_version(struct telling *telling, enum consent_text_kind kind, int64_t version, struct consent_told *ret_told)
{
    struct consent_text text;
    int result = consent_text_get(&telling->maker.accounts, version, &text);
    if (result == 0)
        *ret_told = (struct consent_told){ version, text.words[kind][telling->maker.request->language] };
    return result;
}

// What the records name, each once. Asking shows no text yet.
static int fill_told(struct telling *telling, const struct consent_step *steps, size_t count, struct consent_line *line)
{
    struct consent_told *told = arena_array(telling->maker.scene.arena, count + 1, sizeof(*told));
    int result = told ? 0 : -ENOMEM;
    line->told = told;
    for (size_t i = 0; result == 0 && i < count; i++) {
        size_t at = 0;
        bool law = steps[i].basis == CONSENT_BASIS_STATUTE, own = steps[i].basis == CONSENT_BASIS_OWN;
        while (at < line->told_count && told[at].version != steps[i].text_version)
            at++;
        if (steps[i].event == CONSENT_ASK || steps[i].text_version == 0 || at < line->told_count)
            continue;
        result = tell_version(telling, law ? CONSENT_TEXT_LAW : own ? CONSENT_TEXT_OWN : CONSENT_TEXT_RELATIVE, steps[i].text_version, &told[at]);
        line->told_count += result == 0;
        result = result == -ENOENT || result == -EBADMSG ? 0 : result;
    }
    return result;
}

static int fill_line(struct telling *telling, const struct proposal *proposal, struct consent_line *line)
{
    struct consent_maker *maker = &telling->maker;
    struct dialogue *dialogue;
    struct account account = { .id = 0 };
    *line = (struct consent_line){ .proposal = proposal->id, .dialogue = proposal->dialogue, .person = proposal->person, .words = proposal->words, .topic = STR(""),
        .purpose = proposal->purpose, .statute = proposal->statute, .reason = proposal->reason, .status = STR(""), .sees = STR(""), .question = STR("") };
    int result = proposal->person ? account_get(&maker->accounts, proposal->person, &account) : 0;
    line->name = proposal->person ? account.name : proposal->name;
    if (result == 0)
        result = dialogue_open(&maker->scene, proposal->dialogue, maker->request->session.person, &dialogue);
    if (result < 0)
        return result == -ENOENT ? 0 : result;
    // Who asked for a consent of a dialogue that is locked now is told of the consent, and not what the dialogue is called.
    struct policy_subject subject = { maker->request->session.role, dialogue->relation, dialogue->state };
    if (policy_allows(PERMISSION_DIALOGUE_READ, &subject))
        line->topic = dialogue->topic;
    return 0;
}

static int tell_given(struct telling *telling, const struct consent *consent)
{
    struct consent_maker *maker = &telling->maker;
    struct proposal proposal;
    struct consent_line line;
    int result = proposal_get(&maker->scene, consent->proposal, &proposal);
    if (result == 0)
        result = fill_line(telling, &proposal, &line);
    if (result == 0)
        result = fill_steps(telling, &proposal, &line);
    if (result == 0)
        result = fill_told(telling, line.steps, line.steps_count, &line);
    if (result < 0)
        return result;
    line.question = with_values(telling, TEXT("May {name} take part?"), &(struct text_value){ "name", line.name }, 1);
    line.status = consent_status(maker, consent);
    result = consent_sees(maker, &proposal, consent, &line.sees);
    return result < 0 ? result : telling->each(telling->context, &line);
}

// Who the law lets into the dialogues about oneself.
static int tell_law(struct telling *telling)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_consent_about row;
    struct consent_maker *maker = &telling->maker;
    struct consent_step *steps = arena_array(maker->scene.arena, CONSENT_STEPS_MAX, sizeof(*steps));
    size_t count;
    if (!steps)
        return -ENOMEM;
    int result = sql_consent_about(maker->scene.db, &(struct sql_consent_about_in){
        .person = maker->request->session.person, .active = PROPOSAL_ACTIVE, .count = CONSENT_LIST_MAX }, &stmt);
    while (result == 0 && (result = sql_consent_about_next(stmt, &row)) == 1) {
        struct proposal proposal;
        struct consent_line line;
        result = proposal_get(&maker->scene, row.id, &proposal);
        if (result < 0 || proposal.statute.len == 0 || proposal.state != PROPOSAL_ACTIVE)
            continue;
        result = fill_line(telling, &proposal, &line);
        line.since = proposal.changed;
        if (result == 0)
            result = consent_history(&maker->scene, &proposal, proposal.givers[0].person, steps, &count);
        if (result == 0)
            result = fill_told(telling, steps, count, &line);
        if (result == 0)
            result = telling->each(telling->context, &line);
    }
    return result;
}

int consent_tell_all(struct request *request, struct arena *scratch, int (*each)(void *context, const struct consent_line *line), void *context)
{
    struct telling telling = { .maker = consent_maker_of(request), .each = each, .context = context };
    const struct consent *list;
    size_t count;
    telling.maker.scene.arena = telling.maker.accounts.arena = scratch;
    telling.maker.scene.vault = NULL;   // all of it once: nothing worth keeping opened
    telling.maker.dates = dates_begin(request->arena, request->language, 0);   // seen from another year, so that every date says its own
    int result = consent_list(&telling.maker.scene, request->session.person, &list, &count);
    for (size_t i = 0; result == 0 && i < count; i++)
        result = tell_given(&telling, &list[i]);
    return result == 0 ? tell_law(&telling) : result;
}
