// SPDX-License-Identifier: MPL-2.0
// What one running installation consists of. Made by command/serve, passed to whoever needs it; never changed while it runs.
#pragma once

#include "audit/audit.h"
#include "base/clock.h"
#include "base/config.h"
#include "store/writer.h"
#include "web/hub.h"

struct app {
    const struct config *config;
    const struct clock *clock;
    struct keeper *keeper;
    struct writer *writer;
    struct audit *audit;
    struct hub *hub;
    struct server *server;
    const char *database_path;
    bool demo;                  // demonstration identities are allowed; a banner stands on every page
    struct str base_url;        // "https://samtraad.example.dk", for invitations and OpenID redirects; no slash at the end
    uint64_t access_generation; // counts withdrawals of access (exclusion, sign-out); atomic. An answer that was prepared before one is made anew.
};
