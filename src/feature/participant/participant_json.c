// SPDX-License-Identifier: MPL-2.0
#include "feature/participant/participant_json.h"

#include "feature/participant/participant_view.h"

static const struct view_field person_fields[] = {
    VIEW_ID(struct participant_view_person, person, "The person."),
    VIEW_STR(struct participant_view_person, name, "Name."),
    VIEW_STR(struct participant_view_person, relation, "Relation in words."),
    VIEW_STR(struct participant_view_person, role, "Role in the reader's language."),
    VIEW_STR(struct participant_view_person, last_day, "The last day of their part, in words; empty: no end, or not for the reader."),
    VIEW_BOOL(struct participant_view_person, reads_only, "Was let in for reading only."),
    VIEW_STR(struct participant_view_person, address, "Of the dialogue, to pass on to a citizen who has read nothing here yet; empty: not needed."),
    VIEW_BOOL(struct participant_view_person, self, "The reader."),
    VIEW_BOOL(struct participant_view_person, may_exclude, "The reader may end this person's access."),
    VIEW_BOOL(struct participant_view_person, may_make_coordinator, "The reader may make this person coordinator."),
    VIEW_BOOL(struct participant_view_person, may_unmake_coordinator, "The reader may take that back."),
};
static const struct view person_json = VIEW("Participant", struct participant_view_person, person_fields);

static const struct view_field invitation_fields[] = {
    VIEW_ID(struct participant_view_invitation, id, "The invitation."),
    VIEW_STR(struct participant_view_invitation, name, "Whom it was made for."),
    VIEW_STR(struct participant_view_invitation, relation, "Relation in words."),
    VIEW_STR(struct participant_view_invitation, role, "Role in the reader's language."),
    VIEW_STR(struct participant_view_invitation, email, "E-mail address."),
    VIEW_STR(struct participant_view_invitation, last_day, "The last day of the part that it gives, in words; empty: no end."),
    VIEW_BOOL(struct participant_view_invitation, reads_only, "It is for reading only."),
    VIEW_STR(struct participant_view_invitation, link, "The address to send; empty when the reader may not see it."),
};
static const struct view invitation_json = VIEW("Invitation", struct participant_view_invitation, invitation_fields);

static const struct view_field employee_fields[] = {
    VIEW_ID(struct participant_view_employee, person, "The person."),
    VIEW_STR(struct participant_view_employee, name, "Name."),
    VIEW_STR(struct participant_view_employee, title, "Title."),
    VIEW_STR(struct participant_view_employee, unit, "Unit."),
    VIEW_BOOL(struct participant_view_employee, takes_part, "Takes part already."),
};
static const struct view employee_json = VIEW("Employee", struct participant_view_employee, employee_fields);

static const struct view_field fields[] = {
    VIEW_ID(struct participant_view, dialogue, "The dialogue."),
    VIEW_STR(struct participant_view, topic, "Topic."),
    VIEW_BOOL(struct participant_view, may_invite, "The reader may invite."),
    VIEW_BOOL(struct participant_view, needs_consent, "Somebody must agree first: people are proposed."),
    VIEW_BOOL(struct participant_view, may_leave, "The reader may leave."),
    VIEW_LIST(struct participant_view, people, &person_json, "Who takes part."),
    VIEW_LIST(struct participant_view, former, &person_json, "Who took part."),
    VIEW_LIST(struct participant_view, invitations, &invitation_json, "Invitations that wait."),
    VIEW_LIST(struct participant_view, found, &employee_json, "Employees that were found."),
    VIEW_STR(struct participant_view, fresh_link, "The link of the invitation that was just made; empty: none."),
};
const struct view participant_json = VIEW("Participants", struct participant_view, fields);

static const struct view_field landing_fields[] = {
    VIEW_STR(struct participant_view_landing, inviter, "Who invites."),
    VIEW_STR(struct participant_view_landing, unit, "The inviter's unit."),
    VIEW_STR(struct participant_view_landing, name, "Whom it was made for."),
    VIEW_BOOL(struct participant_view_landing, signed_in, "The reader is signed in."),
};
const struct view participant_landing_json = VIEW("InvitationLanding", struct participant_view_landing, landing_fields);

static const struct view_field dead_fields[] = {
    VIEW_STR(struct participant_view_dead, reason, "Why it can't be used."),
};
const struct view participant_dead_json = VIEW("InvitationDead", struct participant_view_dead, dead_fields);
