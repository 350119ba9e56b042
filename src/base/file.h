// SPDX-License-Identifier: MPL-2.0
// Files that must be there after a power cut.
#pragma once

// Makes the entry of a file in its folder durable (fsync of the folder). -errno; -ENOMEM.
int file_sync_folder(const char *file);
