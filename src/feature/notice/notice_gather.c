// SPDX-License-Identifier: MPL-2.0
// Who is to be told by now: of dialogues in which it has gone quiet, and once a day.
#include "base/cleanup.h"
#include "base/random.h"
#include "feature/notice/notice_news.h"
#include "feature/notice/notice_sql.h"

#include <errno.h>

#define DIALOGUES_AT_A_TIME 20
#define DAILY_AT_A_TIME 100
#define QUIET_SECONDS 120
#define LONGEST_SECONDS 900
#define DAILY_HOUR 16

struct telling {
    int64_t person;
    struct notice_item item;
    int64_t told;   // up to this post they will have been told
};

// What one commit writes down.
struct round {
    struct write_job job;   // first
    const struct dialogue_scene *scene;   // of the sender's thread, which waits meanwhile
    struct telling *tellings;
    size_t count, max;
    enum notice_purpose purpose;
    int64_t news_dialogue, news_last;     // told of now; 0: a round of the daily mails
    int64_t day;                          // the daily mails of this day are done; 0: not yet
};

struct candidate {
    int64_t person, dialogue, told, read_number, last_number;
};

static int settings(const struct config *config, int64_t *ret_quiet, int64_t *ret_longest, int64_t *ret_hour)
{
    int result = config_int(config, "notice.quiet_seconds", 0, 3600, QUIET_SECONDS, ret_quiet);
    if (result == 0)
        result = config_int(config, "notice.longest_seconds", 0, 86400, LONGEST_SECONDS, ret_longest);
    return result == 0 ? config_int(config, "notice.daily_hour", 0, 23, DAILY_HOUR, ret_hour) : result;
}

int notice_settings_check(const struct config *config)
{
    int64_t quiet, longest, hour;
    return settings(config, &quiet, &longest, &hour);
}

int notice_quiet(const struct config *config, int64_t *ret_ms)
{
    int64_t quiet, longest, hour;
    int result = settings(config, &quiet, &longest, &hour);
    if (result == 0)
        *ret_ms = quiet * SECOND_MS;
    return result;
}

int notice_daily_hour(const struct config *config, int64_t *ret_hour)
{
    int64_t quiet, longest;
    return settings(config, &quiet, &longest, ret_hour);
}

// Adds a person to the round when there is news for them.
static int consider(struct round *round, const struct candidate *candidate)
{
    int64_t after = candidate->told > candidate->read_number ? candidate->told : candidate->read_number;
    struct notice_item item = { candidate->dialogue, after };
    bool news = false;
    int result = candidate->last_number > after ? notice_is_news(round->scene, candidate->person, item, &news) : 0;
    if (result == 0 && news && round->count < round->max)
        round->tellings[round->count++] = (struct telling){ candidate->person, item, candidate->last_number };
    return result;
}

static int new_entry(const struct dialogue_scene *scene, struct db *db, enum notice_purpose purpose, const struct telling *telling)
{
    struct outbox_entry entry = { .id = id_new(scene->now), .kind = OUTBOX_MAIL, .purpose = purpose, .person = telling->person,
        .made = scene->now, .due = scene->now };
    struct notice_list *list = arena_alloc(scene->arena, sizeof(*list));
    int result = list ? notice_list_add(list, telling->item) : -ENOMEM;
    if (result == 0)
        result = notice_list_seal(scene, entry.id, list, &entry.sealed);
    return result == 0 ? outbox_add(db, &entry) : result;
}

// A mail that still waits takes the dialogue along.
static int tell(const struct dialogue_scene *scene, struct db *db, enum notice_purpose purpose, const struct telling *telling)
{
    struct outbox_entry waiting;
    struct notice_list *list;
    int result = outbox_waiting(db, scene->arena, telling->person, purpose, &waiting);
    if (result == -ENOENT)
        return new_entry(scene, db, purpose, telling);
    if (result == 0)
        result = notice_list_open(scene, &waiting, &list);
    if (result == 0)
        result = notice_list_add(list, telling->item);
    if (result == -E2BIG)
        return new_entry(scene, db, purpose, telling);
    if (result == 0)
        result = notice_list_seal(scene, waiting.id, list, &waiting.sealed);
    return result == 0 ? outbox_replace(db, waiting.id, waiting.sealed) : result;
}

static int write_round(struct write_job *job, struct db *db)
{
    const struct round *round = (struct round *)job;
    int64_t rows = 0;
    for (size_t i = 0; i < round->count; i++) {
        const struct telling *telling = &round->tellings[i];
        int result = tell(round->scene, db, round->purpose, telling);
        if (result < 0)
            return result;
        rows = sql_notice_note_told(db, &(struct sql_notice_note_told_in){ .person = telling->person, .dialogue = telling->item.dialogue,
            .choice = round->purpose == NOTICE_FOR_DAILY ? NOTICE_DAILY : NOTICE_AT_ONCE, .told = telling->told });
        if (rows < 0)
            return (int)rows;
    }
    if (round->news_dialogue)
        rows = sql_notice_news_done(db, &(struct sql_notice_news_done_in){ .dialogue = round->news_dialogue, .last = round->news_last });
    if (rows >= 0 && round->day)
        rows = sql_notice_day_put(db, &(struct sql_notice_day_put_in){ .day = round->day });
    return rows < 0 ? (int)rows : 0;
}

static int begin_round(const struct dialogue_scene *scene, size_t max, enum notice_purpose purpose, struct round *ret_round)
{
    *ret_round = (struct round){ .job = { .apply = write_round }, .scene = scene, .max = max, .purpose = purpose,
        .tellings = arena_array(scene->arena, max, sizeof(struct telling)) };
    return ret_round->tellings ? 0 : -ENOMEM;
}

static int consider_hearers(struct round *round, int64_t dialogue)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    struct sql_notice_hearers row;
    int result = sql_notice_hearers(round->scene->db, &(struct sql_notice_hearers_in){ .dialogue = dialogue }, &stmt);
    while (result == 0 && (result = sql_notice_hearers_next(stmt, &row)) == 1) {
        struct candidate candidate = { row.person, dialogue, row.told_null ? 0 : row.told, row.read_number, row.last_number };
        bool at_once = row.choice_null || row.choice == NOTICE_AT_ONCE;
        result = at_once ? consider(round, &candidate) : 0;
    }
    return result;
}

// The first dialogue that those who want to know at once are to be told of. 1: there was one.
static int next_news(struct mail_scene *mail, int64_t quiet_ms, int64_t longest_ms, struct sql_notice_news *ret_news)
{
    struct db_stmt *stmt = NULL;
    int result = sql_notice_news(mail->db, &(struct sql_notice_news_in){
        .quiet = mail->now - quiet_ms, .longest = mail->now - longest_ms, .count = 1 }, &stmt);
    if (result == 0)
        result = sql_notice_news_next(stmt, ret_news);
    db_end(stmt);
    return result;
}

static int gather_news(struct mail_scene *mail, int64_t quiet_ms, int64_t longest_ms)
{
    struct sql_notice_news news;
    struct round round;
    arena_reset(mail->arena);
    struct dialogue_scene scene = notice_scene_of(mail);
    int result = db_begin_read(mail->db);
    if (result < 0)
        return result;
    int found = next_news(mail, quiet_ms, longest_ms, &news);
    result = found < 0 ? found : 0;
    if (found == 1)
        result = begin_round(&scene, DIALOGUE_PARTICIPANTS_MAX, NOTICE_FOR_NEWS, &round);
    if (found == 1 && result == 0)
        result = consider_hearers(&round, news.dialogue);
    db_commit(mail->db);
    if (found != 1 || result < 0)
        return result;
    round.news_dialogue = news.dialogue;
    round.news_last = news.last;
    result = writer_run(mail->app->writer, &round.job);
    return result < 0 ? result : 1;
}

// Those who are told once a day, some at a time, behind a person and dialogue. 1: there may be more.
static int gather_daily(struct mail_scene *mail, int64_t today, int64_t *person, int64_t *dialogue)
{
    struct sql_notice_daily row;
    struct round round;
    size_t seen = 0;
    arena_reset(mail->arena);
    struct dialogue_scene scene = notice_scene_of(mail);
    int result = begin_round(&scene, DAILY_AT_A_TIME, NOTICE_FOR_DAILY, &round);
    if (result == 0)
        result = db_begin_read(mail->db);
    if (result < 0)
        return result;
    struct db_stmt *stmt = NULL;
    result = sql_notice_daily(mail->db, &(struct sql_notice_daily_in){
        .choice = NOTICE_DAILY, .person = *person, .dialogue = *dialogue, .count = DAILY_AT_A_TIME }, &stmt);
    while (result == 0 && (result = sql_notice_daily_next(stmt, &row)) == 1) {
        struct candidate candidate = { row.person, row.dialogue, row.told, row.read_number, row.last_number };
        *person = row.person;
        *dialogue = row.dialogue;
        seen++;
        result = consider(&round, &candidate);
    }
    db_end(stmt);
    db_commit(mail->db);
    round.day = seen < DAILY_AT_A_TIME ? today : 0;
    if (result == 0)
        result = writer_run(mail->app->writer, &round.job);
    return result < 0 ? result : seen == DAILY_AT_A_TIME;
}

// 1 when the daily mails are to be made now; *ret_today is the local day.
static int is_time_for_daily(struct mail_scene *mail, int64_t hour, int64_t *ret_today)
{
    struct civil civil = clock_civil(mail->now);
    struct sql_notice_day row = { .day = 0 };
    *ret_today = clock_days(civil.year, civil.month, civil.day);
    if (civil.hour < hour)
        return 0;
    int result = sql_notice_day(mail->db, mail->arena, &row);
    return result < 0 && result != -ENOENT ? result : row.day < *ret_today;
}

int notice_gather(struct mail_scene *scene)
{
    int64_t quiet, longest, hour, today, person = 0, dialogue = 0;
    int result = settings(scene->app->config, &quiet, &longest, &hour);
    if (result < 0)
        return result;
    for (int i = 0; i < DIALOGUES_AT_A_TIME && (result = gather_news(scene, quiet * SECOND_MS, longest * SECOND_MS)) == 1; i++)
        continue;
    if (result >= 0) {
        arena_reset(scene->arena);
        result = notice_gather_reminders(scene);
    }
    if (result >= 0)
        result = is_time_for_daily(scene, hour, &today);
    while (result == 1)
        result = gather_daily(scene, today, &person, &dialogue);
    return result;
}
