// SPDX-License-Identifier: MPL-2.0
// What the pages for signing in and for one's own settings show. Filled by account_web.c, read by account.html.
#pragma once

#include "web/avatar.h"

// A demonstration identity (only with --demo): POST /login/demo (person, next).
struct account_view_demo {
    int64_t person;
    struct avatar avatar;
    struct str name;
    struct str about;            // "Mor til Emil", "Sagsbehandler, Børn og Familie"
    struct str next;             // where to go afterwards
};

struct account_view_demo_group {
    struct str title;            // "Borgere og pårørende", "Ansatte", "Eksterne"
    const struct account_view_demo *people;
    size_t people_count;
};

// GET /login with ?next=/path. Providers: POST /login/citizen and POST /login/staff (next).
struct account_view_login {
    struct str next;             // a path on this server; "/" when none was asked for
    bool citizen;                // the provider for citizens is configured
    bool staff;                  // the provider for staff is configured
    bool local;                  // somebody has an account of the installation's own: GET /login/local
    bool ended;                  // the session ran out: say so, and that the draft is kept
    bool demo;
    const struct account_view_demo_group *groups;
    size_t groups_count;
};

// The provider sent somebody back whom we cannot let in.
struct account_view_refused {
    bool assurance;              // the login was not strong enough
    bool cancelled;              // the person changed their mind at the provider
    bool no_work;                // an account of somebody who does not work here, or no longer
    struct str next;
};

// GET /profile. POST /language (language, next), POST /logout.
struct account_view_profile {
    struct avatar avatar;
    struct str name;
    struct str role;             // "Borger", "Medarbejder", "Administrator"
    struct str unit;             // empty: none
    struct str login;            // "MitID", "Medarbejderlogin", "Demo"
    bool english;                // the chosen language
    bool local;                  // an account of the installation's own: GET /profile/passkeys
};

// GET /profile/picture: one's own portrait, chosen, cut, taken away.
struct account_view_portrait {
    struct avatar avatar;
    struct str name;
    bool source;                 // there is a picture to cut from, at /profile/picture/source
    int64_t width, height;       // its
    int64_t x, y, zoom;          // the present cut
    struct str error;            // empty: none
};

// GET /session (does not count as use) and POST /session/stay (counts); JSON for the page's script, which warns two minutes before the end.
struct account_view_session {
    int64_t seconds;             // until the session ends without further use
};
