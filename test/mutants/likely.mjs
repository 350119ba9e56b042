// SPDX-License-Identifier: MPL-2.0
// Which scenarios most likely catch a mutant, by words of its name: only so that a run takes less time.

const likely = [
    [/^dialogue\/(kept|made)/, ['opened.test.mjs']],
    [/no longer is employed/, ['staff_import.test.mjs']],
    [/in the database/, ['tampering.test.mjs']],
    [/may_read|PERMISSION_DIALOGUE_READ/, ['consent_story.test.mjs', 'participants.test.mjs']],
    [/^start\/|who came later/, ['consent.test.mjs', 'consent_story.test.mjs', 'dialogue.test.mjs']],
    [/^(start\/citizen_web|reason\/)/, ['insight.test.mjs']],
    [/^notice\/invitation_mail/, ['mail.test.mjs']],
    [/first_visible|first_number|from_number|:first|first_epoch|earlier|from a day on|came later|topic_epoch/, ['consent.test.mjs', 'files.test.mjs', 'journal.test.mjs']],
    [/lapses|dialogue_state_at|locked|runs? out|run out|whose time is over|until/, ['consent_story.test.mjs', 'consent.test.mjs']],
    [/ended|FORMER|taken out|has left|loses|ungrant|epoch|grant|member/, ['participants.test.mjs', 'streams.test.mjs', 'tampering.test.mjs']],
    [/reads_only|reading only|relatives? only|let in/, ['access.test.mjs']],
    [/side/, ['side.test.mjs']],
    [/stream|hub/, ['streams.test.mjs', 'consent.test.mjs']],
    [/hidden|shown/, ['moderation.test.mjs']],
    [/csrf|origin|forgery/, ['attack.test.mjs', 'hostile_requests.test.mjs']],
    [/^local\//, ['passkeys.test.mjs']],
    [/session|genuine|signed? in/, ['sign_in.test.mjs', 'tampering.test.mjs']],
    [/limit_check/, ['hostile_requests.test.mjs']],
    [/^file\//, ['files.test.mjs']],
    [/sight|log|review/, ['insight.test.mjs']],
    [/draft/, ['dialogue.test.mjs']],
    [/portrait|meet|demo|visible\b/, ['portraits.test.mjs']],
    [/import/, ['staff_import.test.mjs']],
    [/outsider|call_permit|route->permission|is asked to/, ['rights.test.mjs', 'outsiders.test.mjs']],
    [/^notice\//, ['mail.test.mjs']],
    [/post_editable|author/, ['dialogue.test.mjs']],
    [/invitation|participant/, ['participants.test.mjs']],
];

/** The likely files, the likeliest first. */
export const likelyFor = (mutant) => likely.filter(([words]) => words.test(mutant.name)).flatMap(([, files]) => files);
