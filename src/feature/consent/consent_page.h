// SPDX-License-Identifier: MPL-2.0
// From the rules to the views: what a giver sees.
#pragma once

#include "feature/consent/consent.h"
#include "feature/consent/consent_view.h"
#include "feature/account/account.h"
#include "web/date.h"
#include "web/request.h"

// What all pages of consent are made with.
struct consent_maker {
    struct request *request;
    struct dialogue_scene scene;
    struct account_scene accounts;
    struct dates dates;
};

struct consent_maker consent_maker_of(struct request *request);

// The person of a proposal: name as it is now, and picture.
int consent_who(struct consent_maker *maker, const struct proposal *proposal, struct str *ret_name, struct avatar *ret_avatar);

// A text with a date: TEXT("until {date}").
struct str consent_dated(struct consent_maker *maker, const char *english, int64_t ms);

// How a consent stands, in words.
struct str consent_status(struct consent_maker *maker, const struct consent *consent);

// What the person sees by it and by what the other givers said, in words; empty when nothing.
int consent_sees(struct consent_maker *maker, const struct proposal *proposal, const struct consent *consent, struct str *ret_words);

// The page of one consent; consent: the reader's.
int consent_page(struct consent_maker *maker, const struct proposal *proposal, const struct consent *consent, struct consent_view *ret_view);

// The list of all of the reader's.
int consent_page_list(struct consent_maker *maker, struct consent_view_list *ret_view);

// The longest time that a consent can be given for, in months.
int consent_months_max(const struct config *config);
