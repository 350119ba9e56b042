// SPDX-License-Identifier: MPL-2.0
// Who must agree to new participants.
#include "feature/consent/consent_store.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "feature/consent/consent_sql.h"
#include "feature/participant/invitation.h"

#include <errno.h>

static struct seal_place rule_place(int64_t dialogue, int64_t version)
{
    return (struct seal_place){ .type = SEAL_CONSENT_RULE, .dialogue = dialogue, .object = dialogue, .version = version };
}

// "PERSON BASIS PERSON BASIS …"
static int read_givers(struct str text, struct consent_rule *rule)
{
    while (text.len) {
        int64_t person, basis;
        if (rule->count == CONSENT_GIVERS_MAX || str_to_int(str_cut(&text, ' '), &person) < 0 || str_to_int(str_cut(&text, ' '), &basis) < 0)
            return -EBADMSG;
        rule->givers[rule->count++] = (struct consent_giver){ person, (enum consent_basis)basis };
    }
    return 0;
}

int consent_giver_check(const struct dialogue_scene *scene, int64_t dialogue, const struct consent_giver *giver)
{
    struct dialogue *as;
    int result = dialogue_open(scene, dialogue, giver->person, &as);
    if (result < 0)
        return result == -ENOENT ? -EINVAL : result;
    bool own = as->relation == RELATION_CITIZEN && giver->basis == CONSENT_BASIS_OWN;
    bool relative = as->relation == RELATION_RELATIVE && (giver->basis == CONSENT_BASIS_ATTORNEY || giver->basis == CONSENT_BASIS_CUSTODY);
    bool law = as->relation == RELATION_COORDINATOR && giver->basis == CONSENT_BASIS_STATUTE;
    return law || ((own || relative) && dialogue_first_visible(as) <= 1) ? 0 : -EINVAL;
}

static int find_rule(const struct dialogue_scene *scene, int64_t dialogue, struct consent_rule *ret_rule)
{
    struct sql_consent_rule_get row;
    struct bytes plain;
    int result = sql_consent_rule_get(scene->db, scene->arena, &(struct sql_consent_rule_get_in){ .dialogue = dialogue }, &row);
    *ret_rule = (struct consent_rule){ .version = result == 0 ? row.version : 0 };
    if (result == -ENOENT)
        return 0;
    struct seal_place place = rule_place(dialogue, ret_rule->version);
    if (result == 0)
        result = unseal(keyring_directory(scene->keys), &place, row.sealed, scene->arena, &plain);
    return result < 0 ? result : read_givers(bytes_str(plain), ret_rule);
}

// Somebody was to be asked, and nobody of them is there any more: then the citizen is, who always is.
static int ask_citizen(const struct dialogue_scene *scene, int64_t dialogue, struct consent_rule *rule)
{
    struct dialogue *whole;
    int result = dialogue_open_whole(scene, dialogue, &whole);
    if (result == 0)
        rule->givers[rule->count++] = (struct consent_giver){ whole->citizen, CONSENT_BASIS_OWN };
    return result;
}

int consent_rule_get(const struct dialogue_scene *scene, int64_t dialogue, struct consent_rule *ret_rule)
{
    struct consent_rule chosen, rule;
    int result = find_rule(scene, dialogue, &chosen);
    rule = (struct consent_rule){ .version = chosen.version };
    for (size_t i = 0; result == 0 && i < chosen.count; i++) {
        result = consent_giver_check(scene, dialogue, &chosen.givers[i]);
        if (result == 0)
            rule.givers[rule.count++] = chosen.givers[i];
        else if (result == -EINVAL)
            result = 0;
    }
    if (result == 0 && chosen.count && rule.count == 0)
        result = ask_citizen(scene, dialogue, &rule);
    *ret_rule = rule;
    return result;
}

static int put_rule(struct dialogue *dialogue, const struct consent_rule *rule)
{
    _cleanup_(buf_free) struct buf plain = buf_bounded(1000);
    struct bytes sealed;
    const struct dialogue_scene *scene = &dialogue->scene;
    struct seal_place place = rule_place(dialogue->id, rule->version + 1);
    for (size_t i = 0; i < rule->count; i++)
        buf_format(&plain, "%s%lld %d", i ? " " : "", (long long)rule->givers[i].person, (int)rule->givers[i].basis);
    int result = plain.error ? plain.error : seal(keyring_directory(scene->keys), &place, str_bytes(buf_view(&plain)), scene->arena, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_consent_rule_put(scene->db, &(struct sql_consent_rule_put_in){
        .dialogue = dialogue->id, .version = rule->version + 1, .changed = scene->now, .changed_by = dialogue->member, .sealed = sealed });
    return rows < 0 ? (int)rows : 0;
}

// From now on people come in who were agreed to: the links that were made before let nobody in past those who are to be asked.
static int take_back_unasked(struct dialogue *dialogue)
{
    const struct invitation *list;
    size_t count;
    int result = invitation_list_unasked(dialogue, &list, &count);
    for (size_t i = 0; result == 0 && i < count; i++)
        result = invitation_revoke(dialogue, list[i].id);
    return result;
}

static size_t place_of(const struct consent_rule *rule, int64_t person)
{
    size_t at = 0;
    while (at < rule->count && rule->givers[at].person != person)
        at++;
    return at;
}

// Of those who were chosen, who is not there just now stays: they are asked again when they come back. Only where all are gone and the citizen, who is asked
// for them, is to be asked no more, nobody is.
static int remove_giver(const struct dialogue_scene *scene, int64_t dialogue, int64_t person, struct consent_rule *rule)
{
    struct consent_rule now;
    size_t at = place_of(rule, person);
    int result = consent_rule_get(scene, dialogue, &now);
    if (at < rule->count)
        rule->givers[at] = rule->givers[--rule->count];
    else if (result == 0 && place_of(&now, person) < now.count)
        rule->count = 0;
    return result;
}

// Where there are as many as there may be, somebody who is not there makes way. -E2BIG when all are.
static int find_place(const struct dialogue_scene *scene, int64_t dialogue, const struct consent_rule *rule, int64_t person, size_t *ret_at)
{
    size_t at = place_of(rule, person);
    int result = at == CONSENT_GIVERS_MAX ? -E2BIG : 0;
    for (size_t i = 0; result == -E2BIG && i < rule->count; i++) {
        int there = consent_giver_check(scene, dialogue, &rule->givers[i]);
        if (there < 0)
            result = there == -EINVAL ? 0 : there;
        at = i;
    }
    *ret_at = at;
    return result;
}

int consent_rule_set(struct dialogue *dialogue, int64_t person, enum consent_basis basis)
{
    const struct dialogue_scene *scene = &dialogue->scene;
    struct consent_rule rule;
    size_t at = 0;
    int result = find_rule(scene, dialogue->id, &rule);
    if (result == 0 && basis)
        result = basis == CONSENT_BASIS_STATUTE ? -EINVAL : consent_giver_check(scene, dialogue->id, &(struct consent_giver){ person, basis });
    if (result == 0)
        result = basis ? find_place(scene, dialogue->id, &rule, person, &at) : remove_giver(scene, dialogue->id, person, &rule);
    if (result < 0)
        return result;
    if (basis) {
        rule.givers[at] = (struct consent_giver){ person, basis };
        rule.count += at == rule.count;
    }
    result = put_rule(dialogue, &rule);
    return result == 0 && basis ? take_back_unasked(dialogue) : result;
}
