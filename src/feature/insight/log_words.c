// SPDX-License-Identifier: MPL-2.0
#include "feature/insight/log_words.h"

#include <string.h>

#define IN_DIALOGUE (LOG_TO_CITIZEN)

static const struct log_words all[AUDIT_KIND_COUNT] = {
    [AUDIT_SIGN_IN] = { LOG_OWN, 0, NULL, NULL, TEXT("You signed in") },
    [AUDIT_SIGN_OUT] = { LOG_OWN, 0, NULL, NULL, TEXT("You signed out") },
    [AUDIT_SIGN_IN_REFUSED] = { LOG_OWN, 0, NULL, NULL, TEXT("A sign-in of yours was refused") },
    [AUDIT_DIALOGUE_LIST] = { LOG_OWN, 0, NULL, NULL, TEXT("You saw your start page") },
    [AUDIT_PROFILE_CHANGE] = { LOG_OWN, 0, NULL, NULL, TEXT("You changed your profile") },
    [AUDIT_STAFF_SEARCH] = { LOG_OWN, 0, NULL, NULL, TEXT("You searched the staff list") },
    [AUDIT_UNIT_READ] = { LOG_OWN, 0, NULL, NULL, TEXT("You saw what waits in your unit") },
    [AUDIT_MAIL_ADDRESS] = { LOG_OWN, 0, NULL, NULL, TEXT("You changed or confirmed your e-mail address") },
    [AUDIT_MAIL_CHOICE] = { LOG_OWN, 0, NULL, NULL, TEXT("You chose when you are told by mail") },
    [AUDIT_MAIL_QUEUE] = { LOG_OWN, 0, NULL, NULL, TEXT("You saw or changed the mails that wait") },
    [AUDIT_DRAFT_WRITE] = { LOG_OWN, 0, NULL, NULL, TEXT("You saved a draft in {dialogue}") },
    [AUDIT_DIALOGUE_READ] = { LOG_READ, IN_DIALOGUE, TEXT("{who} read {posts} in {dialogue}"), TEXT("{who} opened {dialogue}"), NULL },
    [AUDIT_POST_HISTORY_READ] = { LOG_READ, IN_DIALOGUE, TEXT("{who} read earlier texts of {posts} in {dialogue}"), NULL, NULL },
    [AUDIT_POST_HIDE] = { LOG_WRITE, IN_DIALOGUE | LOG_OPEN, TEXT("{who} hid {message} in {dialogue}"), NULL, NULL },
    [AUDIT_POST_UNHIDE] = { LOG_WRITE, IN_DIALOGUE | LOG_OPEN, TEXT("{who} showed {message} in {dialogue} again"), NULL, NULL },
    [AUDIT_POST_ORIGINAL_READ] = { LOG_READ, IN_DIALOGUE, TEXT("{who} read {message}, which is hidden, in {dialogue}"), NULL, NULL },
    [AUDIT_DIALOGUE_CLOSE] = { LOG_WRITE, IN_DIALOGUE | LOG_OPEN, TEXT("{who} closed {dialogue}"), NULL, NULL },
    [AUDIT_DIALOGUE_REOPEN] = { LOG_WRITE, IN_DIALOGUE | LOG_OPEN, TEXT("{who} opened {dialogue} again"), NULL, NULL },
    [AUDIT_PARTICIPANT_DESCRIBE] = { LOG_PEOPLE, IN_DIALOGUE | LOG_OBJECT_PERSON, TEXT("{who} changed what {person} is called in {dialogue}"), NULL, NULL },
    [AUDIT_HAND_OVER] = { LOG_PEOPLE, IN_DIALOGUE | LOG_OBJECT_PERSON, TEXT("{who} handed {dialogue} over to {person}"), NULL, NULL },
    [AUDIT_SIDE_TALK_START] = { LOG_CARE, IN_DIALOGUE, TEXT("{who} started a side talk of employees beside {dialogue}"), NULL, NULL },
    [AUDIT_SIDE_TALK_END] = { LOG_CARE, IN_DIALOGUE | LOG_ITSELF, TEXT("{who} ended a side talk of employees beside {dialogue}"), NULL, NULL },
    [AUDIT_SIDE_TALK_FILE] = { LOG_CARE, IN_DIALOGUE, TEXT("{who} filed a side talk of employees beside {dialogue}, without reading it"),
                               NULL, NULL },
    [AUDIT_SIDE_TALK_INHERIT] = { LOG_PEOPLE, IN_DIALOGUE | LOG_OBJECT_PERSON | LOG_ITSELF,
                                  TEXT("{person} became the coordinator of {dialogue}, because who was has left"), NULL,
                                  TEXT("A side talk of employees got a new coordinator by what you did") },
    [AUDIT_SIDE_TALK_LIST] = { LOG_READ, IN_DIALOGUE, TEXT("{who} saw the side talks beside {dialogue}"), NULL, NULL },
    [AUDIT_ACCESS_READ] = { LOG_OWN, 0, NULL, NULL, TEXT("You saw whom you have let in") },
    [AUDIT_ACCESS_CHANGE] = { LOG_PEOPLE, IN_DIALOGUE | LOG_OBJECT_PERSON, TEXT("{who} changed {person}'s access to {dialogue}"), NULL, NULL },
    [AUDIT_SEARCH] = { LOG_READ, IN_DIALOGUE, TEXT("{who} searched {posts} in {dialogue}"), NULL, TEXT("You searched your dialogues") },
    [AUDIT_PRINT] = { LOG_READ, IN_DIALOGUE, TEXT("{who} printed {posts} from {dialogue}"), TEXT("{who} opened the print of {dialogue}"), NULL },
    [AUDIT_FILE_READ] = { LOG_READ, IN_DIALOGUE, TEXT("{who} opened a picture or a file of {posts} in {dialogue}"), NULL, NULL },
    [AUDIT_FILE_PREVIEW] = { LOG_READ, IN_DIALOGUE, TEXT("{who} saw pictures of {posts} in {dialogue}"), NULL, NULL },
    [AUDIT_FILE_ADD] = { LOG_OWN, 0, NULL, NULL, TEXT("You added a picture or a file in {dialogue}") },
    [AUDIT_FILE_REMOVE] = { LOG_OWN, 0, NULL, NULL, TEXT("You removed a picture or a file in {dialogue} before it was sent") },
    [AUDIT_PARTICIPANT_READ] = { LOG_READ, IN_DIALOGUE, TEXT("{who} saw who takes part in {dialogue}"), NULL, NULL },
    [AUDIT_JOURNAL_READ] = { LOG_READ, IN_DIALOGUE, TEXT("{who} saw what is filed of {dialogue}"), NULL, NULL },
    [AUDIT_JOURNAL_OPEN] = { LOG_READ, IN_DIALOGUE, TEXT("{who} opened a journal entry of {dialogue}"), NULL, NULL },
    [AUDIT_JOURNAL_MAKE] = { LOG_WRITE, IN_DIALOGUE, TEXT("{who} filed {posts} of {dialogue} in the journal"),
                             TEXT("{who} filed a note about {dialogue} in the journal"), NULL },
    [AUDIT_JOURNAL_MARK] = { LOG_WRITE, IN_DIALOGUE, TEXT("{who} changed whether {message} in {dialogue} is important"), NULL, NULL },
    [AUDIT_JOURNAL_DELIVER] = { LOG_WRITE, IN_DIALOGUE | LOG_ITSELF, TEXT("A journal entry of {dialogue} went to the case system"), NULL, NULL },
    [AUDIT_JOURNAL_RECEIPT] = { LOG_WRITE, IN_DIALOGUE | LOG_ITSELF, TEXT("The case system has taken a journal entry of {dialogue}"), NULL, NULL },
    [AUDIT_DIALOGUE_START] = { LOG_WRITE, IN_DIALOGUE | LOG_OPEN, TEXT("{who} started {dialogue}"), NULL, NULL },
    [AUDIT_POST_WRITE] = { LOG_WRITE, IN_DIALOGUE | LOG_OPEN, TEXT("{who} wrote {message} in {dialogue}"), NULL, NULL },
    [AUDIT_POST_EDIT] = { LOG_WRITE, IN_DIALOGUE | LOG_OPEN, TEXT("{who} changed {message} in {dialogue}"), NULL, NULL },
    [AUDIT_PARTICIPANT_ADD] = { LOG_PEOPLE, IN_DIALOGUE | LOG_OBJECT_PERSON, TEXT("{who} let {person} into {dialogue}"), NULL, NULL },
    [AUDIT_PARTICIPANT_EXCLUDE] = { LOG_PEOPLE, IN_DIALOGUE | LOG_OBJECT_PERSON, TEXT("{who} ended {person}'s access to {dialogue}"), NULL, NULL },
    [AUDIT_PARTICIPANT_LEAVE] = { LOG_PEOPLE, IN_DIALOGUE | LOG_OPEN, TEXT("{who} left {dialogue}"), NULL, NULL },
    [AUDIT_PARTICIPANT_COORDINATE] = { LOG_PEOPLE, IN_DIALOGUE | LOG_OBJECT_PERSON, TEXT("{who} changed what {person} may do in {dialogue}"), NULL, NULL },
    [AUDIT_INVITATION_MAKE] = { LOG_PEOPLE, IN_DIALOGUE, TEXT("{who} made an invitation to {dialogue}"), NULL, NULL },
    [AUDIT_INVITATION_REVOKE] = { LOG_PEOPLE, IN_DIALOGUE, TEXT("{who} took back an invitation to {dialogue}"), NULL, NULL },
    [AUDIT_INVITATION_ACCEPT] = { LOG_PEOPLE, IN_DIALOGUE | LOG_OPEN, TEXT("{who} accepted an invitation to {dialogue}"), NULL, NULL },
    [AUDIT_CITIZEN_LOOK_UP] = { LOG_LOOK_UP, LOG_ABOUT, TEXT("{who} looked you up among the citizens"), NULL, TEXT("You looked a citizen up"),
                                TEXT("{who} looked a citizen up") },
    [AUDIT_CITIZEN_REGISTER] = { LOG_LOOK_UP, LOG_ABOUT, TEXT("{who} registered you here"), NULL, TEXT("You registered a citizen"), TEXT("{who} registered a citizen") },
    [AUDIT_DIALOGUE_LOOK_UP] = { LOG_LOOK_UP, IN_DIALOGUE, TEXT("{who} saw that {dialogue} exists, and who takes part"), NULL,
                                TEXT("You saw that a dialogue exists, and who takes part") },
    [AUDIT_ADMIN_READ] = { LOG_OWN, 0, NULL, NULL, TEXT("You saw pages of administration") },
    [AUDIT_UNIT_CHANGE] = { LOG_OWN, 0, NULL, NULL, TEXT("You changed a unit") },
    [AUDIT_STAFF_CHANGE] = { LOG_OWN, 0, NULL, NULL, TEXT("You changed the staff list") },
    [AUDIT_READERS_READ] = { LOG_CARE, IN_DIALOGUE, TEXT("{who} saw who has read {message} in {dialogue}"), NULL, NULL },
    [AUDIT_LOG_READ] = { LOG_CARE, 0, NULL, NULL, TEXT("You read the log about yourself") },
    [AUDIT_REVIEW_ASK] = { LOG_CARE, 0, NULL, NULL, TEXT("You asked about an entry in the log") },
    [AUDIT_REVIEW_LIST] = { LOG_CARE, 0, NULL, NULL, TEXT("You saw the reviews that wait") },
    [AUDIT_REVIEW_READ] = { LOG_CARE, IN_DIALOGUE, TEXT("{who} reviewed a look-up in {dialogue}, without the messages"), NULL, NULL },
    [AUDIT_REVIEW_CLOSE] = { LOG_CARE, IN_DIALOGUE, TEXT("{who} signed off a review of a look-up in {dialogue}"), NULL, NULL },
    [AUDIT_CONSENT_LIST] = { LOG_OWN, 0, NULL, NULL, TEXT("You saw your consents") },
    [AUDIT_CONSENT_READ] = { LOG_CARE, IN_DIALOGUE, TEXT("{who} saw the consents of {dialogue}"), NULL, NULL },
    [AUDIT_CONSENT_RULE] = { LOG_PEOPLE, IN_DIALOGUE | LOG_OBJECT_PERSON, TEXT("{who} changed whether {person} must say yes to new people in {dialogue}"), NULL, NULL },
    [AUDIT_CONSENT_ASK] = { LOG_PEOPLE, IN_DIALOGUE, TEXT("{who} proposed somebody for {dialogue}"), NULL, NULL },
    [AUDIT_CONSENT_TAKE_BACK] = { LOG_PEOPLE, IN_DIALOGUE, TEXT("{who} took back a proposal for {dialogue}"), NULL, NULL },
    [AUDIT_CONSENT_GIVE] = { LOG_PEOPLE, IN_DIALOGUE | LOG_CONSENT_TEXT, TEXT("{who} said yes to somebody new in {dialogue}"), NULL, NULL },
    [AUDIT_CONSENT_TEXT_DRAFT] = { LOG_OWN, 0, NULL, NULL, TEXT("You changed the draft of the text about consent") },
    [AUDIT_CONSENT_TEXT_PUBLISH] = { LOG_OWN, 0, NULL, NULL, TEXT("You published version {number} of the text about consent") },
    [AUDIT_CONSENT_DECLINE] = { LOG_PEOPLE, IN_DIALOGUE | LOG_CONSENT_TEXT, TEXT("{who} said no to somebody new in {dialogue}"), NULL, NULL },
    [AUDIT_CONSENT_WITHDRAW] = { LOG_PEOPLE, IN_DIALOGUE, TEXT("{who} took a consent back in {dialogue}"), NULL, NULL },
    [AUDIT_CONSENT_RENEW] = { LOG_PEOPLE, IN_DIALOGUE | LOG_CONSENT_TEXT, TEXT("{who} renewed a consent in {dialogue}"), NULL, NULL },
    [AUDIT_CONSENT_LAPSE] = { LOG_PEOPLE, IN_DIALOGUE | LOG_ITSELF, TEXT("{dialogue} was closed, because a consent had run out"), NULL, NULL },
    [AUDIT_REVIEWER_APPOINT] = { LOG_CARE, 0, NULL, NULL, TEXT("You changed who reviews") },
    [AUDIT_FOLDER_MAKE] = { LOG_READ, IN_DIALOGUE, TEXT("{who} put {posts} of {dialogue} into a personal folder"),
                            TEXT("{who} made a personal folder"), TEXT("You put {posts} of {dialogue} into your folder") },
    [AUDIT_FOLDER_FETCH] = { LOG_OWN, 0, NULL, NULL, TEXT("You fetched your folder") },
    [AUDIT_RETENTION_READ] = { LOG_OWN, 0, NULL, NULL, TEXT("You saw what may be erased") },
    [AUDIT_RETENTION_RULE] = { LOG_OWN, 0, NULL, NULL, TEXT("You changed for how long a unit keeps dialogues") },
    [AUDIT_ERASURE_ASK] = { LOG_WRITE, IN_DIALOGUE, TEXT("{who} asked for {dialogue} to be erased"), NULL, NULL },
    [AUDIT_ERASURE_AGREE] = { LOG_WRITE, IN_DIALOGUE, TEXT("{who} agreed that {dialogue} is erased"), NULL, NULL },
    [AUDIT_ERASURE_STOP] = { LOG_WRITE, IN_DIALOGUE, TEXT("{who} stopped the erasing of {dialogue}"), NULL, NULL },
    [AUDIT_LOCAL_ACCOUNT] = { LOG_OWN, 0, NULL, NULL, TEXT("You gave an employee an account with a starting password") },
    [AUDIT_LOCAL_PASSWORD] = { LOG_OWN, 0, NULL, NULL, TEXT("You began to make your first passkey, with the password you were given") },
    [AUDIT_PASSKEY_ADD] = { LOG_OWN, 0, NULL, NULL, TEXT("You made a passkey") },
    [AUDIT_PASSKEY_REMOVE] = { LOG_OWN, 0, NULL, NULL, TEXT("You removed a passkey") },
    [AUDIT_PASSKEY_COUNTER] = { LOG_OWN, 0, NULL, NULL, TEXT("A sign-in with an older copy of your passkey was refused") },
    [AUDIT_RECOVERY_CODES] = { LOG_OWN, 0, NULL, NULL, TEXT("You made new recovery codes") },
    [AUDIT_RECOVERY_USE] = { LOG_OWN, 0, NULL, NULL, TEXT("You signed in with a recovery code") },
    [AUDIT_ERASURE_DONE] = { LOG_WRITE, IN_DIALOGUE | LOG_ITSELF, TEXT("{dialogue} was erased, as its unit's rule says"), NULL, NULL },
};

const struct log_words *log_words(enum audit_kind kind)
{
    return &all[(unsigned)kind < AUDIT_KIND_COUNT ? kind : AUDIT_UNSET];
}

bool log_same_visit(enum audit_kind kind, int64_t earlier_ms, int64_t later_ms)
{
    return log_words(kind)->group == LOG_READ && later_ms - earlier_ms <= LOG_VISIT_MS;
}

const char *log_group_text(enum log_group group)
{
    static const char *const names[LOG_GROUPS] = {
        [LOG_NONE] = TEXT("Everything"), [LOG_READ] = TEXT("Read"), [LOG_WRITE] = TEXT("Written"), [LOG_PEOPLE] = TEXT("Who takes part"),
        [LOG_LOOK_UP] = TEXT("Look-ups"), [LOG_CARE] = TEXT("The log and reviews"), [LOG_OWN] = TEXT("Your sign-ins and settings"),
    };
    return names[(unsigned)group < LOG_GROUPS ? group : LOG_NONE];
}

// A post's number as the reader counts.
static struct str told(struct people *people, const struct log_sentence *sentence, int64_t number)
{
    int64_t before = sentence->before;
    return arena_format(people->request->arena, "%lld", (long long)(number > before ? number - before : 1));
}

static struct str posts_words(struct people *people, const struct log_sentence *sentence)
{
    const struct audit_event *event = sentence->event;
    if (sentence->before == LOG_NO_NUMBERS)
        return request_text(people->request, TEXT("messages"));
    struct text_value values[] = { { "first", told(people, sentence, event->first) }, { "last", told(people, sentence, event->last) } };
    if (event->first == event->last)
        return people_text(people, TEXT("message {first}"), values, 1);
    return people_text(people, TEXT("messages {first}–{last}"), values, 2);
}

static struct str message_words(struct people *people, const struct log_sentence *sentence)
{
    if (sentence->before == LOG_NO_NUMBERS)
        return request_text(people->request, TEXT("a message"));
    struct text_value value = { "first", told(people, sentence, sentence->event->object) };
    return people_text(people, TEXT("message {first}"), &value, 1);
}

static struct str topic_words(struct people *people, struct str topic)
{
    struct text_value value = { "topic", topic };
    if (topic.len == 0)
        return request_text(people->request, TEXT("a dialogue"));
    return people_text(people, TEXT("“{topic}”"), &value, 1);
}

static const char *sentence_text(const struct log_words *words, const struct log_sentence *sentence)
{
    if (sentence->event->last == 0 && words->bare)
        return words->bare;
    if (sentence->own && words->own)
        return words->own;
    return sentence->other && words->other ? words->other : words->text;
}

struct str log_words_sentence(struct people *people, const struct log_sentence *sentence)
{
    struct request *request = people->request;
    const struct audit_event *event = sentence->event;
    const struct log_words *words = log_words(event->kind);
    const char *text = sentence_text(words, sentence);
    const struct text_value values[] = {
        { "who", sentence->own ? STR("") : sentence->who },
        { "posts", posts_words(people, sentence) },
        { "message", message_words(people, sentence) },
        { "number", arena_format(request->arena, "%lld", (long long)event->object) },
        { "dialogue", topic_words(people, sentence->topic) },
        { "person", sentence->person.len ? sentence->person : request_text(request, TEXT("somebody")) },
    };
    if (!text)
        return STR("");
    struct text_value act = { "act", people_text(people, text, values, sizeof(values) / sizeof(values[0])) };
    // Each sentence begins with who did it.
    return sentence->own && text != words->own ? people_text(people, TEXT("You{act}"), &act, 1) : act.value;
}

int64_t log_words_message(const struct log_sentence *sentence)
{
    const struct audit_event *event = sentence->event;
    const char *text = sentence_text(log_words(event->kind), sentence);
    if (!text || sentence->before == LOG_NO_NUMBERS)
        return 0;
    return strstr(text, "{posts}") ? event->first : strstr(text, "{message}") ? event->object : 0;
}
