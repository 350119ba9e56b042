// SPDX-License-Identifier: MPL-2.0
// What a consent opens, and until when.
#include "feature/consent/consent_store.h"

#include "base/clock.h"
#include "feature/participant/invitation.h"

#include <errno.h>

// The first moment of a local day. Where clocks are put forward at midnight, the first that there is.
static int64_t day_begins(int64_t days)
{
    int64_t ms = days * DAY_MS;
    for (int i = 0; i < 3; i++) {
        struct civil civil = clock_civil(ms);
        int64_t local = clock_days(civil.year, civil.month, civil.day) * DAY_MS + civil.hour * HOUR_MS + civil.minute * MINUTE_MS + civil.second * SECOND_MS;
        ms -= local - days * DAY_MS;
    }
    return ms;
}

int64_t consent_until(int64_t now, int months)
{
    struct civil today = clock_civil(now);
    int month = today.month - 1 + months;
    int year = today.year + month / 12;
    int64_t first = clock_days(year, month % 12 + 1, 1);
    int64_t next = clock_days(year + (month % 12 == 11), (month + 1) % 12 + 1, 1);
    int64_t day = first + today.day - 1;
    return day_begins(day < next ? day : next);
}

int proposal_admit(struct dialogue *whole, struct proposal *proposal, bool from_today, int64_t until)
{
    struct dialogue_terms *terms = &proposal->terms;
    *terms = DIALOGUE_ALL;
    terms->until = until;
    terms->locks = true;
    int result = from_today ? dialogue_from_now(whole, terms) : 0;
    if (result < 0)
        return result;
    if (proposal->person) {
        result = proposal_settle(whole, proposal->person, proposal->id);
        return result < 0 ? result : dialogue_admit_on(whole, proposal->person, proposal->relation, proposal->words, terms);
    }
    struct invitation_new what = {
        .relation = proposal->relation, .name = proposal->name, .email = proposal->email, .words = proposal->words,
        .inviter = proposal->proposer, .proposal = proposal->id, .first_epoch = terms->first_epoch,
    };
    return invitation_make(whole, &what, &proposal->invitation);
}
