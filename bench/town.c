// SPDX-License-Identifier: MPL-2.0
#include "town.h"
#include "postgres.h"
#include "process.h"

#include "audit/audit.h"
#include "base/cleanup.h"
#include "base/encode.h"
#include "base/random.h"
#include "crypt/data_key.h"
#include "feature/account/account.h"
#include "feature/dialogue/post.h"
#include "feature/dialogue/terms.h"
#include "store/migration.h"
#include "web/session.h"
#include "web/session_sql.h"

#include <errno.h>
#include <sys/stat.h>

#define TRANSACTION_DIALOGUES 200
#define ASSURANCE 3
#define TOWN_ARENA ((size_t)64 << 20)

// What writes it.
struct works {
    struct town *town;
    const struct town_shape *shape;
    struct keeper *keeper;
    struct keyring *keys;
    struct db *db;
    struct audit *audit;
    struct writer_hooks hooks;
    struct arena *scratch; // of one dialogue
    int64_t unit, now;
    uint64_t text;
};

struct str town_text(uint64_t number, size_t len, char room[TOWN_TEXT])
{
    static const char *const words[] = {
        "vi",     "har",     "talt",      "med",  "skolen", "om",  "hvad",   "der",     "kan",
        "hjælpe", "drengen", "i",         "gang", "igen",   "på",  "mandag", "klokken", "otte",
        "og",     "jeg",     "håber",     "at",   "det",    "går", "bedre",  "så",      "ses",
        "hos",    "jer",     "\"måske\"", "ikke", "en",     "den", "til",    "er",      "som",
        "de",     "med",     "han",       "af",   "for",    "ham", "man",    "var",     "mig",
        "sig",    "men",     "et",        "har",  "om",     "min", "havde",  "hun",     "nu",
        "over",   "da",      "fra",       "du",   "ud",     "sin", "dem"
    };
    uint64_t state = number * 0x9e3779b97f4a7c15u + 1;
    size_t at = 0;
    for (unsigned digit = 0; digit < 16; digit++)
        room[at++] = (char)('a' + (number >> (4 * digit) & 15));
    while (at < len) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        const char *word = words[state % (sizeof(words) / sizeof(words[0]))];
        room[at++] = ' ';
        while (*word && at < len)
            room[at++] = *word++;
    }
    // Never half a letter at the end.
    for (size_t i = len; i-- > len - 3 && (room[i] & 0x80);)
        room[i] = '.';
    return (struct str){ room, len };
}

static int begin(struct works *works)
{
    int r = db_begin_write(works->db);
    if (r == 0)
        works->hooks.job_begin(works->hooks.context);
    return r;
}

static int commit(struct works *works)
{
    int r = works->hooks.before_commit(works->hooks.context, works->db);
    r = r < 0 ? r : db_commit(works->db);
    works->hooks.after_commit(works->hooks.context, r == 0);
    if (r == 0)
        db_tidy(works->db, DB_BUSY);
    return r;
}

static int note(struct works *works, enum audit_kind kind, int64_t person, int64_t dialogue,
                int64_t object)
{
    return audit_append(
        works->audit, works->db,
        &(struct audit_event){
            .kind = kind, .person = person, .dialogue = dialogue, .object = object });
}

static int sign_in(struct works *works, size_t number)
{
    struct town *town = works->town;
    uint8_t random[SESSION_KEY], key[SESSION_KEY], mark[SESSION_MARK];
    random_bytes(random, sizeof(random));
    struct str token = encode_hex(town->arena, bytes_from(random, sizeof(random)));
    if (!token.ptr)
        return -ENOMEM;
    keyring_lookup(works->keys, LOOKUP_TOKEN, token, key);
    town->cookies[number] = arena_format(town->arena, "samtraad=%s", token.ptr);
    session_mark(works->keys, key, town->people[number], ASSURANCE, works->now, mark);
    int64_t rows = sql_session_begin(
        works->db, &(struct sql_session_begin_in){ .key = bytes_from(key, sizeof(key)),
                                                   .person = town->people[number],
                                                   .assurance = ASSURANCE,
                                                   .now = works->now,
                                                   .mark = bytes_from(mark, sizeof(mark)) });
    return rows < 0 ? (int)rows : town->cookies[number].ptr ? 0 : -ENOMEM;
}

static int add_people(struct works *works)
{
    static const char *const first[TOWN_GROUP] = { "Mette", "Emil", "Søren", "Åse" };
    struct account_scene scene = { works->db, works->keys, works->town->arena, works->now };
    int r = begin(works);
    r = r < 0 ? r : account_add_unit(&scene, STR("Familie og unge"), &works->unit);
    for (size_t i = 0; i < TOWN_PEOPLE && r == 0; i++) {
        bool employee = i % TOWN_GROUP == 0 || i % TOWN_GROUP == 3;
        struct account_new what = {
            .role = employee ? ROLE_EMPLOYEE : ROLE_PUBLIC,
            .unit = employee ? works->unit : 0,
            .name = arena_format(works->town->arena, "%s Nummer %zu", first[i % TOWN_GROUP], i),
            .title = STR("Underviser"),
        };
        r = account_add(&scene, &what, &works->town->people[i]);
        r = r < 0 ? r : sign_in(works, i);
    }
    return r < 0 ? r : commit(works);
}

// Posts from one on, before another, of the first so many of the group in turn.
static int write_posts(struct works *works, struct dialogue *dialogue, const int64_t *group, size_t writers, int64_t from, int64_t before)
{
    char room[TOWN_TEXT];
    int r = 0;
    int64_t begun = works->now - 3 * DAY_MS, apart = 2 * DAY_MS / works->shape->posts;
    for (int64_t i = from; i < before && r == 0; i++) {
        int64_t number;
        bool again;
        struct post_new what = { .text = town_text(works->text++, TOWN_TEXT, room) };
        dialogue->member = group[(size_t)i % writers];
        dialogue->scene.now = begun + i * apart;
        r = post_write(dialogue, &what, &number, &again);
        r = r < 0 ? r : note(works, AUDIT_POST_WRITE, dialogue->member, dialogue->id, number);
    }
    return r;
}

static int admit_teacher(struct works *works, struct dialogue *dialogue, const int64_t *group)
{
    struct dialogue_terms terms = DIALOGUE_ALL;
    struct data_key *key;
    int64_t half = works->shape->from_today ? works->shape->posts / 2 : 0;
    int r = write_posts(works, dialogue, group, TOWN_GROUP - 1, 0, half);
    dialogue->member = group[0];
    if (works->shape->from_today)
        r = r < 0 ? r : dialogue_from_now(dialogue, &terms);
    r = r < 0 ? r : dialogue_key(dialogue, dialogue->epoch, &key);
    r = r < 0 ? r : dialogue_admit_on(dialogue, group[3], RELATION_PROFESSIONAL, STR("klasselærer"), &terms);
    r = r < 0 ? r : write_posts(works, dialogue, group, TOWN_GROUP, half, works->shape->posts);
    for (size_t i = 0; i < TOWN_GROUP && r == 0; i++)
        r = dialogue_mark_read(works->db, dialogue->id, group[i], works->shape->posts);
    return r;
}

// started: another millisecond for each, for identifiers of the same one can be equal.
static int write_dialogue(struct works *works, size_t group, int64_t started,
                          struct town_dialogue *ret_shown)
{
    const int64_t *people = works->town->people + group * TOWN_GROUP;
    struct dialogue_scene scene = { works->db, works->keys, works->scratch, started };
    struct dialogue *dialogue;
    struct data_key *key;
    int r = dialogue_start(&scene,
                           &(struct dialogue_new){ .unit = works->unit,
                                                   .citizen = people[1],
                                                   .coordinator = people[0],
                                                   .topic = STR("Mere i skole efter jul"),
                                                   .citizen_words = STR("elev"),
                                                   .coordinator_words = STR("sagsbehandler") },
                           &dialogue);
    r = r < 0 ? r : dialogue_admit(dialogue, people[2], RELATION_RELATIVE, STR("mor"));
    r = r < 0 ? r : note(works, AUDIT_DIALOGUE_START, people[0], dialogue->id, people[1]);
    r = r < 0 ? r : admit_teacher(works, dialogue, people);
    r = r < 0 ? r : dialogue_key(dialogue, DIALOGUE_FIRST_EPOCH, &key);
    if (r < 0)
        return r;
    *ret_shown = (struct town_dialogue){ .id = dialogue->id, .group = group };
    memcpy(ret_shown->key, key->secret, TOWN_KEY);
    return 0;
}

static int write_dialogues(struct works *works)
{
    struct town *town = works->town;
    size_t count = works->shape->dialogues;
    town->ids = arena_alloc(town->arena, count * sizeof(*town->ids));
    town->groups = works->shape->groups;
    int r = town->ids ? 0 : -ENOMEM;
    for (size_t i = 0, shown = 0; i < count && r == 0; i++) {
        struct town_dialogue dialogue;
        if (i % TRANSACTION_DIALOGUES == 0)
            r = begin(works);
        r = r < 0 ? r
                  : write_dialogue(works, i % works->shape->groups, works->now - 4 * DAY_MS + (int64_t)i,
                                   &dialogue);
        if (r == 0)
            town->ids[town->id_count++] = dialogue.id;
        if (r == 0 && shown < TOWN_SHOWN && i == shown * count / TOWN_SHOWN)
            town->shown[shown++] = dialogue;
        arena_reset(works->scratch);
        keyring_trim(works->keys);
        if (r == 0 && (i + 1 == count || (i + 1) % TRANSACTION_DIALOGUES == 0))
            r = commit(works);
    }
    return r;
}

static int open_works(struct works *works)
{
    struct town *town = works->town;
    const char *checkpoints = arena_format(town->arena, "%s/checkpoints.jsonl", town->data).ptr;
    int r = town->database && checkpoints ? keeper_start(town->key, &works->keeper) : -ENOMEM;
    r = r < 0 ? r : keeper_open_shares(works->keeper, town->shares, false);
    r = r < 0 ? r : db_open(town->database, DB_WRITE, &works->db);
    r = r < 0 ? r : keyring_new(works->keeper, &works->keys);
    r = r < 0 ? r
              : audit_open(works->db, works->keeper, checkpoints, clock_system(), &works->audit);
    if (r < 0)
        return r;
    works->hooks = audit_hooks(works->audit);
    works->now = clock_now(clock_system());
    memcpy(town->installation, keyring_installation(works->keys), sizeof(town->installation));
    return 0;
}

static void close_works(struct works *works)
{
    if (works->audit)
        audit_close(works->audit);
    keyring_free(works->keys);
    db_close(works->db);
    keeper_stop(works->keeper);
}

double town_bytes(const struct town *town)
{
    struct stat file;
    if (db_is_remote(town->database))
        return postgres_bytes(town->database);
    return stat(town->database, &file) < 0 ? -1 : (double)file.st_size;
}

int town_build(const char *data, const char *database, const struct town_shape *shape, struct town **ret_town)
{
    _cleanup_(arena_free_pointer) struct arena *scratch = NULL;
    struct arena *arena;
    int64_t begun = process_clock();
    int r = arena_new(TOWN_ARENA, &arena);
    if (r < 0)
        return r;
    struct town *town = arena_alloc(arena, sizeof(*town));
    *town = (struct town){ .arena = arena,
                           .data = arena_format(arena, "%s", data).ptr,
                           .database = database ? arena_format(arena, "%s", database).ptr : arena_format(arena, "%s/samtraad.db", data).ptr,
                           .key = arena_format(arena, "%s.key", data).ptr,
                           .shares = arena_format(arena, "%s.shares", data).ptr };
    struct works works = { .town = town, .shape = shape };
    r = arena_new(TOWN_ARENA, &scratch);
    works.scratch = scratch;
    r = r < 0 ? r : open_works(&works);
    r = r < 0 ? r : add_people(&works);
    r = r < 0 ? r : write_dialogues(&works);
    close_works(&works);
    town->bytes = town_bytes(town);
    town->took = process_clock() - begun;
    if (r < 0)
        town_free(town);
    else
        *ret_town = town;
    return r;
}

void town_free(struct town *town)
{
    if (town)
        arena_free(town->arena);
}
