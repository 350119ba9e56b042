// SPDX-License-Identifier: MPL-2.0
#include "feature/consent/consent_store.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/random.h"
#include "feature/consent/consent_sql.h"
#include "feature/consent_text/consent_text.h"
#include "feature/participant/invitation.h"

#include <errno.h>

// The columns of a proposal's row.
struct row {
    int64_t id, dialogue, state, person, invitation, proposer, created, changed;
    struct bytes sealed;
    bool ended;
};

#define ROW_OF(r)                                                                                                     \
    { .id = (r).id, .dialogue = (r).dialogue, .state = (r).state, .person = (r).person_null ? 0 : (r).person,         \
      .invitation = (r).invitation_null ? 0 : (r).invitation, .proposer = (r).proposer, .created = (r).created,       \
      .changed = (r).changed, .sealed = (r).sealed, .ended = !(r).ended_null }

// The state and when it began are bound: a row that was put back to an earlier one does not open.
static struct seal_place proposal_place(int64_t id, int64_t dialogue, int64_t state)
{
    return (struct seal_place){ .type = SEAL_PROPOSAL, .dialogue = dialogue, .object = id, .version = state };
}

// One line of numbers, then the texts, each in a line of its own.
static int seal_proposal(const struct dialogue_scene *scene, const struct proposal *what, enum proposal_state state, struct bytes *ret_sealed)
{
    _cleanup_(buf_free) struct buf plain = buf_bounded(1 << 14);
    const struct str texts[] = { what->name, what->words, what->email, what->purpose, what->statute, what->reason };
    struct seal_place place = proposal_place(what->id, what->dialogue, state);
    buf_format(&plain, "%d %lld %lld %lld %lld %lld %lld %zu", (int)what->relation, (long long)what->person, (long long)what->invitation,
        (long long)what->changed, (long long)what->terms.first_number, (long long)what->terms.first_epoch, (long long)what->terms.until,
        what->givers_count);
    for (size_t i = 0; i < what->givers_count; i++)
        buf_format(&plain, " %lld %d", (long long)what->givers[i].person, (int)what->givers[i].basis);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        buf_char(&plain, '\n');
        buf_str(&plain, texts[i]);
    }
    return plain.error ? plain.error : seal(keyring_directory(scene->keys), &place, str_bytes(buf_view(&plain)), scene->arena, ret_sealed);
}

static int64_t next_number(struct str *line, int *result)
{
    int64_t number = 0;
    if (*result == 0 && str_to_int(str_cut(line, ' '), &number) < 0)
        *result = -EBADMSG;
    return number;
}

static int read_numbers(struct str line, struct proposal *proposal)
{
    int result = 0;
    proposal->relation = (enum relation)next_number(&line, &result);
    int64_t person = next_number(&line, &result), invitation = next_number(&line, &result), changed = next_number(&line, &result);
    proposal->terms.first_number = next_number(&line, &result);
    proposal->terms.first_epoch = next_number(&line, &result);
    proposal->terms.until = next_number(&line, &result);
    proposal->terms.locks = true;
    proposal->givers_count = (size_t)next_number(&line, &result);
    if (result == 0 && proposal->givers_count > CONSENT_GIVERS_MAX)
        result = -EBADMSG;
    for (size_t i = 0; result == 0 && i < proposal->givers_count; i++) {
        proposal->givers[i].person = next_number(&line, &result);
        proposal->givers[i].basis = (enum consent_basis)next_number(&line, &result);
    }
    // What stands in the columns as well must be the same.
    return result == 0 && (person != proposal->person || invitation != proposal->invitation || changed != proposal->changed) ? -EBADMSG : result;
}

// What follows from the time, and from what others did with the person.
static enum proposal_state state_now(const struct dialogue_scene *scene, const struct proposal *proposal, const struct row *row)
{
    enum proposal_state state = (enum proposal_state)row->state;
    if (state != PROPOSAL_ACTIVE)
        return state;
    if (row->ended)
        return proposal_next(state, PROPOSAL_REMOVE);
    return proposal->terms.until <= scene->now ? proposal_next(state, PROPOSAL_LAPSE) : state;
}

static int open_row(const struct dialogue_scene *scene, const struct row *row, struct proposal *ret_proposal)
{
    struct bytes plain;
    struct seal_place place = proposal_place(row->id, row->dialogue, row->state);
    int result = unseal(keyring_directory(scene->keys), &place, row->sealed, scene->arena, &plain);
    if (result < 0)
        return result;
    struct str rest = bytes_str(plain), numbers = str_cut(&rest, '\n');
    struct proposal proposal = {
        .id = row->id, .dialogue = row->dialogue, .person = row->person, .invitation = row->invitation, .proposer = row->proposer,
        .created = row->created, .changed = row->changed,
    };
    proposal.name = str_cut(&rest, '\n');
    proposal.words = str_cut(&rest, '\n');
    proposal.email = str_cut(&rest, '\n');
    proposal.purpose = str_cut(&rest, '\n');
    proposal.statute = str_cut(&rest, '\n');
    proposal.reason = rest;
    result = read_numbers(numbers, &proposal);
    proposal.state = state_now(scene, &proposal, row);
    if (result == 0)
        *ret_proposal = proposal;
    return result;
}

int proposal_get(const struct dialogue_scene *scene, int64_t id, struct proposal *ret_proposal)
{
    struct sql_consent_proposal_get found;
    int result = sql_consent_proposal_get(scene->db, scene->arena, &(struct sql_consent_proposal_get_in){ .id = id }, &found);
    if (result < 0)
        return result;
    struct row row = ROW_OF(found);
    return open_row(scene, &row, ret_proposal);
}

int proposal_list(const struct dialogue_scene *scene, int64_t dialogue, const struct proposal **ret_list, size_t *ret_count)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_consent_proposals found;
    size_t count = 0;
    struct proposal *list = arena_array(scene->arena, CONSENT_PROPOSALS_MAX, sizeof(*list));
    int result = list ? sql_consent_proposals(scene->db, &(struct sql_consent_proposals_in){
        .dialogue = dialogue, .count = CONSENT_PROPOSALS_MAX }, &stmt) : -ENOMEM;
    while (result == 0 && count < CONSENT_PROPOSALS_MAX && (result = sql_consent_proposals_next(stmt, &found)) == 1) {
        struct row row = ROW_OF(found);
        result = open_row(scene, &row, &list[count++]);
    }
    if (result < 0)
        return result;
    *ret_list = list;
    *ret_count = count;
    return 0;
}

// The state as it is stored: what follows from the time is not.
static enum proposal_state stored_state(const struct proposal *proposal)
{
    return proposal->state == PROPOSAL_LAPSED ? PROPOSAL_ACTIVE : proposal->state;
}

int proposal_store(const struct dialogue_scene *scene, struct proposal *proposal, enum proposal_state state)
{
    struct bytes sealed;
    enum proposal_state before = stored_state(proposal);
    proposal->changed = scene->now;
    int result = seal_proposal(scene, proposal, state, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_consent_proposal_change(scene->db, &(struct sql_consent_proposal_change_in){
        .id = proposal->id, .before = before, .state = state, .person = proposal->person, .person_null = proposal->person == 0,
        .invitation = proposal->invitation, .invitation_null = proposal->invitation == 0, .changed = proposal->changed, .sealed = sealed });
    if (rows != 1)
        return rows < 0 ? (int)rows : -ESTALE;
    proposal->state = state;
    return 0;
}

static int list_living(struct dialogue *dialogue, int64_t person, int64_t ids[CONSENT_PROPOSALS_MAX], size_t *ret_count)
{
    struct sql_consent_proposals_living row;
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    size_t count = 0;
    int result = sql_consent_proposals_living(dialogue->scene.db, &(struct sql_consent_proposals_living_in){
        .dialogue = dialogue->id, .person = person }, &stmt);
    while (result == 0 && count < CONSENT_PROPOSALS_MAX && (result = sql_consent_proposals_living_next(stmt, &row)) == 1) {
        ids[count++] = row.id;
        result = 0;
    }
    *ret_count = count;
    return result;
}

// Of a proposal by which somebody was let in whose part has been ended since, that it is over is written down; of one that waits, when something else lets
// them in. ret_lives: it is not over.
static int settle(struct dialogue *dialogue, int64_t id, bool admitted, bool *ret_lives)
{
    struct proposal proposal;
    int result = proposal_get(&dialogue->scene, id, &proposal);
    bool removed = result == 0 && proposal.state == PROPOSAL_REMOVED;
    enum proposal_state after = removed ? PROPOSAL_REMOVED : admitted ? proposal_next(proposal.state, PROPOSAL_TAKEN_BACK) : PROPOSAL_NONE;
    *ret_lives = result == 0 && !after;
    if (result < 0 || *ret_lives)
        return result;
    if (removed)
        proposal.state = PROPOSAL_ACTIVE;   // as stored
    return proposal_store(&dialogue->scene, &proposal, after);
}

// -EEXIST when one lives. admitted: by the proposal 'but', or (0) by none.
static int settle_all(struct dialogue *dialogue, int64_t person, bool admitted, int64_t but)
{
    int64_t ids[CONSENT_PROPOSALS_MAX];
    size_t count;
    bool any = false;
    int result = list_living(dialogue, person, ids, &count);
    for (size_t i = 0; result == 0 && i < count; i++) {
        bool lives = false;
        result = ids[i] == but ? 0 : settle(dialogue, ids[i], admitted, &lives);
        any = any || lives;
    }
    return result == 0 && any ? -EEXIST : result;
}

int proposal_settle(struct dialogue *dialogue, int64_t person, int64_t by)
{
    int result = settle_all(dialogue, person, true, by);
    return result == -EEXIST ? 0 : result;
}

static int choose_givers(struct dialogue *dialogue, struct proposal *proposal)
{
    struct consent_rule rule;
    if (proposal->statute.len) {
        proposal->givers[0] = (struct consent_giver){ dialogue->member, CONSENT_BASIS_STATUTE };
        proposal->givers_count = 1;
        return 0;
    }
    int result = consent_rule_get(&dialogue->scene, dialogue->id, &rule);
    if (result == 0 && rule.count == 0)
        result = -EINVAL;
    for (size_t i = 0; result == 0 && i < rule.count; i++)
        proposal->givers[proposal->givers_count++] = rule.givers[i];
    return result;
}

static int add_proposal(struct dialogue *dialogue, const struct proposal *proposal)
{
    const struct dialogue_scene *scene = &dialogue->scene;
    struct sql_consent_proposals_waiting waiting;
    struct bytes sealed;
    int result = sql_consent_proposals_waiting(scene->db, scene->arena, &(struct sql_consent_proposals_waiting_in){ .dialogue = dialogue->id }, &waiting);
    if (result == 0 && waiting.count >= INVITATION_OPEN_MAX)
        result = -E2BIG;
    if (result == 0)
        result = seal_proposal(scene, proposal, PROPOSAL_PROPOSED, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_consent_proposal_add(scene->db, &(struct sql_consent_proposal_add_in){
        .id = proposal->id, .dialogue = dialogue->id, .state = PROPOSAL_PROPOSED, .person = proposal->person, .person_null = proposal->person == 0,
        .proposer = proposal->proposer, .created = scene->now, .sealed = sealed });
    return rows < 0 ? (int)rows : 0;
}

static int ask_givers(const struct dialogue_scene *scene, struct proposal *proposal)
{
    for (size_t i = 0; i < proposal->givers_count; i++) {
        struct consent nothing = { .giver = proposal->givers[i].person };
        int result = consent_record_add(scene, proposal, &nothing,
            &(struct consent_record){ .event = CONSENT_ASK, .basis = proposal->givers[i].basis });
        if (result < 0)
            return result;
    }
    return 0;
}

// The law stands in a giver's place: the coordinator's decision is the record.
static int decide_by_law(struct dialogue *dialogue, struct proposal *proposal, int months)
{
    const struct dialogue_scene *scene = &dialogue->scene;
    struct consent consent;
    struct dialogue *whole;
    struct consent_record record = { .event = CONSENT_GRANT, .basis = CONSENT_BASIS_STATUTE, .until = consent_until(scene->now, months) };
    int result = consent_get(scene, proposal, dialogue->member, &consent);
    if (result == 0)
        result = consent_text_newest_version(&(struct account_scene){ scene->db, scene->keys, scene->arena, scene->now }, &record.text_version);
    if (result == 0)
        result = consent_record_add(scene, proposal, &consent, &record);
    if (result == 0)
        result = dialogue_open_whole(scene, dialogue->id, &whole);
    if (result == 0)
        result = proposal_admit(whole, proposal, false, record.until);
    return result < 0 ? result : proposal_store(scene, proposal, PROPOSAL_ACTIVE);
}

int proposal_make(struct dialogue *dialogue, const struct proposal_new *what, int months, int64_t *ret_id)
{
    const struct dialogue_scene *scene = &dialogue->scene;
    struct dialogue_terms terms;
    struct proposal proposal = {
        .id = id_new(scene->now), .dialogue = dialogue->id, .state = PROPOSAL_PROPOSED, .person = what->person,
        .proposer = what->proposer ? what->proposer : dialogue->member,
        .created = scene->now, .changed = scene->now, .relation = what->relation, .name = what->name, .words = what->words, .email = what->email,
        .purpose = what->purpose, .statute = what->statute, .reason = what->reason,
    };
    int result = what->person ? dialogue_terms_of(dialogue, what->person, &terms) : -ENOENT;
    if (result != -ENOENT)
        return result == 0 ? -EEXIST : result;
    result = what->person ? settle_all(dialogue, what->person, false, 0) : 0;
    if (result == 0)
        result = choose_givers(dialogue, &proposal);
    if (result == 0)
        result = add_proposal(dialogue, &proposal);
    if (result == 0)
        result = ask_givers(scene, &proposal);
    if (result == 0)
        result = what->statute.len ? decide_by_law(dialogue, &proposal, months)
                                   : proposal_store(scene, &proposal, proposal_next(PROPOSAL_PROPOSED, PROPOSAL_ASK));
    *ret_id = proposal.id;
    return result;
}

int proposal_take_back(struct dialogue *dialogue, int64_t id)
{
    struct proposal proposal;
    int result = proposal_get(&dialogue->scene, id, &proposal);
    if (result == 0 && proposal.dialogue != dialogue->id)
        result = -ENOENT;
    enum proposal_state after = result == 0 ? proposal_next(proposal.state, PROPOSAL_TAKEN_BACK) : PROPOSAL_NONE;
    if (result < 0)
        return result;
    return after ? proposal_store(&dialogue->scene, &proposal, after) : -EINVAL;
}

int proposal_of_invitation(const struct dialogue_scene *scene, int64_t id, int64_t invitation, struct proposal *ret_proposal)
{
    int result = proposal_get(scene, id, ret_proposal);
    if (result == 0 && (ret_proposal->invitation != invitation || ret_proposal->state != PROPOSAL_ACTIVE))
        result = -ENOENT;
    return result;
}

int proposal_arrived(const struct dialogue_scene *scene, struct proposal *proposal, int64_t person)
{
    proposal->person = person;
    return proposal_store(scene, proposal, PROPOSAL_ACTIVE);
}
