// SPDX-License-Identifier: MPL-2.0
// The Cookie header (RFC 6265 section 4.2.1).
#pragma once

#include "base/str.h"

// The value of the first cookie of that name, without surrounding quotes; ptr NULL when there is
// none. A cookie whose value holds anything but cookie octets is passed over. header may be any
// bytes.
struct str cookie_find(struct str header, struct str name);
