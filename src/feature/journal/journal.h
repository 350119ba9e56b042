// SPDX-License-Identifier: MPL-2.0
// The journal: what of a dialogue was filed as municipal record.
//
// An entry holds a package: everything that it is about as JSON (docs/journal-package.schema.json), and the same as PDF for people. Both are sealed
// under the dialogue's key: they can be delivered after their author is gone, and not after the keys are destroyed.
#pragma once

#include "base/buf.h"
#include "feature/dialogue/dialogue.h"
#include "web/app.h"
#include "web/text.h"

#define JOURNAL_THEME_MAX 100                    // characters
#define JOURNAL_WHO_MAX 120
#define JOURNAL_POSTS_MAX 2000                   // in one entry
#define JOURNAL_PACKAGE_MAX ((size_t)4 << 20)    // bytes
#define JOURNAL_PDF_MAX ((size_t)64 << 20)
#define JOURNAL_FILES_MAX 500                    // in one entry
#define JOURNAL_FILES_BYTES_MAX ((size_t)64 << 20)
#define JOURNAL_HASH 32
#define JOURNAL_ENTRIES_SHOWN 200                // on the dialogue's page

// Stored: never renumber, only append.
enum journal_kind { JOURNAL_KIND_UNSET, JOURNAL_MESSAGES, JOURNAL_CALL };
enum journal_state {
    JOURNAL_STATE_UNSET,
    JOURNAL_MADE,         // waits to be handed over; without an adapter it stays so, and people file it by hand
    JOURNAL_DELIVERING,   // is being handed over
    JOURNAL_DELIVERED,    // handed over whole; the other system has not answered yet
    JOURNAL_ACCEPTED,     // it has answered with a receipt
    JOURNAL_REFUSED,      // it has answered that it does not take the entry
    JOURNAL_FAILED,       // tried often enough in vain; somebody has to look
};
enum journal_part { JOURNAL_PART_UNSET, JOURNAL_PACKAGE, JOURNAL_PDF, JOURNAL_FILE = 16 /* the first of the files, in the package's order */ };

struct journal_receipt {
    struct str case_number;   // of the other system; may be empty
    struct str message;       // in its words; may be empty
};

struct journal_entry {
    int64_t id;
    enum journal_kind kind;
    enum journal_state state;
    int64_t author;           // person
    int64_t made;             // ms
    int64_t day;              // the date it carries: days since 1970-01-01
    int64_t first, last;      // posts; 0: none
    int64_t epoch;
    int64_t changed;          // ms: when the state was reached
    int64_t tries;
    bool proven;              // its proofs are made
    struct str theme;
    struct bytes package_hash, pdf_hash;   // SHA-256
    struct journal_receipt receipt;
};

// A note from a phone call.
struct journal_call {
    struct str who;
    struct str text;
    int64_t at;               // ms
};

// What is to be filed.
struct journal_ask {
    enum journal_kind kind;
    int64_t first, last;      // of JOURNAL_MESSAGES
    int64_t day;
    struct str theme;
    enum language language;   // of the PDF's own words
    struct journal_call call;
    int64_t by;               // person who has it filed without taking part, and thus without reading it; 0: the dialogue's member files it
    struct str by_name;
};

// The newest first, in the scene's arena. Left out is what holds posts that the dialogue's member may not see.
int journal_list(struct dialogue *dialogue, size_t max, const struct journal_entry **ret_list, size_t *ret_count);

int journal_get(struct dialogue *dialogue, int64_t id, struct journal_entry *ret_entry);

// Whether the dialogue's member may open what an entry holds, and not only see that it is there.
int journal_may_open(struct dialogue *dialogue, const struct journal_entry *entry, bool *ret_may);

// A state in words, to be translated, and as other programs read it: "accepted".
const char *journal_state_text(enum journal_state state);
const char *journal_state_key(enum journal_state state);

// Opens a part of an entry's package behind what out holds. -ENOENT when there is no such part, -EBADMSG when it is not what was made (of files, the
// package has the hash).
int journal_part(struct dialogue *dialogue, const struct journal_entry *entry, enum journal_part part, struct buf *out);

// A package that has been made and lies sealed in the database, but is nobody's yet.
struct journal_draft {
    int64_t id;               // of the entry that it will become
    int64_t made;             // ms
    int64_t epoch;
    uint8_t package_hash[JOURNAL_HASH], pdf_hash[JOURNAL_HASH];
};

// Makes the package: reads the posts as the dialogue's member, has a child process draw the PDF, and puts the pieces into the database, a few at a time.
// Blocks for seconds: on a thread that may, outside the writer. -EMSGSIZE when there is too much for one entry, -EBUSY while too many others are made.
int journal_draft_make(struct dialogue *dialogue, const struct app *app, const struct journal_ask *ask, struct journal_draft *ret_draft);

// For a route's prepare: has something read and drawn with memory of its own, which may be more than a request's, from one snapshot. What it leaves in
// request->prepared lies in the request's arena.
int journal_prepare(struct request *request, int (*make)(struct request *request, struct arena *arena));

struct journal_filing {
    struct journal_ask ask;
    struct journal_draft draft;
};

// Makes packages of all that no entry holds, as ask says, at most 'max' and each as large as an entry can be. As journal_draft_make; -EMSGSIZE when one
// message is too much.
int journal_draft_missing(struct dialogue *dialogue, const struct app *app, const struct journal_ask *ask, struct journal_filing *filings, size_t max,
                          size_t *ret_count);

// Makes the entry of a draft, to be handed over from now on. In a write transaction.
int journal_add(struct dialogue *dialogue, const struct journal_ask *ask, const struct journal_draft *draft);

// Has an entry that could not be handed over be tried anew. -EINVAL when it is in another state.
int journal_retry(struct dialogue *dialogue, int64_t id);

// Whether the configuration names a place to hand packages over to.
bool journal_adapter_wanted(const struct config *config);

// How many entries are not handed over yet, and how many of these were tried in vain. They can be tried anew.
int journal_undelivered(struct dialogue *dialogue, int64_t *ret_count, int64_t *ret_failed);
int journal_retry_failed(struct dialogue *dialogue);

// Runs of posts.
struct journal_range {
    int64_t first, last;
};

// The posts that no entry holds, oldest first. What was changed after it was filed counts among them.
int journal_missing(struct dialogue *dialogue, const struct journal_range **ret_ranges, size_t *ret_count);

// Important posts: marked by a coordinator so that nobody forgets to file them.
struct journal_mark {
    int64_t number;
    int64_t person;           // who marked it
    int64_t at;               // ms
};
int journal_mark_set(struct dialogue *dialogue, int64_t number, bool important);
int journal_mark_get(struct dialogue *dialogue, int64_t number, struct journal_mark *ret_mark);   // -ENOENT
#define JOURNAL_MARKS_MAX 200
int journal_marks_open(struct dialogue *dialogue, const struct journal_mark **ret_marks, size_t *ret_count);

// How many important posts a coordinator has left unfiled for longer than the setting journal.remind_days says.
int journal_late(struct db *db, struct arena *arena, const struct app *app, int64_t person, int64_t now, int64_t *ret_count);
void journal_ask_late(struct db *db, const struct app *app, int64_t person, int64_t now);   // ahead (db_ask)

// Whether a closed dialogue can be marked as filed for good: every post is, and every entry was handed over where that happens by itself.
int journal_may_finish(struct dialogue *dialogue, bool delivers, bool *ret_may);

// Does so; nobody writes in it again. -EINVAL when it can't be.
int journal_finish(struct dialogue *dialogue, bool delivers);

// Draws the PDF of a package.json, which is one line, and the pictures that it names, which follow in their order (the child's part). Reads nothing but
// fonts. -EBADMSG when that is not a package.
int journal_pdf(struct str package, struct buf *pdf);

// Gives up for good, for this process: all files but those fonts and the time zones, which can be read; writing anything but to what is open; the network,
// other processes, new programs, code that is made at run time, core dumps, being traced, privileges, and time and memory beyond what one PDF needs.
// Call with one thread. -EOPNOTSUPP when the kernel has no Landlock: a process that could read every file must not draw what strangers wrote. -E… and the
// process must leave.
int journal_confine(void);
#define JOURNAL_PDF_ARGUMENT "journal-pdf"   // what the process is started with
#define JOURNAL_EXIT_NO_CELL 3   // what the process ends with then
