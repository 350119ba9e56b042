// SPDX-License-Identifier: MPL-2.0
// The first administrator of an installation, and the way back for one who has lost every passkey and code.
#include "command/command.h"

#include "base/cleanup.h"
#include "command/installation.h"
#include "feature/local/local.h"

#include <errno.h>

#define ARENA ((size_t)1 << 20)

// What the writer does in its one transaction.
struct giving {
    struct write_job job;   // first: the writer hands it back
    struct account_scene scene;
    struct audit *audit;
    struct str name, shown, hash;   // of the account; of the person; of the password
    bool anew;                      // the account was there
};

// -EPERM when the name is an account's whose person has left.
static int find_person(struct giving *giving, int64_t *ret_person)
{
    struct local_account local;
    struct account account;
    int r = local_find(&giving->scene, giving->name, &local);
    giving->anew = r == 0;
    if (r == -ENOENT)
        return account_add(&giving->scene, &(struct account_new){ .role = ROLE_ADMINISTRATOR, .name = giving->shown, .title = STR("") }, ret_person);
    if (r == 0)
        r = account_get(&giving->scene, local.person, &account);
    if (r == 0 && account.role == ROLE_FORMER)
        r = -EPERM;
    *ret_person = local.person;
    return r;
}

static int give(struct write_job *job, struct db *db)
{
    struct giving *giving = (struct giving *)job;
    int64_t person = 0;
    giving->scene.db = db;
    int r = find_person(giving, &person);
    if (r == 0)
        r = local_give(&giving->scene, person, giving->name, giving->hash);
    return r < 0 ? r : audit_append(giving->audit, db, &(struct audit_event){ .kind = AUDIT_LOCAL_ACCOUNT, .object = person });
}

static void tell(const struct giving *giving, struct str password, const char *address)
{
    if (giving->anew)
        puts("The account begins anew: its passkeys, its codes and its sessions have ended.");
    printf("\n  account:  %.*s\n  password: %.*s\n\n", (int)giving->name.len, giving->name.ptr, (int)password.len, password.ptr);
    puts("It is shown only now, and works for three days, until a passkey has been made with it on the page");
    printf("%s/login/local (\"It is my first time here\").\n", address ? address : "");
}

static int give_account(const struct options *options, struct installation *installation)
{
    struct giving giving = { .job.apply = give, .scene = { .now = clock_now(clock_system()) }, .name = str_from(options->topic),
                             .shown = str_from(options->name ? options->name : options->topic) };
    struct local_cost cost;
    struct str password = { NULL, 0 };
    int r = local_cost_read(options->config, &cost);
    if (r == 0)
        r = arena_new(ARENA, &giving.scene.arena);
    if (r == 0)
        password = local_secret(giving.scene.arena, LOCAL_PASSWORD_GROUPS, LOCAL_PASSWORD_LENGTH);
    if (r == 0)
        r = password.ptr ? local_hash(giving.scene.arena, &cost, password, &giving.hash) : -ENOMEM;
    if (r == 0)
        r = keyring_new(installation->keeper, &giving.scene.keys);
    if (r == 0)
        r = audit_open(installation->db, installation->keeper, options->checkpoints, clock_system(), &giving.audit);
    if (r == 0)
        r = installation_write(installation, giving.audit, &giving.job);
    if (r == 0)
        tell(&giving, password, config_get(options->config, "base_url", NULL));
    else
        installation_complain(options, r == -EPERM ? "the account's person has left" : "the account can't be made", r);
    audit_close(giving.audit);
    keyring_free(giving.scene.keys);
    arena_free(giving.scene.arena);
    return r;
}

static int run(const struct options *options)
{
    struct installation installation = { .lock = -1 };
    if (!options->topic || !local_name_sound(str_from(options->topic))) {
        fprintf(stderr, "samtraad administrator: name the account: 2 to %d of a-z, 0-9, '.', '-', '_' and '@'\n", LOCAL_NAME_MAX);
        return EXIT_USAGE;
    }
    int r = installation_take(options, &installation);
    if (r == 0)
        r = give_account(options, &installation);
    installation_close(&installation);
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct command command_administrator = {
    .name = "administrator",
    .summary = "gives the first administrator an account, or an account its way back",
    .explanation = "Names the account, and prints a password that opens one thing only: the page on which a passkey is made.\n"
                   "An account that is there begins anew, whoever's it is: for those who have lost every passkey and code.\n"
                   "The server must not run meanwhile.\n",
    .options = OPTIONS_FOLDER | OPTION_TOPIC | OPTION_NAME,
    .run = run,
};
