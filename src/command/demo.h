// SPDX-License-Identifier: MPL-2.0
// What the loader of the demonstration works with.
#pragma once

#include "audit/audit.h"
#include "feature/dialogue/dialogue.h"

#include <jansson.h>

#define DEMO_PEOPLE_MAX 100
#define DEMO_UNITS_MAX 20

struct demo_entry {
    const char *key;     // as the files name it; the arena's
    int64_t id;
    enum relation relation;   // of people: what they are in a dialogue unless it says coordinator
};

struct demo {
    struct write_job job;    // first: the writer hands it back
    const char *folder;
    struct dialogue_scene scene;
    struct audit *audit;
    struct demo_entry units[DEMO_UNITS_MAX];
    size_t units_count;
    struct demo_entry people[DEMO_PEOPLE_MAX];
    size_t people_count;
    size_t dialogues_count;
    bool explained;          // what is wrong has been printed
};

// Reads a JSON file of the folder; the caller's to decref. Faults are printed. -EINVAL, -ENOENT.
int demo_read(struct demo *demo, const char *name, json_t **ret_json);

// Prints what is wrong with the files and gives -EINVAL.
int demo_fault(struct demo *demo, const char *where, const char *what);

// -EINVAL (printed) when the files name nobody so.
int demo_find_entry(struct demo *demo, const struct demo_entry *list, size_t count, const char *key, const struct demo_entry **ret_entry);

int demo_load_people(struct demo *demo, json_t *town);
int demo_load_dialogues(struct demo *demo, json_t *names);
