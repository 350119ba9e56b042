// SPDX-License-Identifier: MPL-2.0
#include "command/options.h"

#include "store/db.h"

#include <errno.h>
#include <stdlib.h>

#define ARENA_MAX (64 << 10)
#define PATH_LONGEST 3000   // leaves room for the names that are put behind it

struct choice {
    enum option option;
    const char *name;
    const char *value;         // how its value is called; NULL: it has none
    const char *setting;       // in the configuration; NULL: only here
    const char *environment;   // NULL: none
    const char *help;
};

static const struct choice choices[] = {
    { OPTION_DATA, "--data", "FOLDER", "data", "SAMTRAAD_DATA", "where the database is (data)" },
    { OPTION_KEY, "--key", "FILE", "key", "SAMTRAAD_KEY",
      "the master key, kept outside the folder (FOLDER.key)" },
    { OPTION_DATABASE, "--database", "NAME", "database", "SAMTRAAD_DATABASE",
      "postgresql://USER@HOST/NAME, or a file (FOLDER/samtraad.db)" },
    { OPTION_CONFIG, "--config", "FILE", NULL, "SAMTRAAD_CONFIG",
      "settings, as \"name = value\" lines" },
    { OPTION_PORT, "--port", "NUMBER", "port", "PORT", "0 takes any free one (8080)" },
    { OPTION_ADDRESS, "--address", "ADDRESS", "address", NULL, "where to listen (127.0.0.1)" },
    { OPTION_BASE_URL, "--base-url", "URL", "base_url", NULL,
      "how browsers reach it (http://localhost:PORT)" },
    { OPTION_WORKERS, "--workers", "NUMBER", "workers", NULL,
      "threads that answer (one for each processor, with PostgreSQL four)" },
    { OPTION_DEMO, "--demo", NULL, NULL, NULL,
      "people may choose who to be; never with real data" },
    { OPTION_FILE, "--file", "FILE", NULL, NULL, "checks this document instead of the whole log" },
    { OPTION_LOG, "--log", "FILE", NULL, NULL, "checks this exported log instead (samtraad export-log)" },
    { OPTION_PROOF, "--proof", "FILE", NULL, NULL, "its proof, when it stands beside the document (in it)" },
    { OPTION_LOG_KEY, "--log-key", "FILE", NULL, NULL, "the public half of the log's key (FOLDER/log.pub)" },
    { OPTION_CHECKPOINTS, "--checkpoints", "FILE", NULL, NULL, "checkpoints, as a witness has them" },
    { OPTION_KEEP, "--keep", "NUMBER", "backup.keep", NULL, "how many backups stay, the newest; 0: all (0)" },
    { OPTION_DRILL, "--drill", NULL, NULL, NULL, "tries it in a temporary folder and changes nothing" },
    { OPTION_GRACE, "--grace", "SECONDS", "rotate.grace_seconds", NULL, "for pages that are being made (60)" },
    { OPTION_NAME, "--name", "NAME", NULL, NULL, "how others see the person (the account's name)" },
    { OPTION_BACKUP, "--backup", "NAME", NULL, NULL, "this backup of the folder (the newest)" },
    { OPTION_FROM, "--from", "NAME", NULL, NULL, "the database that is left (the configuration's)" },
    { OPTION_TO, "--to", "NAME", NULL, NULL, "the database that takes its place: as --database" },
    { OPTION_UNDO, "--undo", NULL, NULL, NULL, "takes the mark away that the database was left" },
};

#define CHOICES (sizeof(choices) / sizeof(choices[0]))

void options_usage(FILE *out, unsigned allowed)
{
    for (size_t i = 0; i < CHOICES; i++)
        if (allowed & choices[i].option)
            fprintf(out, "  %-13s %-8s  %s\n", choices[i].name,
                    choices[i].value ? choices[i].value : "", choices[i].help);
}

static const struct choice *find(unsigned allowed, struct str name)
{
    for (size_t i = 0; i < CHOICES; i++)
        if ((allowed & choices[i].option) && str_equal(str_from(choices[i].name), name))
            return &choices[i];
    return NULL;
}

static int refuse(unsigned allowed, const char *what, const char *argument)
{
    fprintf(stderr, "%s: %s\n", what, argument);
    if (allowed & ~(unsigned)OPTION_TOPIC) {
        fprintf(stderr, "it may be one of:\n");
        options_usage(stderr, allowed);
    }
    return -EINVAL;
}

// What was given, by place in choices; NULL: not given.
struct given {
    const char *values[CHOICES];
};

// Takes one option (and its value) and says how many arguments that were, or -EINVAL.
static int take_option(unsigned allowed, char **arguments, struct given *given)
{
    struct str value = str_from(arguments[0]);
    struct str name = str_cut(&value, '=');
    bool joined = name.len < strlen(arguments[0]);
    const struct choice *choice = find(allowed, name);

    if (!choice)
        return refuse(allowed, "unknown option", arguments[0]);
    if (!choice->value && joined)
        return refuse(allowed, "this option takes no value", arguments[0]);
    if (choice->value && !joined && !arguments[1])
        return refuse(allowed, "this option needs a value", arguments[0]);
    given->values[choice - choices] = !choice->value ? "" : joined ? value.ptr : arguments[1];
    return choice->value && !joined ? 2 : 1;
}

static int take_arguments(unsigned allowed, char **arguments, struct given *given,
                          const char **ret_topic)
{
    while (*arguments) {
        int taken = 1;

        if ((*arguments)[0] == '-')
            taken = take_option(allowed, arguments, given);
        else if ((allowed & OPTION_TOPIC) && !*ret_topic)
            *ret_topic = *arguments;
        else
            taken = refuse(allowed, "unexpected argument", *arguments);
        if (taken < 0)
            return taken;
        arguments += taken;
    }
    for (size_t i = 0; i < CHOICES; i++)
        if ((allowed & choices[i].option) && !given->values[i] && choices[i].environment)
            given->values[i] = getenv(choices[i].environment);
    return 0;
}

static int read_config(const char *path, struct config **ret_config)
{
    int r = path ? config_read(path, ret_config) : config_new(ret_config);

    if (r < 0 && path)
        fprintf(stderr, "samtraad: the configuration file %s can't be used: %s\n", path, r == -EINVAL ? "the line above says what was expected" : strerror(-r));
    return r;
}

static const char *path_of(struct options *options, const char *folder, const char *name)
{
    return arena_format(options->arena, "%s%s", folder, name).ptr;
}

// What is a path and no setting.
static void take_path(struct options *options, enum option option, const char *value)
{
    switch (option) {
    case OPTION_FILE:
        options->file = value;
        break;
    case OPTION_LOG:
        options->log = value;
        break;
    case OPTION_PROOF:
        options->proof = value;
        break;
    case OPTION_LOG_KEY:
        options->log_key = value;
        break;
    case OPTION_BACKUP:
        options->backup = value;
        break;
    case OPTION_FROM:
        options->from = value;
        break;
    case OPTION_TO:
        options->to = value;
        break;
    case OPTION_NAME:
        options->name = value;
        break;
    case OPTION_CHECKPOINTS:
        options->checkpoints = value;
        options->checkpoints_given = true;
        break;
    default:
        break;
    }
}

// After find_paths, whose answers they replace.
static void take_paths(struct options *options, const struct given *given)
{
    for (size_t i = 0; i < CHOICES; i++)
        if (given->values[i])
            take_path(options, choices[i].option, given->values[i]);
}

// "credential:NAME" is a file of systemd's folder of credentials; anything else is the file itself.
static int find_key(struct options *options)
{
    static const char prefix[] = "credential:";
    const char *key = config_get(options->config, "key", path_of(options, options->data, ".key"));
    const char *folder = getenv("CREDENTIALS_DIRECTORY");

    options->key = key;
    if (!key || strncmp(key, prefix, sizeof(prefix) - 1) != 0)
        return key ? 0 : -ENOMEM;
    key += sizeof(prefix) - 1;
    if (!folder || folder[0] == '\0' || key[0] == '\0' || key[0] == '.' || strchr(key, '/')) {
        fprintf(stderr, "key = %s: expected \"credential:NAME\" in a unit of systemd with LoadCredential=NAME:FILE (CREDENTIALS_DIRECTORY is %s)\n", options->key,
                folder ? folder : "not set");
        return -EINVAL;
    }
    options->key = arena_format(options->arena, "%s/%s", folder, key).ptr;
    return options->key ? 0 : -ENOMEM;
}

static int find_paths(struct options *options)
{
    struct str folder = str_from(config_get(options->config, "data", "data"));
    char *data = (char *)arena_str(options->arena, folder).ptr;

    if (!data)
        return -ENOMEM;
    for (size_t len = strlen(data); len > 1 && data[len - 1] == '/'; len--)
        data[len - 1] = '\0';
    if (data[0] == '\0' || strlen(data) > PATH_LONGEST) {
        fprintf(stderr, "the data folder must have a name of 1 to %d bytes\n", PATH_LONGEST);
        return -EINVAL;
    }
    options->data = data;
    int r = find_key(options);
    options->shares = config_get(options->config, "shares", path_of(options, data, ".shares"));
    options->database = config_get(options->config, "database", path_of(options, data, "/samtraad.db"));
    options->checkpoints = path_of(options, data, "/checkpoints.jsonl");
    options->log_key = path_of(options, data, "/log.pub");
    options->lock = path_of(options, data, "/lock");
    options->files = path_of(options, data, "/files");
    options->last_backup = path_of(options, data, "/last_backup");
    return r < 0 ? r
           : options->shares && options->database && options->checkpoints && options->log_key && options->lock && options->files &&
                   options->last_backup
               ? 0
               : -ENOMEM;
}

// Several servers share a database on a server only.
static int find_nodes(struct options *options)
{
    int r = config_int(options->config, "nodes", 1, NODES_MAX, 1, &options->nodes);

    if (r == 0 && options->nodes > 1 && !db_is_remote(options->database)) {
        fprintf(stderr, "nodes = %lld: several servers share a database on a PostgreSQL server only; database is %s\n", (long long)options->nodes,
                options->database);
        r = -EINVAL;
    }
    return r;
}

// What follows a database follows one on a server, and is one.
static int find_replica(struct options *options)
{
    options->replica = config_get(options->config, "replica", NULL);
    if (!options->replica || (db_is_remote(options->replica) && db_is_remote(options->database)))
        return 0;
    fprintf(stderr, "replica = %s: expected postgresql://..., with \"database\" on a PostgreSQL server as well; database is %s\n", options->replica,
            options->database);
    return -EINVAL;
}

static int find_servers(struct options *options)
{
    int r = find_nodes(options);

    return r < 0 ? r : find_replica(options);
}

int options_read(unsigned allowed, char **arguments, struct options *options)
{
    struct given given = { 0 };
    const char *file = NULL;
    int r;

    *options = (struct options){ 0 };
    r = arena_new(ARENA_MAX, &options->arena);
    if (r == 0)
        r = take_arguments(allowed, arguments, &given, &options->topic);
    options->understood = r == 0;
    for (size_t i = 0; i < CHOICES && r == 0; i++)
        if (choices[i].option == OPTION_CONFIG)
            file = given.values[i];
        else if (choices[i].option == OPTION_DEMO)
            options->demo = given.values[i] != NULL;
        else if (choices[i].option == OPTION_DRILL)
            options->drill = given.values[i] != NULL;
        else if (choices[i].option == OPTION_UNDO)
            options->undo = given.values[i] != NULL;
    options->config_file = file;
    if (r == 0)
        r = read_config(file, &options->config);
    for (size_t i = 0; i < CHOICES && r == 0; i++)
        if (choices[i].setting && given.values[i])
            r = config_set(options->config, choices[i].setting, given.values[i]);
    if (r == 0)
        r = find_paths(options);
    if (r == 0)
        r = find_servers(options);
    take_paths(options, &given);
    return r;
}

void options_free(struct options *options)
{
    if (options->config)
        config_free(options->config);
    arena_free(options->arena);
    *options = (struct options){ 0 };
}
