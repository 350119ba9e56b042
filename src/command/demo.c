// SPDX-License-Identifier: MPL-2.0
// Loads a made-up municipality: municipality.json (units and people), portraits/ID.png, dialogues/NAME.json. All of it or nothing.
#include "command/command.h"

#include "base/cleanup.h"
#include "command/demo.h"
#include "command/installation.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>

#define LOAD_ARENA ((size_t)256 << 20)

static int load(struct write_job *job, struct db *db)
{
    struct demo *demo = (struct demo *)job;
    demo->scene.db = db;
    demo->units_count = demo->people_count = demo->dialogues_count = 0;
    json_t *town;
    int r = demo_read(demo, "municipality.json", &town);
    if (r == 0) {
        r = demo_load_people(demo, town);
        if (r == 0)
            r = demo_load_dialogues(demo, json_object_get(town, "dialogues"));
        json_decref(town);
    }
    return r;
}

static int load_all(const struct options *options, struct installation *installation)
{
    struct demo demo = {
        .job.apply = load, .folder = options->topic, .scene = { .now = clock_now(clock_system()) },
    };
    int r = arena_new(LOAD_ARENA, &demo.scene.arena);
    if (r == 0)
        r = keyring_new(installation->keeper, &demo.scene.keys);
    if (r == 0)
        r = audit_open(installation->db, installation->keeper, options->checkpoints, clock_system(), &demo.audit);
    if (r == 0)
        r = installation_write(installation, demo.audit, &demo.job);
    audit_close(demo.audit);
    keyring_free(demo.scene.keys);
    arena_free(demo.scene.arena);
    if (r == 0)
        printf("%zu people and %zu dialogues of a made-up municipality are there.\n", demo.people_count, demo.dialogues_count);
    else if (!demo.explained)
        installation_complain(options, "the demonstration can't be loaded", r);
    return r;
}

static int run(const struct options *options)
{
    struct installation installation = { .lock = -1 };
    if (!options->topic) {
        fprintf(stderr, "samtraad demo: name the folder with municipality.json\n");
        return EXIT_USAGE;
    }
    int r = installation_take(options, &installation);
    if (r == 0)
        r = load_all(options, &installation);
    installation_close(&installation);
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

const struct command command_demo = {
    .name = "demo",
    .summary = "loads a made-up municipality from a folder, for trying things out",
    .explanation = "For an empty installation that is never used for real people. `serve --demo` then lets anybody be one of its people.\n",
    .options = OPTIONS_FOLDER | OPTION_TOPIC,
    .run = run,
};
