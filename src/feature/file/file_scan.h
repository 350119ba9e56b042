// SPDX-License-Identifier: MPL-2.0
// ClamAV over its local socket: the bytes are streamed to it (INSTREAM, clamd(8)), it never opens a file of ours.
#pragma once

#include "base/str.h"

// 0: nothing was found. -EPERM: something was. -ECOMM: it can't be asked, or gave no answer that can be trusted: the file stays blocked.
int file_scan(const char *socket_path, struct bytes bytes);
