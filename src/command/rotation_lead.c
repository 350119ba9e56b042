// SPDX-License-Identifier: MPL-2.0
#include "command/rotation_lead.h"

#include "base/clock.h"
#include "command/roster.h"

#include <errno.h>
#include <sodium.h>

#define ANSWER_MS (60 * SECOND_MS)   // a server that runs looks for requests each second
#define LOOK_NS 200000000

static int complain(const char *what, int error)
{
    fprintf(stderr, "samtraad: %s: %s\n", what, strerror(-error));
    return error;
}

static bool has_reached(const struct rotation_state *state, enum rotation_step step, int64_t newest)
{
    switch (step) {
    case ROTATION_ADMIT:
        return state->newest == newest;
    case ROTATION_USE:
        return state->used == newest;
    case ROTATION_RETIRE:
        return state->lowest == newest;
    default:
        return false;
    }
}

static void put_key(uint8_t *at, uint32_t version, const uint8_t key[KEY_BYTES])
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(version >> (24 - 8 * i));
    memcpy(at + 4, key, KEY_BYTES);
}

static int seal_admission(const struct key_file *file, struct rotation_request *request)
{
    uint8_t plain[2 * (4 + KEY_BYTES)];

    put_key(plain, file->masters[1].version, file->masters[1].key);
    put_key(plain + 4 + KEY_BYTES, file->masters[0].version, file->masters[0].key);
    int r = crypto_box_seal(request->admission, plain, sizeof(plain), request->to) == 0 ? 0 : -EIO;
    sodium_memzero(plain, sizeof(plain));
    return r;
}

static int ask(struct rotation_lead *lead, unsigned index, enum rotation_step step, const struct rotation_state *state)
{
    struct rotation_request request = { .step = step, .version = step == ROTATION_RETIRE ? state->lowest : lead->file->masters[0].version };
    int r = 0;

    memcpy(request.to, state->box, sizeof(request.to));
    if (step == ROTATION_ADMIT)
        r = seal_admission(lead->file, &request);
    r = r < 0 ? r : rotation_ask(lead->options, index + 1, &request);
    if (r < 0)
        return complain("a server can't be asked", r);
    memcpy(lead->told[index].to, state->box, sizeof(state->box));
    lead->told[index].refused = state->refused;
    lead->told[index].rounds = state->rounds;
    lead->told[index].asked = true;
    lead->told[index].since_ms = clock_monotonic();
    return 0;
}

// Whether who has this number now is who was asked.
static bool was_asked(const struct rotation_lead *lead, unsigned index, const struct rotation_state *state)
{
    return lead->told[index].asked && memcmp(lead->told[index].to, state->box, sizeof(state->box)) == 0;
}

// One that lives and has not reported the step: is asked once, and waited for.
static int press(struct rotation_lead *lead, unsigned index, enum rotation_step step, const struct rotation_state *state)
{
    if (state && !was_asked(lead, index, state))
        return ask(lead, index, step, state);
    if (state && state->refused > lead->told[index].refused)
        return complain("a server has refused; its log tells more", -EPERM);
    if (lead->told[index].since_ms == 0)
        lead->told[index].since_ms = clock_monotonic();
    if (step != ROTATION_WRAP && clock_monotonic() > lead->told[index].since_ms + ANSWER_MS)
        return complain("a server does not answer", -ETIMEDOUT);
    return 0;
}

static int look(struct rotation_lead *lead, uint64_t *ret_live)
{
    int r = roster_read(lead->roster, ret_live);

    return r < 0 ? complain("it can't be seen which servers run", r) : 0;
}

// Looks at all of them once. Who has registered and reported nothing yet is waited for: it may have read an earlier key file.
static int press_all(struct rotation_lead *lead, enum rotation_step step, unsigned *ret_waiting, uint64_t *ret_live)
{
    struct rotation_state state;
    int r = look(lead, ret_live);

    *ret_waiting = 0;
    for (unsigned i = 0; i < NODES_MAX && r == 0; i++) {
        if ((*ret_live >> i & 1) == 0) {
            sodium_memzero(&lead->told[i], sizeof(lead->told[i]));
            continue;
        }
        bool told = rotation_state_read(lead->options, i + 1, &state) == 0;
        if (told && has_reached(&state, step, lead->file->masters[0].version))
            continue;
        ++*ret_waiting;
        r = press(lead, i, step, told ? &state : NULL);
    }
    return r;
}

static void wait_a_little(void)
{
    nanosleep(&(struct timespec){ .tv_nsec = LOOK_NS }, NULL);
}

int rotation_lead_all(struct rotation_lead *lead, enum rotation_step step, bool *ret_any)
{
    unsigned waiting = 1;
    uint64_t live = 0;
    int r = 0;

    sodium_memzero(lead->told, sizeof(lead->told));
    while (r == 0 && waiting > 0) {
        r = press_all(lead, step, &waiting, &live);
        *ret_any = *ret_any || waiting > 0;
        if (r == 0 && live == 0 && step != ROTATION_RETIRE)
            return complain("the server has ended; run this again, it will go on", -ECONNRESET);
        if (r == 0 && waiting > 0)
            wait_a_little();
    }
    return r;
}

// Who knows the older key still, or else any; of several who was asked already, or else the first.
static int find_wrapper(struct rotation_lead *lead, uint64_t live, unsigned *ret_index, struct rotation_state *ret_state)
{
    const int64_t newest = lead->file->masters[0].version;
    struct rotation_state state;
    int best = 0;

    for (unsigned i = 0; i < NODES_MAX; i++) {
        if ((live >> i & 1) == 0 || rotation_state_read(lead->options, i + 1, &state) < 0 || !has_reached(&state, ROTATION_USE, newest))
            continue;
        const int worth = 1 + was_asked(lead, i, &state) + 2 * (state.lowest < newest);
        if (worth > best) {
            best = worth;
            *ret_index = i;
            *ret_state = state;
        }
    }
    return best > 0 ? 0 : -ENOENT;
}

int rotation_lead_wrap(struct rotation_lead *lead, struct rotation_state *ret_state)
{
    struct rotation_state state;
    unsigned index;
    uint64_t live;

    sodium_memzero(lead->told, sizeof(lead->told));
    for (;;) {
        int r = look(lead, &live);

        if (r == 0 && live == 0)
            r = complain("the server has ended; run this again, it will go on", -ECONNRESET);
        if (r < 0)
            return r;
        if (find_wrapper(lead, live, &index, &state) == 0) {
            if (was_asked(lead, index, &state) && state.rounds > lead->told[index].rounds) {
                *ret_state = state;
                return 0;
            }
            r = press(lead, index, ROTATION_WRAP, &state);
        }
        if (r < 0)
            return r;
        wait_a_little();
    }
}
