// SPDX-License-Identifier: MPL-2.0
// "Min mappe": everything about a person that they may see, in one file that shows by itself that it is genuine.
#pragma once

#include <stdint.h>

// Forgets folders that wait to be fetched and hold something of a dialogue, which was erased. Any thread.
struct app;
void folder_forget(struct app *app, int64_t dialogue);
