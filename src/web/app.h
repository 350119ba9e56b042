// SPDX-License-Identifier: MPL-2.0
// What one running installation consists of. Made by command/serve, passed to whoever needs it;
// never changed while it runs.
#pragma once

#include "audit/audit.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/spawner.h"
#include "store/writer.h"
#include "web/hub.h"

struct app {
    const struct config *config;
    const struct clock *clock;
    struct keeper *keeper;
    struct spawner *spawner;    // starts the workers of pictures and of PDF
    struct writer *writer;
    struct audit *audit;
    struct hub *hub;
    int64_t nodes;              // servers on this database, at most; 1: this one alone
    uint64_t node;              // random: which of them this is; set by news_start, as 'listener'
    struct listener *listener;  // NULL: one server
    void (*erased)(struct app *app, int64_t dialogue);   // its keys were destroyed: what was made of it is to be forgotten. NULL: nothing was
    struct server *server;
    struct folder_shelf *folders;   // NULL: nobody can make a folder
    const char *database;       // its name, for db_open
    struct replica *replica;    // NULL: none
    const char *files_path;     // the folder with sealed files
    int64_t file_max;           // bytes of one file; set by the router
    const char *clamd;          // the virus scanner's socket; NULL: none; set by the router
    int hashes_at_work;         // passwords that are being tried; only with atomic operations
    bool demo;                  // demonstration identities are allowed; a banner stands on every page
    int64_t session_idle;       // ms without use until a session ends; set by the router
    int64_t session_absolute;   // ms until it ends in any case; set by the router
    // "https://samtraad.example.dk", for invitations and OpenID redirects; no slash at the end.
    struct str base_url;
    bool front_told;            // that the front does not say https; only with atomic operations
    uint64_t access_generation;   // counts withdrawals of access; only through the functions below
};

// Somebody's access ended (exclusion, sign-out). Call after the commit (request_after) and before
// hub_cut_…: an answer that was prepared before this, and has not gone out, is made anew. Any
// thread.
static inline void app_access_withdrawn(struct app *app)
{
    __atomic_add_fetch(&app->access_generation, 1, __ATOMIC_SEQ_CST);
}

static inline uint64_t app_access_generation(const struct app *app)
{
    return __atomic_load_n(&app->access_generation, __ATOMIC_SEQ_CST);
}
