// SPDX-License-Identifier: MPL-2.0
#include "feature/participant/invitation.h"

#include "base/cleanup.h"
#include "base/encode.h"
#include "base/random.h"
#include "feature/consent/consent.h"
#include "feature/participant/participant_sql.h"

#include <errno.h>

#define TOKEN_BYTES 24

// What the queries that give invitations have in common.
struct row {
    int64_t id, dialogue, relation, inviter, expires, state, accepted_by;
    struct bytes sealed;
};

#define ROW_OF(r)                                                                                              \
    { .id = (r).id, .dialogue = (r).dialogue, .relation = (r).relation, .inviter = (r).inviter,               \
      .expires = (r).expires, .state = (r).state, .accepted_by = (r).accepted_by_null ? 0 : (r).accepted_by,  \
      .sealed = (r).sealed }

// Id, dialogue and relation are bound: a row that was changed lets nobody in as something else, or somewhere else, nor, since the id says when it was
// made, after its time.
static struct seal_place invitation_place(int64_t id, int64_t dialogue, int64_t relation)
{
    return (struct seal_place){ .type = SEAL_INVITATION, .dialogue = dialogue, .object = id, .version = relation };
}

// The sealed texts are of one line each: they stand one after another, a line feed between.
static int open_row(const struct dialogue_scene *scene, const struct row *row, struct invitation *ret_invitation)
{
    struct bytes plain;
    struct seal_place place = invitation_place(row->id, row->dialogue, row->relation);
    int result = unseal(keyring_directory(scene->keys), &place, row->sealed, scene->arena, &plain);
    if (result < 0)
        return result;
    struct str rest = bytes_str(plain);
    struct invitation invitation = {
        .id = row->id, .dialogue = row->dialogue, .relation = (enum relation)row->relation, .inviter = row->inviter,
        .accepted_by = row->accepted_by, .created = id_time(row->id), .expires = row->expires, .state = (enum invitation_state)row->state,
        .name = str_cut(&rest, '\n'), .email = str_cut(&rest, '\n'), .words = str_cut(&rest, '\n'), .token = str_cut(&rest, '\n'),
    };
    struct str proposal = str_cut(&rest, '\n'), until = str_cut(&rest, '\n');
    if ((proposal.len && str_to_int(proposal, &invitation.proposal) < 0) || (until.len && str_to_int(until, &invitation.until) < 0))
        return -EBADMSG;
    invitation.reads_only = str_equal(rest, STR("r"));
    if (invitation.expires > invitation.created + INVITATION_MS)
        invitation.expires = invitation.created + INVITATION_MS;
    if (invitation.state == INVITATION_OPEN && invitation.expires <= scene->now)
        invitation.state = INVITATION_EXPIRED;
    *ret_invitation = invitation;
    return 0;
}

static int seal_texts(const struct dialogue *dialogue, int64_t id, const struct invitation_new *what, struct str token,
                      struct bytes *ret_sealed)
{
    const struct dialogue_scene *scene = &dialogue->scene;
    struct str plain = arena_format(scene->arena, "%.*s\n%.*s\n%.*s\n%.*s\n%lld\n%lld\n%s", (int)what->name.len, what->name.ptr,
        (int)what->email.len, what->email.ptr, (int)what->words.len, what->words.ptr, (int)token.len, token.ptr,
        (long long)what->proposal, (long long)what->until, what->reads_only ? "r" : "");
    struct seal_place place = invitation_place(id, dialogue->id, what->relation);
    return plain.ptr ? seal(keyring_directory(scene->keys), &place, str_bytes(plain), scene->arena, ret_sealed) : -ENOMEM;
}

static int check_room(struct dialogue *dialogue)
{
    struct sql_participant_invitations_count row;
    const struct dialogue_scene *scene = &dialogue->scene;
    int result = sql_participant_invitations_count(scene->db, scene->arena, &(struct sql_participant_invitations_count_in){
        .dialogue = dialogue->id, .open = INVITATION_OPEN, .now = scene->now }, &row);
    if (result < 0)
        return result;
    return row.count >= INVITATION_OPEN_MAX ? -E2BIG : 0;
}

int invitation_make(struct dialogue *dialogue, const struct invitation_new *what, int64_t *ret_id)
{
    const struct dialogue_scene *scene = &dialogue->scene;
    int64_t id = id_new(scene->now);
    uint8_t secret[TOKEN_BYTES], hash[LOOKUP_BYTES];
    random_bytes(secret, sizeof(secret));
    struct str token = encode_base64url(scene->arena, bytes_from(secret, sizeof(secret)));
    struct bytes sealed;
    int result = token.ptr ? invitation_tidy(dialogue, 0) : -ENOMEM;
    if (result == 0)
        result = check_room(dialogue);
    if (result == 0)
        result = seal_texts(dialogue, id, what, token, &sealed);
    if (result == 0)
        result = dialogue_grant(dialogue, id, 0, what->first_epoch ? what->first_epoch : DIALOGUE_FIRST_EPOCH);
    if (result < 0)
        return result;
    keyring_lookup(scene->keys, LOOKUP_TOKEN, token, hash);
    int64_t rows = sql_participant_invitation_add(scene->db, &(struct sql_participant_invitation_add_in){
        .id = id, .dialogue = dialogue->id, .token = bytes_from(hash, sizeof(hash)), .relation = what->relation,
        .inviter = what->inviter ? what->inviter : dialogue->member, .created = scene->now, .expires = scene->now + INVITATION_MS, .state = INVITATION_OPEN,
        .sealed = sealed });
    if (rows < 0)
        return (int)rows;
    *ret_id = id;
    return 0;
}

int invitation_find(const struct dialogue_scene *scene, struct str token, struct invitation *ret_invitation)
{
    uint8_t hash[LOOKUP_BYTES];
    struct sql_participant_invitation_by_token found;
    keyring_lookup(scene->keys, LOOKUP_TOKEN, token, hash);
    int result = sql_participant_invitation_by_token(scene->db, scene->arena,
        &(struct sql_participant_invitation_by_token_in){ .token = bytes_from(hash, sizeof(hash)) }, &found);
    if (result < 0)
        return result;
    struct row row = ROW_OF(found);
    return open_row(scene, &row, ret_invitation);
}

int invitation_get(struct dialogue *dialogue, int64_t id, struct invitation *ret_invitation)
{
    struct sql_participant_invitation_by_id found;
    const struct dialogue_scene *scene = &dialogue->scene;
    int result = sql_participant_invitation_by_id(scene->db, scene->arena,
        &(struct sql_participant_invitation_by_id_in){ .id = id, .dialogue = dialogue->id }, &found);
    if (result < 0)
        return result;
    struct row row = ROW_OF(found);
    return open_row(scene, &row, ret_invitation);
}

// Closes an open invitation; the grants that it held are gone with it.
static int close_invitation(struct dialogue *dialogue, int64_t id, enum invitation_state state, int64_t person)
{
    int64_t rows = sql_participant_invitation_close(dialogue->scene.db, &(struct sql_participant_invitation_close_in){
        .id = id, .open = INVITATION_OPEN, .state = state, .accepted_by = person, .accepted_by_null = person == 0 });
    if (rows != 1)
        return rows < 0 ? (int)rows : -ENOENT;
    return dialogue_ungrant(dialogue, id);
}

// The invitations that are over; returns their count or -E….
static int list_over(struct dialogue *dialogue, int64_t inviter, int64_t *ids, int max)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_participant_invitations_over row;
    const struct dialogue_scene *scene = &dialogue->scene;
    int count = 0;
    int result = sql_participant_invitations_over(scene->db, &(struct sql_participant_invitations_over_in){
        .dialogue = dialogue->id, .open = INVITATION_OPEN, .now = scene->now, .inviter = inviter }, &stmt);
    while (result == 0 && count < max && (result = sql_participant_invitations_over_next(stmt, &row)) == 1) {
        ids[count++] = row.id;
        result = 0;
    }
    return result < 0 ? result : count;
}

int invitation_tidy(struct dialogue *dialogue, int64_t inviter)
{
    // None gets old without having been one of those that wait.
    int64_t ids[2 * INVITATION_OPEN_MAX];
    int count = list_over(dialogue, inviter, ids, 2 * INVITATION_OPEN_MAX);
    int result = count < 0 ? count : 0;
    for (int i = 0; result == 0 && i < count; i++)
        result = close_invitation(dialogue, ids[i], INVITATION_REVOKED, 0);
    return result;
}

// A link that was made before a person's part was ended is not the way back.
static int check_return(struct dialogue *dialogue, const struct invitation *invitation, int64_t person)
{
    int64_t ended;
    int result = dialogue_ended(dialogue, person, &ended);
    if (result == -ENOENT)
        return 0;
    return result == 0 && invitation->created <= ended ? -EKEYREVOKED : result;
}

// Of whom nobody was asked comes in only where nobody is to be: who must agree may have been said after the link was made.
static int check_rule(const struct dialogue_scene *scene, const struct invitation *invitation)
{
    struct consent_rule rule;
    if (invitation->proposal)
        return 0;
    int result = consent_rule_get(scene, invitation->dialogue, &rule);
    return result == 0 && rule.count ? -EPERM : result;
}

// Whoever was agreed to comes in on the terms that were agreed to, as long as these hold.
static int admit_proposed(struct dialogue *dialogue, const struct invitation *invitation, int64_t person)
{
    struct proposal proposal;
    int result = proposal_of_invitation(&dialogue->scene, invitation->proposal, invitation->id, &proposal);
    if (result == 0)
        result = dialogue_admit_on(dialogue, person, invitation->relation, invitation->words, &proposal.terms);
    if (result < 0)
        return result == -ENOENT ? -ESTALE : result;
    return proposal_arrived(&dialogue->scene, &proposal, person);
}

static int admit(struct dialogue *dialogue, const struct invitation *invitation, int64_t person, const struct dialogue_terms *terms)
{
    int result = proposal_settle(dialogue, person, invitation->proposal);
    if (result < 0)
        return result;
    return invitation->proposal ? admit_proposed(dialogue, invitation, person)
                                : dialogue_admit_on(dialogue, person, invitation->relation, invitation->words, terms);
}

int invitation_accept(const struct dialogue_scene *scene, const struct invitation *invitation, int64_t person, struct dialogue **ret_dialogue)
{
    struct dialogue *dialogue;
    *ret_dialogue = NULL;
    if (invitation->state == INVITATION_ACCEPTED && invitation->accepted_by == person)
        return 0;
    if (invitation->state != INVITATION_OPEN)
        return -ESTALE;
    struct dialogue_terms terms = DIALOGUE_ALL;
    terms.until = invitation->until;
    terms.reads_only = invitation->reads_only;
    if (terms.until && terms.until <= scene->now)
        return -ESTALE;
    int result = check_rule(scene, invitation);
    if (result == 0)
        result = dialogue_open_invited(scene, invitation->dialogue, invitation->id, &dialogue);
    if (result == 0 && dialogue->state != DIALOGUE_OPEN && dialogue->state != DIALOGUE_LOCKED)
        result = -ESHUTDOWN;
    if (result == 0)
        result = check_return(dialogue, invitation, person);
    if (result == 0)
        result = admit(dialogue, invitation, person, &terms);
    if (result == 0)
        result = close_invitation(dialogue, invitation->id, INVITATION_ACCEPTED, person);
    if (result == 0)
        *ret_dialogue = dialogue;
    return result;
}

int invitation_revoke(struct dialogue *dialogue, int64_t id)
{
    struct invitation invitation;
    int result = invitation_get(dialogue, id, &invitation);
    return result < 0 ? result : close_invitation(dialogue, id, INVITATION_REVOKED, 0);
}

int invitation_list(struct dialogue *dialogue, const struct invitation **ret_list, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_participant_invitations_open found;
    const struct dialogue_scene *scene = &dialogue->scene;
    size_t count = 0;
    struct invitation *list = arena_array(scene->arena, INVITATION_OPEN_MAX, sizeof(*list));
    int result = list ? sql_participant_invitations_open(scene->db, &(struct sql_participant_invitations_open_in){
        .dialogue = dialogue->id, .open = INVITATION_OPEN, .now = scene->now }, &stmt) : -ENOMEM;
    while (result == 0 && count < INVITATION_OPEN_MAX && (result = sql_participant_invitations_open_next(stmt, &found)) == 1) {
        struct row row = ROW_OF(found);
        result = open_row(scene, &row, &list[count++]);
    }
    if (result < 0)
        return result;
    *ret_list = list;
    *ret_count = count;
    return 0;
}

int invitation_list_unasked(struct dialogue *dialogue, const struct invitation **ret_list, size_t *ret_count)
{
    const struct invitation *all;
    size_t count, kept = 0;
    int result = invitation_list(dialogue, &all, &count);
    struct invitation *list = result == 0 ? arena_array(dialogue->scene.arena, count + 1, sizeof(*list)) : NULL;
    if (!list)
        return result < 0 ? result : -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        if (!all[i].proposal)
            list[kept++] = all[i];
    }
    *ret_list = list;
    *ret_count = kept;
    return 0;
}
