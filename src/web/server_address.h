// SPDX-License-Identifier: MPL-2.0
// How many connections there are, in all and from each address.
#pragma once

#include "base/arena.h"

#include <sys/socket.h>

// An address to count by: IPv4, or the /64 network of IPv6, which is what one subscriber has.
struct address_key {
    uint8_t data[8];
    bool v6;
};

struct address_key address_key(const struct sockaddr *address);

// The address as text, without the port; empty for other families. ptr NULL: out of memory.
struct str address_text(struct arena *arena, const struct sockaddr *address);

// Whether the text is an IPv4 or IPv6 address; and what to count it by.
bool address_valid(struct str text);
bool address_read(struct str text, struct address_key *ret_key);

struct addresses;

// Limits: 'total' connections, 'each' from one address; 0: no limit. -ENOMEM.
int addresses_new(unsigned total, unsigned each, struct addresses **ret_addresses);
void addresses_free(struct addresses *addresses);

// Counts one more, unless a limit is reached: -EAGAIN, or -ENOMEM. Any thread.
int addresses_add(struct addresses *addresses, struct address_key key);
void addresses_remove(struct addresses *addresses, struct address_key key);
