// SPDX-License-Identifier: MPL-2.0
// Small pieces that all parts of a folder are put together from.
#pragma once

#include "feature/folder/folder_part.h"

// What has been written goes into the stores: when it is enough, or all of it. The stores' first error.
int folder_flush(struct folder_part *part);
int folder_flush_all(struct folder_part *part);

// A key of the JSON object at hand, with its value. Identifiers are texts: they do not fit in every reader's numbers. No time (0) is null.
void folder_put_text(struct folder_part *part, const char *key, struct str text);
void folder_put_int(struct folder_part *part, const char *key, int64_t number);
void folder_put_id(struct folder_part *part, const char *key, int64_t id);
void folder_put_time(struct folder_part *part, const char *key, int64_t ms);

// "3 November 2026 at 14:32" and "3 November 2026", in the arena.
struct str folder_when(struct folder_part *part, struct arena *arena, int64_t ms);
struct str folder_day(struct folder_part *part, struct arena *arena, int64_t ms);

// A heading of a section.
void folder_heading(struct folder_part *part, const char *id, const char *english);
