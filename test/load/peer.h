// SPDX-License-Identifier: MPL-2.0
// A small server of the kind that the router makes of web/server.h, and raw sockets to talk to it:
// for tests and measurements.
#pragma once

#include "web/hub.h"
#include "web/server.h"

// What it serves:
//   /echo            the body back, or "METHOD PATH?QUERY"
//   /page            6,000 bytes
//   /big             4 MiB
//   /wait?N          suspended, resumed N ms later by another thread, twice; then as /echo
//   /address         exchange_address, a space, "https" or "http"
//   /cookie          the cookie "sid"
//   /stream?T        a stream of topic T and person T; /stream?T&P of person P
//   /later?T         the same after having been suspended
// The body limit is 100,000 bytes.
#define PEER_BODY_MAX 100000
#define PEER_BIG ((size_t)4 * 1024 * 1024)

struct peer;

// Options with address 127.0.0.1, any port, 2 workers and generous limits.
struct server_options peer_options(void);
int peer_start(const struct server_options *options, struct peer **ret_peer);
uint16_t peer_port(const struct peer *peer);
struct hub *peer_hub(struct peer *peer);
void peer_stop(struct peer *peer, unsigned seconds);

// A connected blocking socket with a time-out of 10 s on reading and writing; -1 on failure.
int peer_connect(uint16_t port);

// Sends everything; false when the other side has closed.
bool peer_send(int fd, struct str bytes);

// One answer, read up to its length, or to the end of the connection. Text NUL-terminated, of
// malloc.
struct peer_answer {
    unsigned status;   // 0: there was none
    char *head;
    char *body;
    size_t body_len;
    bool closed;   // the server ended the connection behind it, or said that it will
};

// 'wants_body': false for the answer to HEAD.
struct peer_answer peer_read(int fd, bool wants_body);
void peer_answer_free(struct peer_answer *answer);

// Whether the other side closes (an end or a reset) within the time, reading on until then.
bool peer_closes(int fd, int milliseconds);
