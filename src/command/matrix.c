// SPDX-License-Identifier: MPL-2.0
#include "command/command.h"

#include "feature/consent/consent.h"
#include "web/router.h"

#include <errno.h>
#include <stdlib.h>

#define COLUMN 13   // wide enough for the longest name of a relation

struct entry {
    const struct feature *feature;
    const struct route *route;
};

struct entries {
    struct entry *list;
    size_t count;
    bool failed;
};

static void collect(const struct feature *feature, const struct route *route, void *data)
{
    struct entries *entries = data;
    struct entry *list = reallocarray(entries->list, entries->count + 1, sizeof(*list));

    if (!list) {
        entries->failed = true;
        return;
    }
    entries->list = list;
    entries->list[entries->count++] = (struct entry){ feature, route };
}

static int compare(const void *a, const void *b)
{
    const struct route *left = ((const struct entry *)a)->route,
                       *right = ((const struct entry *)b)->route;
    int by_path = strcmp(left->path, right->path);

    return by_path ? by_path : (int)left->method - (int)right->method;
}

// In which states of a dialogue this role and relation may use the route: a letter for each, as the explanation says.
static const char *states(const struct route *route, enum role role, enum relation relation)
{
    static const struct {
        enum dialogue_state state;
        char letter;
    } order[] = { { DIALOGUE_OPEN, 'o' }, { DIALOGUE_LOCKED, 'l' }, { DIALOGUE_CLOSED, 'c' }, { DIALOGUE_JOURNALISED, 'j' },
                  { DIALOGUE_SIDE, 's' }, { DIALOGUE_SIDE_ENDED, 'e' } };
    static char text[sizeof(order) / sizeof(order[0]) + 1];
    bool any = false;

    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        struct policy_subject subject = { role, relation, order[i].state };
        bool may = policy_allows(route->permission, &subject);

        text[i] = may ? order[i].letter : '-';
        any = any || may;
    }
    return any ? text : ".";
}

// How far somebody whose part rests on consent has come.
static const struct stage {
    const char *name;
    enum proposal_state state;
    bool from_today;
    bool last;
} stages[] = {
    { "proposed", PROPOSAL_PROPOSED, false, false },
    { "awaiting", PROPOSAL_AWAITING, false, false },
    { "from-today", PROPOSAL_ACTIVE, true, false },
    { "removed", PROPOSAL_REMOVED, false, true },
};
#define STAGES (sizeof(stages) / sizeof(stages[0]))

// As 'states', for who is, or is to be, a professional (an employee) or a relative (a citizen). Where they see only what was written since, in capitals.
static const char *staged(const struct route *route, enum role role, const struct stage *stage)
{
    static char text[20];
    enum relation as = role == ROLE_EMPLOYEE || role == ROLE_ADMINISTRATOR ? RELATION_PROFESSIONAL : RELATION_RELATIVE;
    const char *letters = states(route, role, consent_relation(stage->state, as));
    size_t i = 0;

    for (; letters[i] && i + 1 < sizeof(text); i++)
        text[i] = stage->from_today && letters[i] >= 'a' ? (char)(letters[i] - 'a' + 'A') : letters[i];
    text[i] = '\0';
    return text;
}

static void print_dialogue_route(const struct route *route)
{
    printf("  %-*s", COLUMN, "");
    for (enum relation relation = RELATION_NONE; relation < RELATION_COUNT; relation++)
        printf("  %-*s", COLUMN, policy_relation_name(relation));
    for (size_t i = 0; i < STAGES; i++)
        printf("  %-*s", stages[i].last ? 0 : COLUMN, stages[i].name);
    printf("\n");
    for (enum role role = ROLE_ANONYMOUS; role < ROLE_COUNT; role++) {
        printf("  %-*s", COLUMN, policy_role_name(role));
        for (enum relation relation = RELATION_NONE; relation < RELATION_COUNT; relation++)
            printf("  %-*s", COLUMN, states(route, role, relation));
        for (size_t i = 0; i < STAGES; i++)   // no blanks at the end of a line
            printf("  %-*s", stages[i].last ? 0 : COLUMN, staged(route, role, &stages[i]));
        printf("\n");
    }
}

static void print_plain_route(const struct route *route)
{
    for (enum role role = ROLE_ANONYMOUS; role < ROLE_COUNT; role++) {
        struct policy_subject subject = { role, RELATION_NONE, DIALOGUE_NONE };

        bool allowed = policy_allows(route->permission, &subject);
        subject.reviewer = true;
        printf("  %-*s  %s\n", COLUMN, policy_role_name(role),
               allowed ? "yes" : policy_allows(route->permission, &subject) ? "if appointed" : ".");
    }
}

static void print(const struct entry *entry)
{
    const struct route *route = entry->route;

    printf("%s %s\n  feature %s, permission %s, log %s%s%s\n",
           route->method == METHOD_GET ? "GET" : "POST", route->path, entry->feature->name,
           policy_permission_name(route->permission), audit_kind_name(route->audit),
           route->flags & ROUTE_NO_CSRF ? ", no forgery check" : "",
           route->flags & ROUTE_WRITES ? ", writes" : "");
    if (policy_in_dialogue(route->permission))
        print_dialogue_route(route);
    else
        print_plain_route(route);
    printf("\n");
}

static int run(const struct options *options)
{
    struct entries entries = { 0 };

    router_each(collect, &entries);
    if (entries.failed)
        return EXIT_FAILURE;
    if (entries.count > 1)
        qsort(entries.list, entries.count, sizeof(*entries.list), compare);
    for (size_t i = 0; i < entries.count; i++)
        print(&entries.list[i]);
    free(entries.list);
    printf("Consent\n\n");
    consent_draw(stdout);
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

const struct command command_matrix = {
    .name = "matrix",
    .summary = "prints who may use which route, in which state of a dialogue",
    .explanation = "Rows are what a person is in the installation, columns what the person is to "
                   "the dialogue; letters say in\n"
                   "which states of it: o open, l locked, c closed, j journalised, s a side talk, e one that is over.\n"
                   "The last four columns are of people whose part rests on consent: capitals where they see only what was written\n"
                   "since they came.\n",
    .options = 0,
    .run = run,
};
