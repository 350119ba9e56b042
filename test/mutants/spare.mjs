// SPDX-License-Identifier: MPL-2.0
// What has the form of a check and is none of permission or visibility, or can't be told from the program: each with its reason.

const duty = 'what the program does by itself, in its own time, and shows to nobody';
const count = 'a figure without content';
const page = 'where a page of a list ends';
const found = 'no check: what there is not, or can’t be read';

const button = 'whether a button or a line of a menu is shown; the route behind it asks the policy itself';

const spare = [
    { name: /^(dialogue\/dialogue_page|participant\/participant_page|consent\/propose_web|moderation\/(closing|hiding)_web|side\/side_web|web\/menu)\.c: policy_allows\((PERMISSION_\w+, &request->subject|item->permission, &request->subject)\)$/, why: button },
    { name: /^dialogue\/dialogue_page\.c: dialogue_is_open/, why: button },
    { name: /^journal\/journal_web\.c: policy_allows\(PERMISSION_DIALOGUE_WRITE, &request->subject\)$/, why: button },
    { name: /^admin\/admin\.sql:statistics: (?!unit|d\.unit)/, why: count },
    { name: /^admin\/admin\.sql:(overview: \(last_at|import_sweep)/, why: page },
    { name: /^(account\/account\.sql:login_sweep|web\/session\.sql:(touch|sweep)|file\/file\.sql:expired?: )/, why: duty },
    { name: /^consent\/consent\.sql:(running_out|locked_before|reminders_of: [rm]\.(id|days))/, why: duty },
    { name: /^insight\/draw\.sql:/, why: 'draws the spot checks: docs/review.md has the rule, and spot_test.c its tests' },
    { name: /^journal\/journal\.sql:(covered|pieces_sweep|due|unproven|undelivered|marks_open: e|marks_late: [em]|late_count: [em])/, why: duty },
    { name: /^notice\/notice\.sql:(news|news_done|day|daily: \(c\.person|reminders|answered|invited_add|address_refuse: refused|wish_end: expires|stop_all: COALESCE)/, why: duty },
    { name: /^retention\/retention\.sql:(next|unaware|erasure_change|erasures: changed|forget_pieces)/, why: duty },
    { name: /^admin\/admin\.sql:questions: d\.last_at >= :from$/, why: 'equivalent: nothing in a dialogue is newer than its last message; this finds the dialogues by an index' },
    { name: /^dialogue\/dialogue\.sql:(read_to: read_number|read_own: read_number|post_by_once: once)/, why: 'how far one has read, and what was sent twice' },
    { name: /^account\/(oidc_fetch|oidc_metadata|oidc_provider)\.c:|^account\/oidc\.c: (body\.error|code\.len)/, why: 'the conversation with the login provider: test/scenario/oidc_hostile.test.mjs has its cases' },
    { name: /^(account\/account\.c: count|account\/oidc_identity\.c: (what->cpr|provider->kind)|consent\/consent\.c: result == 0 && consent\.state|consent\/proposal\.c: what->person|dialogue\/dialogue_erase\.c: rows|dialogue\/post\.c: once == 0|folder\/folder_part\.c: part->account|folder\/folder_web\.c: shelf|inbox\/inbox_web\.c: items|journal\/journal_entry_web\.c: proof|notice\/notice_compose\.c: kept|retention\/retention_web\.c: person|retention\/erasure\.c: result == 0 && i == count|search\/search_page\.c: !search_find|start\/citizen_web\.c: str_to_int|start\/start_web\.c: row->coordinator_null|notice\/notice_stop\.c: bytes\.len|account\/oidc_metadata\.c: anew|dialogue\/terms\.c: result == 0 && part\.member\.admission|file\/file_read_web\.c: (part == FILE_PART|result == 0 && file\.kind)|admin\/employment\.c: ending->successor == ending|inbox\/inbox_web\.c: request->session\.unit$)/, why: found },
    { name: /^admin\/staff_import\.c: result == 0 && row\.created/, why: 'how long a list waits to be decided' },
    { name: /^dialogue\/(dialogue\.c: dialogue_state_at.* \(2\)|terms\.c: dialogue_state_at\(dialogue->state|terms\.c: dialogue_state_at\(after)/, why: 'equivalent: the state after a change, of which the same request asks nothing more; the next one reads it anew' },
    { name: /^dialogue\/post_hidden\.c: result == 0 && !ret_marker->hidden/, why: 'equivalent: of a message that is not hidden there is no row that has not ended (hidden_get asks for one)' },
    { name: /^journal\/journal_web\.c: policy_allows\(request->route->permission/, why: 'equivalent: the router asks the same again before the handler keeps anything; this spares the drawing' },
    { name: /^journal\/journal_form\.c: dialogue_first_visible\(dialogue\) \(2\)$/, why: 'equivalent: a number that is asked for counts from the reader’s first message, so that none is an earlier one’s' },
    { name: /^journal\/journal_prove\.c: /, why: duty },
    { name: /^participant\/participant_web\.c: person == dialogue->member|^side\/side_web\.c: !side->parent/, why: found },
    { name: /^start\/citizen_web\.c: !request->session\.unit/, why: 'equivalent: a dialogue has a unit (a foreign key), and nobody’s account is a citizen’s and an employee’s' },
    { name: /^access\/access\.sql:own: (p\.ended|d\.parent)/, why: 'equivalent: the citizen takes part in every dialogue about them, to its end, and in no side talk' },
    { name: /^who is taken out gets no new key$/, why: 'equivalent: all their grants are taken away right after' },
    { name: /^(a stream that began while access was taken is cut|a session that ended meanwhile writes nothing|a write looks up the session anew)$/, why: 'a moment between two steps that no test can hit; that an answer is made anew is tested (router_test.c)' },
    { name: /^web\/read\.c: withdrawn_since\(call\)$/, why: 'equivalent: the same is asked once more before the answer goes out; here it spares a record of what nobody got' },
    { name: /^the unit stands only where roles are seen$/, why: 'equivalent: of whom less than the role is seen is a citizen or a relative, and has no unit' },
    { name: /^a citizen’s provider opens no employee’s account$/, why: 'equivalent as long as the two providers are two: the issuer is part of what an account is found by' },
    { name: /^notice\/notice_news\.c: may_read/, why: 'answers by its last argument: what it asks of the policy is a mutant of its own' },
    { name: /^notice\/notice_unit_web\.c: request->session\.unit == 0$/, why: 'equivalent: who has no unit is told of none; no inbox has the number 0' },
    { name: /^local\/enrol_web\.c: result == 0 && local\.password/, why: 'equivalent: the first passkey moves the account’s version, to which the other page’s challenge is bound' },
    { name: /^local\/(enrol_web\.c: tried->person|local\.c: !read\.ptr)/, why: 'equivalent: nobody is number 0, and nobody has a name that is none' },
    { name: /^search\/search_page\.c: !policy_allows/, why: 'equivalent: the search has asked the same of each dialogue, in the same request; this is about what it found' },
    { name: /^search\/search_web\.c: form->in$/, why: found },
    { name: /: request->wants_json/, why: 'a page that programs are not given' },
];

/** Why a mutant is left out of the run; undefined: it is not. */
export const spareOf = (mutant) => spare.find(({ name }) => name.test(mutant.name))?.why;

/** Reasons that speak of nothing any more. */
export const idleSpares = (mutants) => spare.filter(({ name }) => !mutants.some((one) => name.test(one.name))).map(({ name }) => String(name));
