// SPDX-License-Identifier: MPL-2.0
// Checks that have no form of their own by which find.mjs could know them: an expression that stands in its file once, and its value when it no longer
// checks. 'name' is what is no longer so.

const dialogue = 'src/feature/dialogue/', web = 'src/web/';

export const chosen = [
    // How far somebody's part goes.
    { name: 'who was taken out takes part no longer', file: `${dialogue}dialogue.c`, expression: 'ended || (dialogue->terms.until && dialogue->terms.until <= dialogue->scene.now)', value: 'dialogue->terms.until && dialogue->terms.until <= dialogue->scene.now' },
    { name: 'a part whose time is over is over', file: `${dialogue}dialogue.c`, expression: '(dialogue->terms.until && dialogue->terms.until <= dialogue->scene.now)', value: 'false' },
    { name: 'a member holds a grant of the newest epoch', file: `${dialogue}dialogue.c`, expression: 'granted == dialogue->epoch', value: 'true' },
    { name: 'who is taken out gets no new key', file: `${dialogue}member.c`, expression: 'row.member == except', value: 'false' },
    { name: 'a new epoch begins when somebody is taken out', file: `${dialogue}member.c`, expression: 'dialogue_next_epoch(dialogue, person)', value: '0' },
    { name: 'who is taken out loses their grants', file: `${dialogue}member.c`, expression: 'dialogue_ungrant(dialogue, person)', value: '0' },
    { name: 'who sees from a day on does not learn who was there before', file: `${dialogue}member.c`, expression: 'dialogue->terms.first_number > 1 && !row->ended_null && row->ended <= dialogue->since', value: 'false' },
    { name: 'of a locked dialogue only the citizen and the coordinators are told', file: `${dialogue}persons.c`, expression: 'dialogue->state != DIALOGUE_LOCKED || row.relation == RELATION_CITIZEN || row.relation == RELATION_COORDINATOR', value: 'true' },
    { name: 'an invitation gives only the keys that it was given', file: `${dialogue}member.c`, expression: 'dialogue->member == dialogue->citizen || dialogue->relation == RELATION_NONE', value: 'false' },
    { name: 'which earlier message was answered is not told', file: `${dialogue}post_page.c`, expression: '(row).answers_null || (row).answers < (first) ? 0 : (row).answers', value: '(row).answers' },
    { name: 'who was let in for reading only reads only', file: `${dialogue}dialogue_live.c`, expression: 'dialogue->terms.reads_only && (dialogue->relation == RELATION_RELATIVE || dialogue->relation == RELATION_EXTERNAL)', value: 'false' },
    { name: 'a stream ends with its reader’s part', file: `${dialogue}dialogue_live.c`, expression: 'own ? own : INT64_MAX', value: 'INT64_MAX' },
    { name: 'a stream ends when the dialogue is locked', file: `${dialogue}dialogue_live.c`, expression: 'all && all < listening.until', value: 'false' },
    { name: 'who loses their part loses their streams', file: `${dialogue}dialogue_live.c`, expression: 'request_tell(request, &(struct news){ .kind = NEWS_LEFT, .topic = dialogue->id, .person = person })', value: '0' },
    { name: 'a side talk ends by itself', file: `${dialogue}side_talk.c`, expression: 'dialogue->ends > scene->now', value: 'true' },
    { name: 'only employees are in a side talk', file: `${dialogue}side_talk.c`, expression: 'people[i].relation == RELATION_PROFESSIONAL || people[i].relation == RELATION_COORDINATOR', value: 'true' },
    { name: 'who has left is in no new side talk', file: `${dialogue}side_talk.c`, expression: 'people[i].person == person && people[i].ended == 0 && fits', value: 'people[i].person == person && fits' },
    { name: 'what a consent says is not changed otherwise', file: `${dialogue}terms.c`, expression: 'result == 0 && part.terms.locks', value: 'false' },
    { name: 'only employees become coordinators', file: `${dialogue}relation.c`, expression: 'result == 0 && row.relation != (int64_t)before', value: 'false' },
    // Sessions, and what goes out.
    { name: 'a session runs out', file: `${web}session.c`, expression: 'request->now >= found.expires', value: 'false' },
    { name: 'who was made somebody else in the database is nobody', file: `${web}session.c`, expression: 'person.role != (enum role)row->role || person.unit != (row->unit_null ? 0 : row->unit)', value: 'false' },
    { name: 'a write looks up the session anew', file: `${web}write.c`, expression: 'session_load(request)', value: '0' },
    { name: 'who is not signed in is asked to', file: `${web}call.c`, expression: 'request->session.person == 0 && request->route->permission != PERMISSION_ANYONE', value: 'false' },
    { name: 'a session that ended meanwhile writes nothing', file: `${web}write.c`, expression: 'request->session.person == 0 && request->route->permission != PERMISSION_ANYONE', value: 'false' },
    { name: 'a stream ends with its session', file: `${web}read.c`, expression: 'listening->until < request->session.expires ? listening->until\n                                                               : request->session.expires', value: 'listening->until' },
    { name: 'a stream that began while access was taken is cut', file: `${web}read.c`, expression: 'app_access_generation(app) != generation', value: 'false' },
    { name: 'a withdrawal ends the snapshot', file: `${web}snapshot.c`, expression: 'worker->generation == generation', value: 'true' },
    { name: 'what was written is in what is asked for next', file: `${web}snapshot.c`, expression: 'worker->transactions == transactions', value: 'true' },
    { name: 'who sees from a day on hears nothing of earlier messages', file: `${web}hub.c`, expression: 'at->listener.topic != topic || at->listener.first > number', value: 'at->listener.topic != topic' },
    { name: 'a stream hears its own dialogue only', file: `${web}hub.c`, expression: 'at->listener.topic != topic || at->listener.first > number', value: 'at->listener.first > number' },
    { name: 'nothing is sent on a stream whose time is over', file: `${web}hub.c`, expression: 'at->listener.expires > now_ms', value: 'true' },
    { name: 'a stream whose time is over ends', file: `${web}hub.c`, expression: 'at->listener.expires <= now_ms', value: 'false' },
    { name: 'what one has read is told to oneself only', file: `${web}hub.c`, expression: 'at->listener.person == person && at->listener.topic == topic', value: 'at->listener.topic == topic' },
    { name: 'a person’s streams in a dialogue are cut', file: `${web}hub.c`, expression: 'at->listener.topic == topic && at->listener.person == person', value: 'false' },
    { name: 'a session’s streams are cut', file: `${web}hub.c`, expression: 'memcmp(at->listener.session, session, sizeof(at->listener.session)) == 0', value: 'false' },
    { name: 'who may not come learns nothing of the form', file: `${web}write.c`, expression: 'denied ? denied : problem', value: 'problem' },
    // Who has looked.
    { name: 'the log tells the citizen what concerns them only', file: 'src/feature/insight/log.c', expression: '!(words->flags & LOG_TO_CITIZEN)', value: 'false' },
    { name: 'the whole log is for the citizen and the coordinators', file: 'src/feature/insight/log.c', expression: 'dialogue->citizen == dialogue->member || dialogue->relation == RELATION_COORDINATOR', value: 'true' },
    { name: 'others see of the log who has read', file: 'src/feature/insight/log.c', expression: 'words->group == LOG_READ && event->last >= dialogue_first_visible(dialogue)', value: 'event->last >= dialogue_first_visible(dialogue)' },
    { name: 'the unit stands only where roles are seen', file: 'src/feature/insight/people.c', expression: 'sight >= SIGHT_ROLE', value: 'true' },
    { name: 'the name stands only where names are seen', file: 'src/feature/insight/people.c', expression: 'sight >= SIGHT_NAME', value: 'true' },
    { name: 'looks from outside are told to the citizen and the coordinators', file: 'src/feature/insight/readers_web.c', expression: 'maker.dialogue->citizen == maker.dialogue->member || maker.dialogue->relation == RELATION_COORDINATOR', value: 'true' },
    { name: 'of looks from outside only those that concern the citizen are told', file: 'src/feature/insight/readers_web.c', expression: 'log_words((enum audit_kind)row.kind)->flags & LOG_TO_CITIZEN', value: 'true' },
    { name: 'a review is for its unit’s reviewers', file: 'src/feature/insight/review.c', expression: 'review->unit == 0 || holds(units, units_count, review->unit)', value: 'true' },
    // One's own things.
    { name: 'portraits are for colleagues and those one meets', file: 'src/feature/account/portrait.c', expression: 'viewer_role == ROLE_EMPLOYEE && account.role == ROLE_EMPLOYEE', value: 'true' },
    { name: 'who no longer is employed does not sign in', file: 'src/feature/account/oidc_identity.c', expression: 'row.role == ROLE_FORMER', value: 'false' },
    { name: 'a citizen’s provider opens no employee’s account', file: 'src/feature/account/oidc_identity.c', expression: 'is_public != (provider->kind == OIDC_CITIZEN)', value: 'false' },
    { name: 'a weak sign-in is refused', file: 'src/feature/account/login_web.c', expression: 'identity->assurance < visit->provider.required', value: 'false' },
    { name: 'only relatives are listed as let in', file: 'src/feature/access/access_web.c', expression: '(people[i].relation == RELATION_RELATIVE && people[i].ended == 0)', value: 'people[i].ended == 0' },
    { name: 'the citizen says it for relatives only', file: 'src/feature/access/access_web.c', expression: 'people[i].person == request->number[1] && people[i].relation == RELATION_RELATIVE && people[i].ended == 0', value: 'people[i].person == request->number[1] && people[i].ended == 0' },
    { name: 'a folder is taken back when access to what is in it has ended', file: 'src/feature/folder/folder_web.c', expression: '!policy_allows(PERMISSION_DIALOGUE_READ, &subject)', value: 'false && policy_allows(PERMISSION_DIALOGUE_READ, &subject)' },
    { name: 'a folder holds nothing of what was written after one left', file: 'src/feature/folder/folder_make.c', expression: 'result == 0 && dialogue->relation != RELATION_FORMER', value: 'result == 0' },
    { name: 'the journal shows no entry under an earlier key', file: 'src/feature/journal/journal.c', expression: 'entry->epoch >= dialogue->terms.first_epoch', value: 'true' },
    { name: 'the journal shows no entry of earlier messages', file: 'src/feature/journal/journal.c', expression: '(entry->first == 0 || entry->first >= dialogue_first_visible(dialogue))', value: 'true' },
    // Letting in.
    { name: 'only somebody who sees all can be asked for consent', file: 'src/feature/consent/rule.c', expression: '(own || relative) && dialogue_first_visible(as) <= 1', value: 'true' },
    { name: 'the giver’s page counts from where the person’s view begins', file: 'src/feature/consent/consent_page.c', expression: 'proposal->terms.first_number > dialogue->terms.first_number', value: 'false' },
    { name: 'who has left sees nothing on the giver’s page', file: 'src/feature/consent/consent_page.c', expression: '(result == 0 && dialogue->relation == RELATION_FORMER)', value: 'false' },
    { name: 'a consent that has run out is over', file: 'src/feature/consent/consent.c', expression: 'consent->until && consent->until <= scene->now', value: 'false' },
    { name: 'a link from before one’s part was ended is no way back', file: 'src/feature/participant/invitation.c', expression: 'result == 0 && invitation->created <= ended', value: 'false' },
    { name: 'an accepted invitation is used up', file: 'src/feature/participant/invitation.c', expression: 'invitation->state == INVITATION_ACCEPTED && invitation->accepted_by == person', value: 'invitation->state == INVITATION_ACCEPTED' },
    { name: 'who came later is not told that somebody has waited since before', file: 'src/feature/start/start_web.c', expression: 'dialogue_first_visible(dialogue) <= 1 || row->since >= dialogue->since', value: 'true' },
    { name: 'an old confirmation is not sent', file: 'src/feature/notice/notice_compose.c', expression: 'wish.mail != entry->id', value: 'false' },
    { name: 'who has left can’t be described anew', file: 'src/feature/moderation/relation_web.c', expression: 'people[i].person == request->number[1] && people[i].ended == 0', value: 'people[i].person == request->number[1]' },
];

// How the policy decides. These are built one by one, and held against the policy's own tests.
const policy = 'src/policy/policy.c', sight = 'src/policy/sight.c';
export const decisions = [
    { name: 'a permission is known', file: policy, expression: '!is_known(permission, PERMISSION_COUNT)', value: 'false' },
    { name: 'a role is known', file: policy, expression: '!is_known(subject->role, ROLE_COUNT)', value: 'false' },
    { name: 'a relation is known', file: policy, expression: '!is_known(subject->relation, RELATION_COUNT)', value: 'false' },
    { name: 'a state is known', file: policy, expression: '!is_known(subject->state, DIALOGUE_STATE_COUNT)', value: 'false' },
    { name: 'for some one must be appointed', file: policy, expression: 'by_appointment[permission] && !subject->reviewer', value: 'false' },
    { name: 'some hang on the role', file: policy, expression: 'by_role[permission] & role', value: 'true' },
    { name: 'a relation presumes a role', file: policy, expression: '(role_of_relation[subject->relation] & role)', value: 'true' },
    { name: 'a permission hangs on relation and state', file: policy, expression: '(by_relation[permission][subject->relation] & (1u << subject->state))', value: 'true' },
    { name: 'who does not take part sees of nobody that they looked', file: sight, expression: 'at_work[viewer] == SIGHT_NOTHING', value: 'false' },
];
