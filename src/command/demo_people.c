// SPDX-License-Identifier: MPL-2.0
#include "command/demo.h"

#include "base/cleanup.h"
#include "feature/account/account.h"
#include "feature/account/demo.h"
#include "feature/account/portrait.h"
#include "feature/insight/insight.h"

#include "web/form.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#define PATH_BYTES 4096

int demo_fault(struct demo *demo, const char *where, const char *what)
{
    fprintf(stderr, "samtraad demo: %s/%s: %s\n", demo->folder, where, what);
    demo->explained = true;
    return -EINVAL;
}

int demo_read(struct demo *demo, const char *name, json_t **ret_json)
{
    char path[PATH_BYTES];
    json_error_t error;
    if (snprintf(path, sizeof(path), "%s/%s", demo->folder, name) >= (int)sizeof(path))
        return -ENAMETOOLONG;
    json_t *json = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!json)
        return demo_fault(demo, name, error.text);
    *ret_json = json;
    return 0;
}

int demo_find_entry(struct demo *demo, const struct demo_entry *list, size_t count, const char *key, const struct demo_entry **ret_entry)
{
    for (size_t i = 0; key && i < count; i++) {
        if (strcmp(list[i].key, key) == 0) {
            *ret_entry = &list[i];
            return 0;
        }
    }
    return demo_fault(demo, key ? key : "?", "a name of municipality.json was expected");
}

static struct account_scene accounts_of(const struct demo *demo)
{
    return (struct account_scene){ demo->scene.db, demo->scene.keys, demo->scene.arena, demo->scene.now };
}

static const char *text_of_key(json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

// What a role of the files means here: in the installation, and in dialogues.
static int read_role(struct demo *demo, const char *name, enum role *ret_role, enum relation *ret_relation)
{
    static const struct {
        const char *name;
        enum role role;
        enum relation relation;
    } roles[] = {
        { "employee", ROLE_EMPLOYEE, RELATION_PROFESSIONAL }, { "administrator", ROLE_ADMINISTRATOR, RELATION_NONE },
        { "citizen", ROLE_PUBLIC, RELATION_CITIZEN }, { "public", ROLE_PUBLIC, RELATION_RELATIVE },
        { "external", ROLE_PUBLIC, RELATION_EXTERNAL },
    };
    for (size_t i = 0; name && i < sizeof(roles) / sizeof(roles[0]); i++) {
        if (strcmp(roles[i].name, name) == 0) {
            *ret_role = roles[i].role;
            *ret_relation = roles[i].relation;
            return 0;
        }
    }
    return demo_fault(demo, "municipality.json", "the role employee, administrator, citizen, public or external was expected");
}

// The picture is there or is not; both are well.
static int load_portrait(struct demo *demo, const char *key, int64_t person)
{
    char path[PATH_BYTES];
    uint8_t png[PORTRAIT_MAX_BYTES];
    struct account_scene scene = accounts_of(demo);
    if (snprintf(path, sizeof(path), "%s/portraits/%s.png", demo->folder, key) >= (int)sizeof(path))
        return -ENAMETOOLONG;
    _cleanup_(close_descriptor) int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : -errno;
    ssize_t len = read(fd, png, sizeof(png));
    return len < 0 ? -errno : portrait_put(&scene, person, bytes_from(png, (size_t)len));
}

static int fill_new(struct demo *demo, json_t *one, struct account_new *what, enum relation *ret_relation)
{
    const char *title = text_of_key(one, "title"), *about = text_of_key(one, "about"), *birth = text_of_key(one, "birth");
    const struct demo_entry *unit;
    int r = read_role(demo, text_of_key(one, "role"), &what->role, ret_relation);
    if (r < 0)
        return r;
    what->name = str_from(text_of_key(one, "name"));
    what->title = str_from(title ? title : about);
    what->cpr = text_of_key(one, "cpr");
    what->has_birth = birth != NULL;
    if (birth && form_read_date(str_from(birth), &what->birth_days) < 0)
        return demo_fault(demo, "municipality.json", "a date of birth such as 2013-03-14 was expected");
    if (what->name.len == 0 || (what->cpr && strlen(what->cpr) != 10))
        return demo_fault(demo, "municipality.json", "a name, and ten digits where there is a personal number, were expected");
    if (text_of_key(one, "unit")) {
        r = demo_find_entry(demo, demo->units, demo->units_count, text_of_key(one, "unit"), &unit);
        what->unit = r == 0 ? unit->id : 0;
    }
    return r;
}

// The units whose looks somebody reviews.
static int load_reviews(struct demo *demo, json_t *one, int64_t person)
{
    struct account_scene scene = accounts_of(demo);
    size_t i;
    json_t *name;
    json_array_foreach(json_object_get(one, "reviews"), i, name) {
        const struct demo_entry *unit;
        int r = demo_find_entry(demo, demo->units, demo->units_count, json_string_value(name), &unit);
        if (r == 0)
            r = reviewer_set(&scene, person, unit->id, person);
        if (r < 0)
            return r;
    }
    return 0;
}

static int load_person(struct demo *demo, json_t *one)
{
    struct account_scene scene = accounts_of(demo);
    struct account_new what = { .role = ROLE_UNSET };
    const char *key = text_of_key(one, "id");
    if (!key || demo->people_count == DEMO_PEOPLE_MAX)
        return demo_fault(demo, "municipality.json", "an id, and at most 100 people, were expected");
    struct demo_entry *entry = &demo->people[demo->people_count++];
    entry->key = arena_str(demo->scene.arena, str_from(key)).ptr;
    int r = fill_new(demo, one, &what, &entry->relation);
    // Identifiers follow the order of the files: what is listed first is shown first.
    scene.now += (int64_t)demo->people_count - DEMO_PEOPLE_MAX;
    if (r == 0)
        r = account_add(&scene, &what, &entry->id);
    if (r == 0)
        r = demo_add(&scene, entry->id);
    if (r == 0)
        r = load_reviews(demo, one, entry->id);
    return r < 0 ? r : load_portrait(demo, key, entry->id);
}

static int load_unit(struct demo *demo, json_t *one)
{
    struct account_scene scene = accounts_of(demo);
    const char *key = text_of_key(one, "id"), *name = text_of_key(one, "name");
    if (!key || !name || demo->units_count == DEMO_UNITS_MAX)
        return demo_fault(demo, "municipality.json", "units with id and name were expected");
    struct demo_entry *entry = &demo->units[demo->units_count++];
    entry->key = arena_str(demo->scene.arena, str_from(key)).ptr;
    return account_add_unit(&scene, str_from(name), &entry->id);
}

int demo_load_people(struct demo *demo, json_t *town)
{
    size_t i;
    json_t *one;
    int r = 0;
    json_array_foreach(json_object_get(town, "units"), i, one) {
        r = r ? r : load_unit(demo, one);
    }
    json_array_foreach(json_object_get(town, "people"), i, one) {
        r = r ? r : load_person(demo, one);
    }
    return r;
}
