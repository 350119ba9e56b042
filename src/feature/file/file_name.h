// SPDX-License-Identifier: MPL-2.0
// Names of files, as senders give them: made fit to be shown and to be saved under.
#pragma once

#include "base/arena.h"

// A name without folders, control characters, marks that turn the direction of the text (with which "exe.gpj" reads "jpg.exe") and what file systems do not
// take; shortened in the middle to FILE_NAME_MAX characters; "fil" when nothing is left. ptr NULL when memory is exhausted.
struct str file_name_clean(struct arena *arena, struct str name);

// What stands behind the last dot, when that is one to five letters or digits; else empty.
struct str file_name_extension(struct str name);

// Whether the name says that this is a picture of a kind that we show.
bool file_name_is_picture(struct str name);
