// SPDX-License-Identifier: MPL-2.0
// For tests whose state is a peer.
#pragma once

#include "peer.h"

// Sends raw bytes on a new connection and returns the first answer.
struct peer_answer ask(void **state, struct str bytes);

// The same; fails the test unless the answer has that status and, from 400 on, ends the connection.
void expect(void **state, struct str bytes, unsigned status);
