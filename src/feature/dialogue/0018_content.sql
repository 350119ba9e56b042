-- SPDX-License-Identifier: MPL-2.0
-- Raised with every change of a post of the dialogue, in the same transaction: what a thread keeps opened (post_kept.h) is good for one value of it.

ALTER TABLE dialogue ADD COLUMN content INTEGER NOT NULL DEFAULT 0;
