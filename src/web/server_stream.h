// SPDX-License-Identifier: MPL-2.0
// Messages that several streams share: the hub sends one to a thousand.
#pragma once

#include "web/server.h"

struct message;

// Copies the bytes; one reference. -ENOMEM.
int message_new(struct str bytes, struct message **ret_message);
void message_unref(struct message *message);

// As stream_send; takes a reference of its own.
void stream_send_message(struct stream *stream, struct message *message);
