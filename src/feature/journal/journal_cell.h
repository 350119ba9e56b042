// SPDX-License-Identifier: MPL-2.0
// The cell that the process which draws the journal's PDF locks itself into before it reads the first byte of the package.
#pragma once

// Where the fonts lie that a PDF is drawn with, ended by NULL.
extern const char *const journal_font_folders[];
