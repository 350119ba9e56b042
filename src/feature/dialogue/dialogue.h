// SPDX-License-Identifier: MPL-2.0
// Dialogues: a citizen, a topic, the people around them, and the keys that open what they write to each other.
//
// Whoever comes to a dialogue comes as a member: a participant, or an invitation that is being accepted. A member has one key grant
// for each epoch; without one that was made by the program for just this member and relation, nothing opens.
#pragma once

#include "crypt/seal.h"
#include "crypt/vault.h"
#include "policy/policy.h"
#include "store/db.h"

#define DIALOGUE_TOPIC_MAX 120          // characters
#define DIALOGUE_WORDS_MAX 60           // characters of a relation in words
#define DIALOGUE_PARTICIPANTS_MAX 100   // who take part or took part
#define DIALOGUE_KEYS_KEPT 4            // epochs whose keys a struct dialogue remembers

// What the rules of a dialogue work with: the request's database, keyring, memory and time.
struct dialogue_scene {
    struct db *db;
    struct keyring *keys;
    struct arena *arena;
    int64_t now;           // ms
    struct vault *vault;   // of the thread; NULL: everything is read and opened anew. Only with a database that is read
    struct request *acting;   // what follows by itself from what is done here stands in the log with the request's own record; NULL: there is none
};

// How far somebody's part goes. Sealed with the participant and bound into their key grants by its id, so that a row which was changed
// opens no more and lasts no longer.
struct dialogue_terms {
    int64_t first_number;   // of the first post that they may see; 1: all
    int64_t first_epoch;    // they hold grants from this epoch on
    int64_t until;          // ms: then their access is over, whatever has run; 0: no end
    bool locks;             // when it ends so, the dialogue is locked until it is prolonged or they are removed (a consent ran out)
    bool reads_only;        // may not write
};

// The terms of a part that rests on nothing else: all posts, without end.
#define DIALOGUE_ALL ((struct dialogue_terms){ .first_number = 1, .first_epoch = DIALOGUE_FIRST_EPOCH })

// A dialogue as one member has come to it. Lives in the scene's arena.
struct dialogue {
    struct dialogue_scene scene;
    int64_t id;
    int64_t member;              // person or invitation
    enum relation relation;      // RELATION_NONE for an invitation, RELATION_FORMER for who has left or whose access is over
    int64_t role;                // as bound into the member's grants
    int64_t admission;           // as bound into the member's grants
    struct dialogue_terms terms;
    int64_t since;               // ms: from when on the terms hold
    enum dialogue_state state;   // as of the scene's time: an open dialogue in which a needed consent has run out is locked
    int64_t lapses;              // ms: when it will be locked; 0: never
    int64_t parent;              // of a side talk: the dialogue beside which it is; 0: it is none
    int64_t ends;                // of a side talk: when it ends by itself, or was ended
    int64_t unit, citizen;       // ids
    int64_t epoch;               // the newest
    int64_t last_number;         // of the newest post; 0: none
    int64_t content;             // counts every change of a post
    int64_t read_number;         // the newest that the person has been shown
    int64_t created;             // ms
    int64_t share;               // of its keys, see crypt/keeper.h
    int64_t topic_epoch;
    struct str topic;            // empty for who has left
    struct dialogue *whole;      // the same as its citizen, who holds all keys; made when it is first needed
    struct {
        int64_t epoch;
        struct data_key *key;
    } opened[DIALOGUE_KEYS_KEPT];
    size_t opened_count;
};

#define DIALOGUE_FIRST_EPOCH 1

// Removes all that was sealed with a dialogue's keys, the keys, and who took part; its row stays as a stub, DIALOGUE_ERASED. After its share was
// destroyed. -ENOENT. In a write transaction.
int dialogue_erase(struct db *db, int64_t id);

// The greatest number of a share that a dialogue has; 0: none.
int dialogue_newest_share(struct db *db, int64_t *ret_share);

// Where a member's grant of an epoch stands.
static inline struct grant_place dialogue_grant_place(const struct dialogue *dialogue, int64_t member, int64_t epoch, int64_t role, int64_t admission)
{
    return (struct grant_place){
        .dialogue = dialogue->id, .epoch = epoch, .member = member, .role = role, .consent = admission, .share = dialogue->share };
}

// The number of the first post that the member may see. Whatever shows, counts or searches posts, or tells who did what with them,
// leaves out those before it; post.h does.
static inline int64_t dialogue_first_visible(const struct dialogue *dialogue)
{
    return dialogue->terms.first_number;
}

// Posts have one number each: in the database, in the log, everywhere inside the program. Who sees only what is written from a day on would learn from it
// how much was written before, so what they are shown, and what they send back, counts from their first post on. Every view, address and event tells
// numbers with the one, every form and query is read with the other; dialogue_load has done so with the {number#} of a path.
static inline int64_t dialogue_told_number(const struct dialogue *dialogue, int64_t number)
{
    int64_t before = dialogue_first_visible(dialogue) - 1;
    return number > before ? number - before : 0;
}

// 0 and below (nothing was asked for) stay as they are.
static inline int64_t dialogue_asked_number(const struct dialogue *dialogue, int64_t told)
{
    int64_t before = dialogue_first_visible(dialogue) - 1;
    return told <= 0 ? told : told < INT64_MAX - before ? told + before : INT64_MAX;
}

// Opens a dialogue for a person. -ENOENT when there is none, when the person was never in it, or when the membership row was not made by
// the program: grants of their first and of the newest epoch say that it was, and no grant may be of an epoch that is said
// to be to come. Who has left, or whose access is over, gets it with RELATION_FORMER and without the topic.
int dialogue_open(const struct dialogue_scene *scene, int64_t id, int64_t person, struct dialogue **ret_dialogue);

// Asks ahead (db_ask) what dialogue_open, and what dialogue_persons, will ask.
void dialogue_ask(const struct dialogue_scene *scene, int64_t id, int64_t person);
void dialogue_ask_persons(const struct dialogue_scene *scene, int64_t id);

// Opens a dialogue for an invitation that holds grants. -ENOENT.
int dialogue_open_invited(const struct dialogue_scene *scene, int64_t id, int64_t invitation, struct dialogue **ret_dialogue);

// The data key of an epoch. -ENOENT without a grant, -EBADMSG when the grant is not genuine.
int dialogue_key(struct dialogue *dialogue, int64_t epoch, struct data_key **ret_key);

struct dialogue_new {
    int64_t unit;
    int64_t citizen;             // person id
    int64_t coordinator;         // person id of an employee, another than the citizen; 0: nobody yet, the dialogue is opened as the citizen
    struct str topic;
    struct str citizen_words;        // "borger"
    struct str coordinator_words;    // "sagsbehandler"
    int64_t parent;              // of a side talk, in which the citizen does not take part; 0: none
};

// Starts a dialogue with its citizen and its first coordinator. In a write transaction.
int dialogue_start(const struct dialogue_scene *scene, const struct dialogue_new *what, struct dialogue **ret_dialogue);

// Talks beside a dialogue, of employees who take part in it. It is an exception: it has a name, a reason and an end, nobody else is told of it, and it
// stands in the log of the dialogue and can be journalised like any other. Whose part in the dialogue is over has none in the talks beside it. After its
// end, at the latest when the dialogue is closed, it is only read.
#define DIALOGUE_SIDE_PEOPLE_MAX 20
#define DIALOGUE_SIDE_REASON_MAX 300   // characters
struct dialogue_side_new {
    struct str name, reason;
    int64_t ends;                    // ms
    const int64_t *persons;          // beside who starts it
    size_t count;
};

// Starts one. -EINVAL when somebody is no employee who takes part, or nobody is named.
int dialogue_side_start(struct dialogue *parent, const struct dialogue_side_new *what, struct dialogue **ret_side);

// Ends a side talk before its time. -EINVAL when it is over, or none.
int dialogue_side_end(struct dialogue *side);

// Why there is a side talk. For its members.
int dialogue_side_reason(struct dialogue *side, struct str *ret_reason);

// Whether a coordinator of a side talk still has a part in its dialogue: without one nobody can file it.
int dialogue_side_has_coordinator(struct dialogue *side, bool *ret_has);

// The side talks of a dialogue that one member takes part in, the newest first, in the scene's arena.
int dialogue_sides(struct dialogue *parent, struct dialogue *const **ret_sides, size_t *ret_count);

// The ids of those beside a dialogue in which is still written, whoever takes part in them, in the scene's arena. The dialogue's closing ends them.
int dialogue_sides_running(struct dialogue *parent, const int64_t **ret_sides, size_t *ret_count);

// Whether one writes in it now.
static inline bool dialogue_is_open(const struct dialogue *dialogue)
{
    return dialogue->state == DIALOGUE_OPEN || dialogue->state == DIALOGUE_SIDE;
}

// Lets a person take part from now on, all epochs included, as the relation says. Who had left may come back.
// -EEXIST when they take part already, -E2BIG when there are too many.
int dialogue_admit(struct dialogue *dialogue, int64_t person, enum relation relation, struct str words);

// The same on terms. Before it: proposal_settle.
int dialogue_admit_on(struct dialogue *dialogue, int64_t person, enum relation relation, struct str words, const struct dialogue_terms *terms);

// Sets where the terms begin to what is written from now on: a new key epoch begins, to which the topic and what everybody is to the
// citizen are carried over; keys of earlier ones are not given to who is admitted on these terms.
int dialogue_from_now(struct dialogue *dialogue, struct dialogue_terms *terms);

// The terms of a person who takes part, also when their access is over. -ENOENT.
int dialogue_terms_of(struct dialogue *dialogue, int64_t person, struct dialogue_terms *ret_terms);

// Changes until when a person's access lasts; what they see stays. -ENOENT when they do not take part, or not on terms.
int dialogue_prolong(struct dialogue *dialogue, int64_t person, int64_t until);

// Changes until when a person's access lasts (0: no end) and whether it is for reading only; what they see stays. -ENOENT when they do not take
// part; -EINVAL when their part rests on a consent, which says it.
int dialogue_limit(struct dialogue *dialogue, int64_t person, int64_t until, bool reads_only);

// Opens a dialogue for what the program itself has to do in it, as its citizen, who holds all keys and can't be taken out; a side talk as its
// coordinator, also as one whose part in the dialogue is over.
int dialogue_open_whole(const struct dialogue_scene *scene, int64_t id, struct dialogue **ret_dialogue);

// Ends the writing, in its side talks too: everybody who takes part may still read. Reopening opens no side talk. -EINVAL when it is closed already.
int dialogue_close(struct dialogue *dialogue);

// Opens a closed dialogue again. -EINVAL when it is not closed, -EKEYEXPIRED while a consent that it needs has run out: that is renewed,
// or the person removed, first.
int dialogue_reopen(struct dialogue *dialogue);

// Notes that all of a closed dialogue lies in the journal: it is read from then on, and never written in again. -EINVAL when it is not closed.
int dialogue_journalised(struct dialogue *dialogue);

// When the part of a person who had one was ended, ms. -ENOENT when they take part or never did.
int dialogue_ended(struct dialogue *dialogue, int64_t person, int64_t *ret_ended);

// Gives a member (an invitation) grants of all epochs from one on (DIALOGUE_FIRST_EPOCH: all). role is what dialogue_open… will ask with: 0 for
// an invitation.
int dialogue_grant(struct dialogue *dialogue, int64_t member, int64_t role, int64_t first_epoch);

// Takes a member's grants away (an invitation that was used or revoked). No new epoch: it never opened anything.
int dialogue_ungrant(struct dialogue *dialogue, int64_t member);

// Ends a person's part: grants and draft are removed, a new key epoch begins, which everybody else's members get. -ENOENT when they do not
// take part; -EBUSY for the last coordinator; -EPERM for the citizen. What they wrote stays.
int dialogue_end(struct dialogue *dialogue, int64_t person);

// The same for whose consent was withdrawn: also the last coordinator goes, for nobody may stay whom the citizen no longer wants there.
int dialogue_remove(struct dialogue *dialogue, int64_t person);

// Makes a professional a coordinator, or a coordinator a professional again. -ENOENT when they do not take part, -EINVAL when they are something
// else, -EBUSY for the last coordinator. For oneself: open the dialogue anew afterwards.
int dialogue_set_coordinator(struct dialogue *dialogue, int64_t person, bool coordinator);

// Changes what a person is to the citizen, in words. -ENOENT when they do not take part.
int dialogue_describe(struct dialogue *dialogue, int64_t person, struct str words);

// Makes a relative somebody from outside, or the other way round. -ENOENT when they do not take part, -EINVAL when they are, or would become, something
// else.
int dialogue_set_relation(struct dialogue *dialogue, int64_t person, enum relation relation);

// To be called by whatever changes a dialogue's posts or who takes part, in its transaction: what was opened of it a moment ago is kept no longer.
int dialogue_changed(struct dialogue *dialogue);

// A participant as shown to the others.
struct dialogue_participant {
    int64_t person;
    enum relation relation;
    enum role role;           // what the person is in the installation
    struct str name;
    struct str words;         // the relation in words
    int64_t joined;           // ms
    int64_t ended;            // ms; 0: takes part
    int64_t portrait;         // version of the picture; 0: none
};

// All who take part or took part, the longest there first, in the scene's arena. Rows that the program did not make are left out (logged).
// Who may see only what is written from a day on is not told of those who had left before.
int dialogue_participants(struct dialogue *dialogue, const struct dialogue_participant **ret_list, size_t *ret_count);
void dialogue_ask_participants(struct dialogue *dialogue);   // ahead (db_ask), unless they are kept

// The ids of who may read now (in a locked dialogue the citizen and the coordinators; in a side talk whose part in the dialogue is not over), in the scene's
// arena; for telling them that something is new. number: of the post that it is about, which not all may see; INT64_MAX: of none.
int dialogue_persons(struct dialogue *dialogue, int64_t number, const int64_t **ret_persons, size_t *ret_count);

// Whether the citizen has been shown nothing yet: a citizen is not invited, so somebody has to tell them of the dialogue.
// false to whoever sees from today on.
int dialogue_unknown_to_citizen(const struct dialogue *dialogue, bool *ret_unknown);

// Notes that a person has been shown the posts up to a number. Never goes back.
int dialogue_mark_read(struct db *db, int64_t dialogue, int64_t person, int64_t number);

// Drafts: what a person is writing. An empty text removes the draft. draft_get gives an empty text when there is none.
#define DIALOGUE_DRAFT_MAX 20000   // characters
int dialogue_draft_put(struct dialogue *dialogue, struct str text);
int dialogue_draft_get(struct dialogue *dialogue, struct str *ret_text);
void dialogue_ask_draft(const struct dialogue_scene *scene, int64_t id, int64_t person);   // ahead (db_ask)

// What a relation is called: TEXT("Citizen"), TEXT("Coordinator") …
const char *dialogue_relation_text(enum relation relation);

// For routes: opens the dialogue of the path's first number for who is signed in, as request->entity, and fills request->subject. The number of a post in the
// path, which is as the reader counts, becomes the post's own.
struct request;
int dialogue_load(struct request *request);

// The request's scene.
struct dialogue_scene dialogue_scene_of(struct request *request);

// Where a post stands, as the member's address for it.
struct str dialogue_post_address(struct request *request, const struct dialogue *dialogue, int64_t number);

// After the request's commit: tells the open pages of the dialogue ("post" and "changed" with a post's number as data, "members") and the
// start pages of all who take part; of a post only those who may see it. In a handler that writes.
int dialogue_tell(struct request *request, struct dialogue *dialogue, const char *name, struct str data);

// The same of a new post, to the pages of these persons.
int dialogue_tell_post(struct request *request, const struct dialogue *dialogue, int64_t number, const int64_t *persons, size_t count);

// Becomes a live stream of the dialogue: only of what the reader may see, and only as long. Of a route with ROUTE_STREAM.
int dialogue_listen(struct request *request, const struct dialogue *dialogue);

// In a GET that shows the person posts up to a number: moves their mark with the read record, then tells their own open pages, on whichever device,
// that these are read.
int dialogue_seen(struct request *request, const struct dialogue *dialogue, int64_t number);

// After the request's commit: ends the person's streams of this dialogue and of the talks beside it, and has answers that are on their way made anew.
int dialogue_cut(struct request *request, struct dialogue *dialogue, int64_t person);
