// SPDX-License-Identifier: MPL-2.0
// Dialogues: a citizen, a topic, the people around them, and the keys that open what they write to each other.
//
// Whoever comes to a dialogue comes as a member: a participant, or an invitation that is being accepted. A member has one key grant
// for each epoch; without one that was made by the program for just this member and relation, nothing opens.
#pragma once

#include "crypt/seal.h"
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
    int64_t now;   // ms
};

// A dialogue as one member has come to it. Lives in the scene's arena.
struct dialogue {
    struct dialogue_scene scene;
    int64_t id;
    int64_t member;              // person or invitation
    enum relation relation;      // RELATION_NONE for an invitation, RELATION_FORMER for who has left
    int64_t role;                // as bound into the member's grants
    enum dialogue_state state;
    int64_t unit, citizen;       // ids
    int64_t epoch;               // the newest
    int64_t last_number;         // of the newest post; 0: none
    int64_t read_number;         // the newest that the person has been shown
    int64_t created;             // ms
    int64_t share;               // of its keys, see crypt/keeper.h
    struct str topic;            // empty for who has left
    struct {
        int64_t epoch;
        struct data_key *key;
    } opened[DIALOGUE_KEYS_KEPT];
    size_t opened_count;
};

#define DIALOGUE_FIRST_EPOCH 1

// The greatest number of a share that a dialogue has; 0: none.
int dialogue_newest_share(struct db *db, int64_t *ret_share);

// Where a member's grant of an epoch stands.
static inline struct grant_place dialogue_grant_place(const struct dialogue *dialogue, int64_t member, int64_t epoch, int64_t role)
{
    return (struct grant_place){ .dialogue = dialogue->id, .epoch = epoch, .member = member, .role = role, .share = dialogue->share };
}

// Opens a dialogue for a person. -ENOENT when there is none, when the person was never in it, or when the membership row was not made by
// the program: grants of the first and of the newest epoch say that it was, and no grant may be of an epoch that is said
// to be to come. Who has left gets it with RELATION_FORMER and without the topic.
int dialogue_open(const struct dialogue_scene *scene, int64_t id, int64_t person, struct dialogue **ret_dialogue);

// Opens a dialogue for an invitation that holds grants. -ENOENT.
int dialogue_open_invited(const struct dialogue_scene *scene, int64_t id, int64_t invitation, struct dialogue **ret_dialogue);

// The data key of an epoch. -ENOENT without a grant, -EBADMSG when the grant is not genuine.
int dialogue_key(struct dialogue *dialogue, int64_t epoch, struct data_key **ret_key);

struct dialogue_new {
    int64_t unit;
    int64_t citizen;             // person id
    int64_t coordinator;         // person id of an employee, another than the citizen
    struct str topic;
    struct str citizen_words;        // "borger"
    struct str coordinator_words;    // "sagsbehandler"
};

// Starts a dialogue with its citizen and its first coordinator. In a write transaction.
int dialogue_start(const struct dialogue_scene *scene, const struct dialogue_new *what, struct dialogue **ret_dialogue);

// Lets a person take part from now on, all epochs included, as the relation says. Who had left may come back.
// -EEXIST when they take part already, -E2BIG when there are too many.
int dialogue_admit(struct dialogue *dialogue, int64_t person, enum relation relation, struct str words);

// When the part of a person who had one was ended, ms. -ENOENT when they take part or never did.
int dialogue_ended(struct dialogue *dialogue, int64_t person, int64_t *ret_ended);

// Gives a member (an invitation) grants of all epochs. role is what dialogue_open… will ask with: 0 for an invitation.
int dialogue_grant(struct dialogue *dialogue, int64_t member, int64_t role);

// Takes a member's grants away (an invitation that was used or revoked). No new epoch: it never opened anything.
int dialogue_ungrant(struct dialogue *dialogue, int64_t member);

// Ends a person's part: grants and draft are removed, a new key epoch begins, which everybody else's members get. -ENOENT when they do not
// take part; -EBUSY for the last coordinator; -EPERM for the citizen. What they wrote stays.
int dialogue_end(struct dialogue *dialogue, int64_t person);

// Makes a professional a coordinator, or a coordinator a professional again. -ENOENT when they do not take part, -EINVAL when they are something
// else, -EBUSY for the last coordinator. For oneself: open the dialogue anew afterwards.
int dialogue_set_coordinator(struct dialogue *dialogue, int64_t person, bool coordinator);

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
int dialogue_participants(struct dialogue *dialogue, const struct dialogue_participant **ret_list, size_t *ret_count);

// The ids of who takes part now, in the scene's arena; for telling them that something is new.
int dialogue_persons(struct dialogue *dialogue, const int64_t **ret_persons, size_t *ret_count);

// Notes that a person has been shown the posts up to a number. Never goes back.
int dialogue_mark_read(struct db *db, int64_t dialogue, int64_t person, int64_t number);

// Drafts: what a person is writing. An empty text removes the draft. draft_get gives an empty text when there is none.
#define DIALOGUE_DRAFT_MAX 20000   // characters
int dialogue_draft_put(struct dialogue *dialogue, struct str text);
int dialogue_draft_get(struct dialogue *dialogue, struct str *ret_text);

// What a relation is called: TEXT("Citizen"), TEXT("Coordinator") …
const char *dialogue_relation_text(enum relation relation);

// For routes: opens the dialogue of the path's first number for who is signed in, as request->entity, and fills request->subject.
struct request;
int dialogue_load(struct request *request);

// The request's scene.
struct dialogue_scene dialogue_scene_of(const struct request *request);

// After the request's commit: tells the open pages of the dialogue ("post", "changed", "members" with data) and the start pages of
// all who take part. In a handler that writes.
int dialogue_tell(struct request *request, struct dialogue *dialogue, const char *name, struct str data);

// After the request's commit: ends the person's streams of this dialogue and has answers that are on their way made anew.
int dialogue_cut(struct request *request, struct dialogue *dialogue, int64_t person);
