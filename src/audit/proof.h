// SPDX-License-Identifier: MPL-2.0
// Proof that a document (a person's folder, a journal package) was made by this installation, unchanged, and when: its digest stands in a
// record of the log, the record is in the tree, and a checkpoint signs the tree's root. Whoever has the document, its proof and the public
// half of the log's key can check it offline; docs/adr/0013-proofs.md describes it for whoever writes a verifier of their own.
#pragma once

#include "audit/audit.h"
#include "audit/checkpoint.h"
#include "audit/record.h"

#define PROOF_DIGEST 32            // SHA-256 of the document
#define PROOF_LOGGED 24            // of its bytes the record holds so many, in object, first and last
#define PROOF_PATH_MAX 64
#define PROOF_TEXT_MAX (8 << 10)   // no proof's text is longer
#define PROOF_CODE 24              // "7H3K-…": 20 letters and digits in groups of four

struct proof {
    uint8_t record[RECORD_BYTES];
    size_t path_count;
    uint8_t path[PROOF_PATH_MAX][MERKLE_HASH];   // the leaf's sibling first
    struct checkpoint checkpoint;                // signs a tree that has the record
};

// Appends the record of a document (AUDIT_DOCUMENT_MADE: person, dialogue or 0, digest) inside the writer's transaction, as audit_append does.
// Gives its proof but for the checkpoint, whose size must be the record's number + 1: audit_checkpoint signs one of just that size, called
// by whoever needs the proof after the commit. Should the program end between the two, there is none, and the document is logged again.
// -EAGAIN when one transaction has too many documents.
int proof_document(struct audit *audit, struct db *db, const struct audit_event *who, const uint8_t digest[PROOF_DIGEST],
                   struct proof *ret_proof);

// Fills in the checkpoint. Any thread. -ENOENT when there is none of that size.
int proof_complete(const struct audit *audit, struct proof *proof);

// The number of the proof's record.
int64_t proof_seq(const struct proof *proof);

// The record as it was logged.
void proof_record(const struct proof *proof, struct audit_record *ret_record);

// SHA-256.
int proof_digest(struct bytes content, uint8_t ret_digest[PROOF_DIGEST]);

// One line without line feed: {"record":"…","path":["…",…],"checkpoint":{…}}. There is one text for each proof.
void proof_format(const struct proof *proof, struct buf *buf);

// Reads a line of any bytes. -EINVAL for everything that proof_format does not write.
int proof_parse(struct str text, struct proof *ret_proof);

// 0 when the proof shows that a document of this digest stands in the log of whoever has the key; -EBADMSG with what is wrong in English.
int proof_check(const struct proof *proof, const uint8_t digest[PROOF_DIGEST], const uint8_t public_key[KEEPER_PUBLIC_KEY],
                const char **ret_problem);

// The code that people compare: the digest's first 100 bits in Crockford's base 32 (no I, L, O, U). Ends with NUL.
void proof_code(const uint8_t digest[PROOF_DIGEST], char ret_code[PROOF_CODE + 1]);

// A document that carries its proof: the content, which ends inside an element of HTML, then
//     <!--samtraad-proof-1-->CODE</p><!--PROOF-->⏎</main>⏎</body>⏎</html>⏎
// The content is everything before the last such mark; the digest is over it.
#define PROOF_TRAILER_MAX (PROOF_TEXT_MAX + 256)
void proof_put_trailer(const struct proof *proof, const uint8_t digest[PROOF_DIGEST], struct buf *buf);

// Takes such a file of any bytes apart; the content is a view of it. -ENOENT when it has no mark; -EINVAL when what follows the mark is not
// exactly what proof_put_trailer writes for this content and proof.
int proof_split(struct bytes file, struct bytes *ret_content, uint8_t ret_digest[PROOF_DIGEST], struct proof *ret_proof);
