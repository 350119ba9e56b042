// SPDX-License-Identifier: MPL-2.0
// The machines as docs/consent.md shows them.
#include "feature/consent/consent.h"

static void draw_head(FILE *out, const char *title)
{
    fprintf(out, "### %s\n\n```mermaid\nstateDiagram-v2\n", title);
}

static void draw_arrow(FILE *out, const char *from, const char *to, const char *event)
{
    fprintf(out, "    %s --> %s: %s\n", from, to, event);
}

static void draw_consent(FILE *out)
{
    draw_head(out, "A giver's consent");
    for (enum consent_state state = CONSENT_NONE; state < CONSENT_STATE_COUNT; state++)
        for (enum consent_event event = CONSENT_ASK; event < CONSENT_EVENT_COUNT; event++)
            if (consent_next(state, event))
                draw_arrow(out, consent_state_name(state), consent_state_name(consent_next(state, event)), consent_event_name(event));
    fprintf(out, "```\n\n");
}

static void draw_proposal(FILE *out)
{
    draw_head(out, "Somebody who is to take part");
    for (enum proposal_state state = PROPOSAL_PROPOSED; state < PROPOSAL_STATE_COUNT; state++)
        for (enum proposal_event event = PROPOSAL_ASK; event < PROPOSAL_EVENT_COUNT; event++)
            if (proposal_next(state, event))
                draw_arrow(out, proposal_state_name(state), proposal_state_name(proposal_next(state, event)), proposal_event_name(event));
    fprintf(out, "```\n\n");
}

static void draw_dialogue(FILE *out)
{
    draw_head(out, "The dialogue");
    for (enum dialogue_state state = DIALOGUE_OPEN; state < DIALOGUE_STATE_COUNT; state++)
        for (enum dialogue_event event = DIALOGUE_LAPSE; event < DIALOGUE_EVENT_COUNT; event++)
            if (dialogue_next(state, event))
                draw_arrow(out, policy_state_name(state), policy_state_name(dialogue_next(state, event)), dialogue_event_name(event));
    fprintf(out, "```\n\n");
}

static const enum dialogue_state states[] = { DIALOGUE_OPEN, DIALOGUE_LOCKED, DIALOGUE_CLOSED, DIALOGUE_JOURNALISED };
#define STATES (sizeof(states) / sizeof(states[0]))

static const char *sight_name(enum proposal_state person, bool from_today, enum dialogue_state state, bool citizen_or_coordinator)
{
    static const char *const names[] = { [CONSENT_SEES_NOTHING] = "–", [CONSENT_SEES_ALL] = "all", [CONSENT_SEES_FROM_TODAY] = "from that day" };
    return names[consent_sight(person, from_today, state, citizen_or_coordinator)];
}

static void draw_row(FILE *out, const char *more, enum proposal_state person, bool from_today, bool citizen_or_coordinator)
{
    fprintf(out, "| %s%s |", proposal_state_name(person), more);
    for (size_t i = 0; i < STATES; i++)
        fprintf(out, " %s |", sight_name(person, from_today, states[i], citizen_or_coordinator));
    fprintf(out, "\n");
}

static void draw_sight(FILE *out)
{
    fprintf(out, "### What they read\n\n| |");
    for (size_t i = 0; i < STATES; i++)
        fprintf(out, " %s |", policy_state_name(states[i]));
    fprintf(out, "\n|---|---|---|---|---|\n");
    for (enum proposal_state person = PROPOSAL_PROPOSED; person < PROPOSAL_STATE_COUNT; person++)
        draw_row(out, "", person, false, false);
    draw_row(out, ", from today", PROPOSAL_ACTIVE, true, false);
    draw_row(out, ", citizen or coordinator", PROPOSAL_ACTIVE, false, true);
    draw_row(out, ", coordinator, from today", PROPOSAL_ACTIVE, true, true);
}

void consent_draw(FILE *out)
{
    draw_consent(out);
    draw_proposal(out);
    draw_dialogue(out);
    draw_sight(out);
}
