// SPDX-License-Identifier: MPL-2.0
#include "feature/consent/consent_json.h"

#include "feature/consent/consent_view.h"

static const struct view_field item_fields[] = {
    VIEW_ID(struct consent_view_item, proposal, "The proposal."),
    VIEW_STR(struct consent_view_item, name, "Who is let in."),
    VIEW_STR(struct consent_view_item, relation, "What they are to the citizen, in words."),
    VIEW_STR(struct consent_view_item, topic, "Topic of the dialogue; empty when the reader may not see it any more."),
    VIEW_STR(struct consent_view_item, status, "How it stands, in the reader's language."),
    VIEW_STR(struct consent_view_item, sees, "What it lets them see."),
    VIEW_STR(struct consent_view_item, statute, "By law: the reference."),
    VIEW_STR(struct consent_view_item, reason, "By law: why."),
    VIEW_BOOL(struct consent_view_item, soon, "It runs out soon, or has."),
    VIEW_INT(struct consent_view_item, text_version, "By law: version of the text that the citizen is told by."),
};
static const struct view item_json = VIEW("Consent", struct consent_view_item, item_fields);

static const struct view_field list_fields[] = {
    VIEW_LIST(struct consent_view_list, asked, &item_json, "Wait for the reader's answer."),
    VIEW_LIST(struct consent_view_list, given, &item_json, "Given, and in force or run out."),
    VIEW_LIST(struct consent_view_list, law, &item_json, "Take part by law in dialogues about the reader."),
    VIEW_LIST(struct consent_view_list, ended, &item_json, "Over."),
};
const struct view consent_list_json = VIEW("Consents", struct consent_view_list, list_fields);

static const struct view_field messages_fields[] = {
    VIEW_STR(struct consent_view_messages, day, "Day in words."),
    VIEW_STR(struct consent_view_messages, author, "Who wrote."),
    VIEW_BOOL(struct consent_view_messages, own, "The reader did."),
    VIEW_INT(struct consent_view_messages, count, "How many messages."),
};
static const struct view messages_json = VIEW("ConsentMessages", struct consent_view_messages, messages_fields);

static const struct view_field giver_fields[] = {
    VIEW_STR(struct consent_view_giver, name, "Who."),
    VIEW_STR(struct consent_view_giver, status, "What they have said."),
};
static const struct view giver_json = VIEW("ConsentOther", struct consent_view_giver, giver_fields);

static const struct view_field one_fields[] = {
    VIEW_ID(struct consent_view, proposal, "The proposal."),
    VIEW_STR(struct consent_view, name, "Who wants to take part."),
    VIEW_STR(struct consent_view, relation, "What they are to the citizen, in words."),
    VIEW_STR(struct consent_view, purpose, "Why."),
    VIEW_STR(struct consent_view, statute, "By law: the reference."),
    VIEW_STR(struct consent_view, reason, "By law: why."),
    VIEW_BOOL(struct consent_view, may_answer, "The reader has not answered yet."),
    VIEW_BOOL(struct consent_view, may_withdraw, "The reader can take the consent back."),
    VIEW_BOOL(struct consent_view, may_renew, "The reader can renew it."),
    VIEW_STR(struct consent_view, alone, "The person is the only coordinator: the unit that would have to find a new one. Empty: is not."),
    VIEW_STR(struct consent_view, status, "How it stands."),
    VIEW_STR(struct consent_view, sees, "What it lets them see."),
    VIEW_INT(struct consent_view, messages, "How many messages they see, or will see."),
    VIEW_INT(struct consent_view, files, "Pictures and files among them."),
    VIEW_INT(struct consent_view, own_files, "How many of these the reader has sent."),
    VIEW_LIST(struct consent_view, days, &messages_json, "Which, by day and author."),
    VIEW_INT(struct consent_view, text_version, "Version of the text that is shown now; it is sent along with an answer."),
    VIEW_STR(struct consent_view, text, "The text."),
    VIEW_INT(struct consent_view, given_version, "Version of what the reader had before them at their answer; 0: has not answered."),
    VIEW_STR(struct consent_view, given_text, "That very text."),
    VIEW_LIST(struct consent_view, others, &giver_json, "Who else must agree."),
};
const struct view consent_one_json = VIEW("ConsentPage", struct consent_view, one_fields);

static const struct view_field candidate_fields[] = {
    VIEW_ID(struct propose_view_giver, person, "The person."),
    VIEW_STR(struct propose_view_giver, name, "Name."),
    VIEW_BOOL(struct propose_view_giver, asked, "Must agree to new participants."),
    VIEW_STR(struct propose_view_giver, basis, "As what."),
};
static const struct view candidate_json = VIEW("ConsentGiver", struct propose_view_giver, candidate_fields);

static const struct view_field proposal_fields[] = {
    VIEW_ID(struct propose_view_item, proposal, "The proposal."),
    VIEW_STR(struct propose_view_item, name, "Who."),
    VIEW_STR(struct propose_view_item, relation, "What they are to the citizen, in words."),
    VIEW_STR(struct propose_view_item, status, "How it stands."),
    VIEW_STR(struct propose_view_item, givers, "What each giver has said."),
    VIEW_BOOL(struct propose_view_item, may_take_back, "It waits, and can be taken back."),
};
static const struct view proposal_json = VIEW("Proposal", struct propose_view_item, proposal_fields);

static const struct view_field propose_list_fields[] = {
    VIEW_ID(struct propose_view_list, dialogue, "The dialogue."),
    VIEW_STR(struct propose_view_list, unasked, "Whose invitations are taken back when somebody must agree: nobody was asked of them."),
    VIEW_LIST(struct propose_view_list, givers, &candidate_json, "Who can be asked."),
    VIEW_LIST(struct propose_view_list, proposals, &proposal_json, "Who was proposed, the newest first."),
};
const struct view propose_list_json = VIEW("Proposals", struct propose_view_list, propose_list_fields);

static const struct view_field propose_fields[] = {
    VIEW_ID(struct propose_view, dialogue, "The dialogue."),
    VIEW_ID(struct propose_view, person, "Who is proposed; null: somebody who comes by link."),
    VIEW_STR(struct propose_view, givers, "Who will be asked."),
};
const struct view propose_json = VIEW("Propose", struct propose_view, propose_fields);
