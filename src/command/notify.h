// SPDX-License-Identifier: MPL-2.0
// Tells a service manager that the server is ready: sd_notify(3), which names the protocol and promises that it stays.
#pragma once

// Reaches for the socket that $NOTIFY_SOCKET names, before the process is confined, and forgets the name. A descriptor for
// notify_ready; -1: nobody has asked, or it can't be reached (logged).
int notify_open(void);

// Says it, once, and closes the descriptor. -1 is allowed.
void notify_ready(int descriptor);
