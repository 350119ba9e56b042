// SPDX-License-Identifier: MPL-2.0
// Random sequences of what people do and what time brings, held against a second model that is as simple as can be: a few numbers for each person.
#include "feature/consent/consent.h"

#include "policy/policy.h"
#include "feature/dialogue/post.h"
#include "web/router_fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { CITIZEN = 1001, MOTHER = 1002, COORDINATOR = 1003, AUNT = 1004, FIRST_NEW = 3001 };
enum { GIVERS = 3, NEWCOMERS = 3, STEPS = 400 };
static const int64_t givers[GIVERS] = { CITIZEN, MOTHER, AUNT };

// As one would tell it.
struct told {
    bool asked, in;
    bool yes[GIVERS], today[GIVERS];
    int64_t until[GIVERS];
    int64_t from;       // the first message that they may see
    int64_t proposal;
};

struct world {
    struct write_job job;   // first
    struct app *app;
    struct dialogue_scene scene;
    uint64_t seed;
    int64_t dialogue;
    int64_t last;           // message
    bool closed;
    struct told people[NEWCOMERS];
};

static uint64_t any(struct world *world, uint64_t below)
{
    world->seed ^= world->seed << 13;
    world->seed ^= world->seed >> 7;
    world->seed ^= world->seed << 17;
    return world->seed % below;
}

static int64_t end_of(const struct told *told)
{
    int64_t end = INT64_MAX;
    for (int i = 0; i < GIVERS; i++)
        if (told->until[i] < end)
            end = told->until[i];
    return end;
}

// Since when somebody who is in has no consent of all any more; INT64_MAX: nobody.
static int64_t lapsed_since(const struct world *world)
{
    int64_t since = INT64_MAX;
    for (int i = 0; i < NEWCOMERS; i++)
        if (world->people[i].in && end_of(&world->people[i]) <= world->scene.now && end_of(&world->people[i]) < since)
            since = end_of(&world->people[i]);
    return since;
}

static bool all_yes(const struct told *told)
{
    return told->yes[0] && told->yes[1] && told->yes[2];
}

static void come_in(struct world *world, struct told *told)
{
    if (!all_yes(told) || end_of(told) <= world->scene.now)
        return;
    told->in = true;
    told->asked = false;
    told->from = told->today[0] || told->today[1] || told->today[2] ? world->last + 1 : 1;
}

static void forget(struct told *told)
{
    *told = (struct told){ .proposal = told->proposal };
}

static struct dialogue *as(struct world *world, int64_t person)
{
    struct dialogue *dialogue;
    assert_int_equal(dialogue_open(&world->scene, world->dialogue, person, &dialogue), 0);
    return dialogue;
}

static int propose(struct world *world, int64_t person, struct told *told)
{
    struct proposal_new what = { .person = person, .relation = RELATION_PROFESSIONAL, .name = STR("Ny"), .words = STR("lærer"), .email = STR(""),
                                 .purpose = STR("hjælp"), .statute = STR(""), .reason = STR("") };
    bool can = !told->asked && !told->in;
    int64_t id;
    int result = proposal_make(as(world, COORDINATOR), &what, 12, &id);
    assert_int_equal(result, can ? 0 : -EEXIST);
    if (can)
        *told = (struct told){ .asked = true, .proposal = id };
    return result;
}

static int grant(struct world *world, struct told *told, int giver, struct proposal *proposal, struct consent_answer *answer)
{
    struct consent_effect effect;
    bool can = told->asked && !told->yes[giver] && !world->closed;
    answer->from_today = any(world, 2);
    int result = consent_grant(&world->scene, proposal, answer, &effect);
    assert_int_equal(result == 0, can);
    if (can) {
        told->yes[giver] = true;
        told->today[giver] = answer->from_today;
        told->until[giver] = consent_until(world->scene.now, answer->months);
        come_in(world, told);
    }
    return result;
}

static int renew(struct world *world, struct told *told, int giver, struct proposal *proposal, struct consent_answer *answer)
{
    struct consent_effect effect;
    bool can = told->yes[giver] && (told->in || (told->asked && !world->closed));
    int result = consent_renew(&world->scene, proposal, answer, &effect);
    assert_int_equal(result == 0, can);
    if (can) {
        told->until[giver] = consent_until(world->scene.now, answer->months);
        if (told->asked)
            come_in(world, told);
    }
    return result;
}

static int say_no(struct world *world, struct told *told, int giver, struct proposal *proposal, struct consent_answer *answer)
{
    struct consent_effect effect;
    bool back = told->yes[giver];
    bool can = told->asked || (back && told->in);
    int result = back ? consent_withdraw(&world->scene, proposal, answer, &effect) : consent_decline(&world->scene, proposal, answer, &effect);
    assert_int_equal(result == 0, can);
    if (can)
        forget(told);
    return result;
}

static int answer_one(struct world *world, struct told *told)
{
    struct proposal proposal;
    int giver = (int)any(world, GIVERS);
    struct consent_answer answer = { .giver = givers[giver], .months = 1 + (int)any(world, 3) };
    if (told->proposal == 0)
        return 0;
    assert_int_equal(proposal_get(&world->scene, told->proposal, &proposal), 0);
    switch (any(world, 40)) {
    case 0:
        return say_no(world, told, giver, &proposal, &answer);
    case 1 ... 6:
        return renew(world, told, giver, &proposal, &answer);
    default:
        return grant(world, told, giver, &proposal, &answer);
    }
}

static int close_or_open(struct world *world)
{
    struct dialogue *dialogue = as(world, COORDINATOR);
    int result = world->closed ? dialogue_reopen(dialogue) : dialogue_close(dialogue);
    bool can = !world->closed || lapsed_since(world) == INT64_MAX;
    if (!world->closed && any(world, 4))
        return result < 0 ? result : -ECANCELED;   // mostly open, so that enough happens: undone
    assert_int_equal(result, can ? 0 : -EKEYEXPIRED);
    if (can)
        world->closed = !world->closed;
    return result;
}

static int write_one(struct world *world)
{
    int64_t number;
    bool again;
    if (world->closed || lapsed_since(world) != INT64_MAX)
        return 0;   // the routes' permission says no before
    int result = post_write(as(world, CITIZEN), &(struct post_new){ .text = STR("Besked") }, &number, &again);
    assert_int_equal(result, 0);
    world->last++;
    assert_int_equal(number, world->last);
    return 0;
}

static int pass_time(struct world *world)
{
    struct consent_settings settings = { .months = 12, .reminders = { 30, 7, 1 }, .reminders_count = 3, .close_ms = 30 * DAY_MS };
    world->scene.now += (int64_t)any(world, 20 * DAY_MS);
    if (any(world, 2) == 0)
        return 0;
    int result = consent_tick(&world->scene, world->app->audit, &settings);
    assert_int_equal(result, 0);
    world->closed = world->closed || lapsed_since(world) <= world->scene.now - settings.close_ms;
    return 0;
}

static int exclude(struct world *world, int64_t person, struct told *told)
{
    int result = dialogue_end(as(world, COORDINATOR), person);
    assert_int_equal(result, told->in ? 0 : -ENOENT);
    if (told->in)
        forget(told);
    return result;
}

static int step(struct world *world)
{
    size_t who = any(world, NEWCOMERS);
    int64_t person = FIRST_NEW + (int64_t)who;
    struct told *told = &world->people[who];
    world->scene.now += 1000;
    switch (any(world, 40)) {
    case 0 ... 4:
        return propose(world, person, told);
    case 5:
        return exclude(world, person, told);
    case 6 ... 7:
        return close_or_open(world);
    case 8 ... 10:
        return pass_time(world);
    case 11 ... 14:
        return write_one(world);
    default:
        return answer_one(world, told);
    }
}

static bool reads(struct world *world, int64_t person, enum role role, int64_t *ret_first, size_t *ret_seen)
{
    struct dialogue *dialogue;
    const struct post *posts;
    int result = dialogue_open(&world->scene, world->dialogue, person, &dialogue);
    if (result == -ENOENT)
        return false;
    assert_int_equal(result, 0);
    struct policy_subject subject = { role, dialogue->relation, dialogue->state };
    if (!policy_allows(PERMISSION_DIALOGUE_READ, &subject))
        return false;
    *ret_first = dialogue_first_visible(dialogue);
    assert_int_equal(post_after(dialogue, 0, 1000, &posts, ret_seen), 0);
    return true;
}

static void check(struct world *world)
{
    bool locked = !world->closed && lapsed_since(world) != INT64_MAX;
    int64_t first;
    size_t seen;
    assert_int_equal(as(world, CITIZEN)->state, locked ? DIALOGUE_LOCKED : world->closed ? DIALOGUE_CLOSED : DIALOGUE_OPEN);
    assert_true(reads(world, CITIZEN, ROLE_PUBLIC, &first, &seen));
    assert_int_equal(seen, world->last);
    assert_int_equal(reads(world, MOTHER, ROLE_PUBLIC, &first, &seen), !locked);
    for (int i = 0; i < NEWCOMERS; i++) {
        const struct told *told = &world->people[i];
        bool expected = told->in && end_of(told) > world->scene.now && !locked;
        assert_int_equal(reads(world, FIRST_NEW + i, ROLE_EMPLOYEE, &first, &seen), expected);
        if (!expected)
            continue;
        assert_int_equal(first, told->from);
        assert_int_equal(seen, world->last - told->from + 1);
    }
}

static void begin(struct world *world)
{
    struct dialogue *dialogue;
    assert_int_equal(dialogue_start(&world->scene, &(struct dialogue_new){ .unit = 1, .citizen = CITIZEN, .coordinator = COORDINATOR, .topic = STR("Blåbær"),
        .citizen_words = STR("borger"), .coordinator_words = STR("sagsbehandler") }, &dialogue), 0);
    world->dialogue = dialogue->id;
    assert_int_equal(dialogue_admit(dialogue, MOTHER, RELATION_RELATIVE, STR("mor")), 0);
    assert_int_equal(dialogue_admit(dialogue, AUNT, RELATION_RELATIVE, STR("moster")), 0);
    assert_int_equal(consent_rule_set(dialogue, CITIZEN, CONSENT_BASIS_OWN), 0);
    assert_int_equal(consent_rule_set(dialogue, MOTHER, CONSENT_BASIS_CUSTODY), 0);
    assert_int_equal(consent_rule_set(dialogue, AUNT, CONSENT_BASIS_ATTORNEY), 0);
    assert_int_equal(consent_rule_set(dialogue, AUNT, CONSENT_BASIS_OWN), -EINVAL);
    assert_int_equal(consent_rule_set(dialogue, COORDINATOR, CONSENT_BASIS_ATTORNEY), -EINVAL);
}

static int live(struct write_job *job, struct db *db)
{
    struct world *world = (struct world *)job;
    world->scene.db = db;
    begin(world);
    for (int i = 0; i < STEPS; i++) {
        arena_reset(world->scene.arena);
        assert_int_equal(db_savepoint(db), 0);
        int result = step(world);
        assert_int_equal(result < 0 ? db_savepoint_rollback(db) : db_savepoint_release(db), 0);
        check(world);
    }
    return 0;
}

static void done(struct write_job *job, int result)
{
    assert_int_equal(result, 0);
}

static void whatever_happens_the_program_and_the_telling_agree(void **state)
{
    struct installation *installation;
    assert_int_equal(installation_start(&installation), 0);
    struct app *app = installation_app(installation);
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct world world = { .job = { .apply = live, .done = done }, .app = app, .seed = seed * UINT64_C(0x9e3779b97f4a7c15),
                               .scene = { .now = clock_now(app->clock) } };
        assert_int_equal(arena_new((size_t)64 << 20, &world.scene.arena), 0);
        assert_int_equal(keyring_new(app->keeper, &world.scene.keys), 0);
        assert_int_equal(writer_run(app->writer, &world.job), 0);
        keyring_free(world.scene.keys);
        arena_free(world.scene.arena);
    }
    installation_stop(installation);
}

static void a_consent_ends_as_a_day_begins_and_never_after_what_was_said(void **state)
{
    static const struct {
        int year, month, day, months, to_year, to_month, to_day;
    } cases[] = {
        { 2026, 11, 22, 12, 2027, 11, 22 }, { 2028, 2, 29, 12, 2029, 3, 1 }, { 2027, 2, 28, 12, 2028, 2, 28 }, { 2026, 1, 31, 1, 2026, 3, 1 },
        { 2028, 1, 31, 1, 2028, 3, 1 }, { 2026, 12, 31, 2, 2027, 3, 1 }, { 2026, 8, 31, 6, 2027, 3, 1 }, { 2026, 12, 1, 1, 2027, 1, 1 },
        { 2027, 3, 27, 1, 2027, 4, 27 }, { 2027, 10, 30, 1, 2027, 11, 30 }, { 2026, 11, 30, 3, 2027, 3, 1 },
    };
    setenv("TZ", "Europe/Copenhagen", 1);
    tzset();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t now = clock_days(cases[i].year, cases[i].month, cases[i].day) * DAY_MS + 11 * HOUR_MS;
        struct civil end = clock_civil(consent_until(now, cases[i].months));
        assert_int_equal(end.year, cases[i].to_year);
        assert_int_equal(end.month, cases[i].to_month);
        assert_int_equal(end.day, cases[i].to_day);
        assert_int_equal(end.hour * 3600 + end.minute * 60 + end.second, 0);
    }
}

static void what_is_over_stays_over(void **state)
{
    static const enum consent_state consents[] = { CONSENT_DECLINED, CONSENT_WITHDRAWN, CONSENT_ENDED };
    static const enum proposal_state proposals[] = { PROPOSAL_REJECTED, PROPOSAL_REMOVED };
    for (int event = 0; event < 40; event++) {
        for (size_t i = 0; i < sizeof(consents) / sizeof(consents[0]); i++)
            assert_int_equal(consent_next(consents[i], (enum consent_event)event), CONSENT_NONE);
        for (size_t i = 0; i < sizeof(proposals) / sizeof(proposals[0]); i++)
            assert_int_equal(proposal_next(proposals[i], (enum proposal_event)event), PROPOSAL_NONE);
        assert_int_equal(dialogue_next(DIALOGUE_JOURNALISED, (enum dialogue_event)event), DIALOGUE_UNSET);
        assert_int_equal(consent_next((enum consent_state)99, (enum consent_event)event), CONSENT_NONE);
    }
}

static void who_is_proposed_reads_nothing_in_any_state(void **state)
{
    for (enum dialogue_state dialogue = DIALOGUE_UNSET; dialogue < DIALOGUE_STATE_COUNT; dialogue++)
        for (enum proposal_state person = PROPOSAL_NONE; person < PROPOSAL_STATE_COUNT; person++)
            for (int special = 0; special < 2; special++)
                assert_int_equal(consent_sight(person, false, dialogue, special) != CONSENT_SEES_NOTHING,
                                 person == PROPOSAL_ACTIVE && (dialogue != DIALOGUE_LOCKED || special));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_consent_ends_as_a_day_begins_and_never_after_what_was_said),
        cmocka_unit_test(what_is_over_stays_over),
        cmocka_unit_test(who_is_proposed_reads_nothing_in_any_state),
        cmocka_unit_test(whatever_happens_the_program_and_the_telling_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
