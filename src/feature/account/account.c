// SPDX-License-Identifier: MPL-2.0
#include "feature/account/account.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/utf8.h"
#include "feature/account/account_sql.h"
#include "web/form.h"
#include "web/person.h"

#include <errno.h>

#define FOLD_MAX 1000
#define FIRST_VERSION 1

// What the queries that give people have in common.
struct row {
    int64_t id, role, unit, version, portrait;
    bool signed_in;
    struct bytes login, sealed;
};

#define ROW_OF(r)                                                                                           \
    { .id = (r).id, .role = (r).role, .unit = (r).unit_null ? 0 : (r).unit, .version = (r).version,         \
      .portrait = (r).portrait_null ? 0 : (r).portrait, .signed_in = (r).login.ptr != NULL, .login = (r).login, \
      .sealed = (r).sealed }

// -EBADMSG when the row says something else than what was sealed: somebody has changed it.
static int open_person(const struct account_scene *scene, const struct row *row, struct person *ret_person)
{
    struct person person;
    int result = person_open(scene->keys, row->id, row->version, row->sealed, scene->arena, &person);
    if (result < 0)
        return result;
    if (person.role != (enum role)row->role || person.unit != row->unit || !str_equal(bytes_str(person.login), bytes_str(row->login))) {
        log_event(LOG_ERROR, "person-refused", "person=%lld", (long long)row->id);
        return -EBADMSG;
    }
    *ret_person = person;
    return 0;
}

static int open_row(const struct account_scene *scene, const struct row *row, struct account *ret_account)
{
    struct person person;
    int result = open_person(scene, row, &person);
    if (result < 0)
        return result;
    *ret_account = (struct account){
        .id = row->id, .role = (enum role)row->role, .unit = row->unit, .name = person.name, .title = person.title,
        .birth = person.birth, .portrait = row->portrait, .signed_in = row->signed_in,
    };
    return 0;
}

void account_ask(const struct account_scene *scene, int64_t id)
{
    sql_account_get_ask(scene->db, &(struct sql_account_get_in){ .id = id });
}

int account_get(const struct account_scene *scene, int64_t id, struct account *ret_account)
{
    struct sql_account_get found;
    int result = sql_account_get(scene->db, scene->arena, &(struct sql_account_get_in){ .id = id }, &found);
    if (result < 0)
        return result;
    struct row row = ROW_OF(found);
    return open_row(scene, &row, ret_account);
}

static int digits(const char *at, int count)
{
    int number = 0;
    for (int i = 0; i < count; i++)
        number = number * 10 + (at[i] - '0');
    return number;
}

// The seventh digit and the year's two digits say the century.
static int cpr_year(const char cpr[10])
{
    int seventh = cpr[6] - '0', year = digits(cpr + 4, 2);
    if (seventh <= 3)
        return 1900 + year;
    if (seventh == 4 || seventh == 9)
        return year <= 36 ? 2000 + year : 1900 + year;
    return year <= 57 ? 2000 + year : 1800 + year;
}

static bool is_date(int year, int month, int day)
{
    static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month >= 1 && month <= 12 && day >= 1 && day <= lengths[month - 1] + (month == 2 && leap);
}

int account_read_cpr(struct str text, char ret_cpr[10], int64_t *ret_birth_days)
{
    char cpr[10];
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == ' ' || (c == '-' && count == 6))
            continue;
        if (c < '0' || c > '9' || count == sizeof(cpr))
            return -EINVAL;
        cpr[count++] = c;
    }
    if (count != sizeof(cpr))
        return -EINVAL;
    int year = cpr_year(cpr), month = digits(cpr + 2, 2), day = digits(cpr, 2);
    if (!is_date(year, month, day))
        return -EINVAL;
    memcpy(ret_cpr, cpr, sizeof(cpr));
    *ret_birth_days = clock_days(year, month, day);
    return 0;
}

static void cpr_hash(const struct account_scene *scene, const char cpr[10], uint8_t ret_hash[LOOKUP_BYTES])
{
    keyring_lookup(scene->keys, LOOKUP_CPR, (struct str){ cpr, 10 }, ret_hash);
}

int account_find_cpr(const struct account_scene *scene, const char cpr[10], struct account *ret_account)
{
    uint8_t hash[LOOKUP_BYTES];
    struct sql_account_by_cpr found;
    cpr_hash(scene, cpr, hash);
    int result = sql_account_by_cpr(scene->db, scene->arena, &(struct sql_account_by_cpr_in){ .cpr = bytes_from(hash, sizeof(hash)) }, &found);
    if (result < 0)
        return result;
    struct person person;
    struct row row = ROW_OF(found);
    result = open_person(scene, &row, &person);
    if (result == 0 && !str_equal(bytes_str(person.cpr), bytes_str(bytes_from(hash, sizeof(hash)))))
        result = -EBADMSG;
    return result < 0 ? result : open_row(scene, &row, ret_account);
}

int account_find_login(const struct account_scene *scene, struct bytes login, struct account *ret_account)
{
    struct sql_account_by_login found;
    int result = sql_account_by_login(scene->db, scene->arena, &(struct sql_account_by_login_in){ .login = login }, &found);
    if (result < 0)
        return result;
    struct row row = ROW_OF(found);
    return open_row(scene, &row, ret_account);
}

// Folded name, line feed, days since 1970.
static int name_birth_hash(const struct account_scene *scene, struct str name, int64_t birth_days, uint8_t ret_hash[LOOKUP_BYTES])
{
    _cleanup_(buf_free) struct buf text = buf_bounded(FOLD_MAX);
    utf8_fold(&text, name);
    buf_char(&text, '\n');
    buf_int(&text, birth_days);
    if (text.error)
        return text.error;
    keyring_lookup(scene->keys, LOOKUP_NAME_BIRTH, buf_view(&text), ret_hash);
    return 0;
}

int account_find_name_birth(const struct account_scene *scene, struct str name, int64_t birth_days, struct account *ret_account)
{
    _cleanup_(db_end_pointer) struct db_stmt *stmt = NULL;
    uint8_t hash[LOOKUP_BYTES];
    struct sql_account_by_name_birth found;
    struct account account = { 0 };
    int count = 0;
    int result = name_birth_hash(scene, name, birth_days, hash);
    if (result == 0)
        result = sql_account_by_name_birth(scene->db, &(struct sql_account_by_name_birth_in){ .name_birth = bytes_from(hash, sizeof(hash)) }, &stmt);
    while (result == 0 && (result = sql_account_by_name_birth_next(stmt, &found)) == 1) {
        struct row row = ROW_OF(found);
        result = open_row(scene, &row, &account);
        count++;
    }
    if (result < 0)
        return result;
    if (count != 1)
        return -ENOENT;
    *ret_account = account;
    return 0;
}

// A date of birth as it is kept: "2012-05-14".
static struct str birth_text(struct arena *arena, int64_t birth_days)
{
    struct civil day = clock_date(birth_days);
    return arena_format(arena, "%04d-%02d-%02d", day.year, day.month, day.day);
}

int account_add(const struct account_scene *scene, const struct account_new *what, int64_t *ret_id)
{
    uint8_t cpr[LOOKUP_BYTES], name_birth[LOOKUP_BYTES];
    struct bytes sealed;
    struct person person = { .id = id_new(scene->now), .version = FIRST_VERSION, .name = what->name, .title = what->title, .birth = STR(""),
        .role = what->role, .unit = what->unit, .login = what->login };
    if (what->has_birth)
        person.birth = birth_text(scene->arena, what->birth_days);
    if (what->cpr) {
        cpr_hash(scene, what->cpr, cpr);
        person.cpr = bytes_from(cpr, sizeof(cpr));
    }
    int result = person_seal(scene->keys, &person, scene->arena, &sealed);
    if (result == 0 && what->has_birth)
        result = name_birth_hash(scene, what->name, what->birth_days, name_birth);
    if (result < 0)
        return result;
    int64_t rows = sql_account_add(scene->db, &(struct sql_account_add_in){
        .id = person.id, .role = what->role, .unit = what->unit, .unit_null = what->unit == 0, .login = what->login,
        .cpr = person.cpr,
        .name_birth = what->has_birth ? bytes_from(name_birth, sizeof(name_birth)) : (struct bytes){ NULL, 0 },
        .sealed = sealed, .portrait_null = true, .created = scene->now });
    if (rows < 0)
        return (int)rows;
    *ret_id = person.id;
    return 0;
}

// The same person with what is known by now, for the row's next version. The memory is the row's and what's.
static struct person renewed(const struct person *person, const struct account_new *what)
{
    struct person next = *person;
    next.version++;
    next.name = what->name;
    if (what->title.len)
        next.title = what->title;
    if (what->unit)
        next.unit = what->unit;
    next.role = what->role;
    next.login = what->login;
    return next;
}

static int load_person(const struct account_scene *scene, int64_t id, struct person *ret_person)
{
    struct sql_account_get found;
    int result = sql_account_get(scene->db, scene->arena, &(struct sql_account_get_in){ .id = id }, &found);
    if (result < 0)
        return result;
    struct row row = ROW_OF(found);
    return open_person(scene, &row, ret_person);
}

int account_shown_changed(const struct account_scene *scene, int64_t person)
{
    int64_t rows = sql_account_shown_changed(scene->db, &(struct sql_account_shown_changed_in){ .person = person });
    return rows < 0 ? (int)rows : 0;
}

// Writes the next version of a person, unless it says the same.
static int store_person(const struct account_scene *scene, const struct person *person, const struct person *next)
{
    uint8_t hash[LOOKUP_BYTES];
    struct bytes sealed;
    int64_t birth_days;
    if (next->role == person->role && next->unit == person->unit && str_equal(next->name, person->name) &&
        str_equal(next->title, person->title) && str_equal(bytes_str(next->login), bytes_str(person->login)))
        return 0;
    bool has_birth = form_read_date(person->birth, &birth_days) == 0;
    int result = person_seal(scene->keys, next, scene->arena, &sealed);
    if (result == 0 && has_birth)
        result = name_birth_hash(scene, next->name, birth_days, hash);
    if (result < 0)
        return result;
    int64_t rows = sql_account_change(scene->db, &(struct sql_account_change_in){
        .id = next->id, .role = next->role, .unit = next->unit, .unit_null = next->unit == 0,
        .login = next->login.len ? next->login : (struct bytes){ NULL, 0 }, .sealed = sealed,
        .version = next->version, .name_birth = has_birth ? bytes_from(hash, sizeof(hash)) : (struct bytes){ NULL, 0 } });
    return rows < 0 ? (int)rows : account_shown_changed(scene, next->id);
}

int account_update(const struct account_scene *scene, int64_t id, const struct account_new *what)
{
    struct person person;
    int result = load_person(scene, id, &person);
    if (result < 0)
        return result;
    struct person next = renewed(&person, what);
    return store_person(scene, &person, &next);
}

int account_employ(const struct account_scene *scene, int64_t id, const struct account_employment *what)
{
    struct person person;
    int result = load_person(scene, id, &person);
    if (result == 0 && (person.role == ROLE_PUBLIC || what->role == ROLE_PUBLIC))
        result = -ENOENT;
    if (result < 0)
        return result;
    struct person next = person;
    next.version++;
    next.role = what->role;
    next.unit = what->unit;
    next.name = what->name;
    next.title = what->title;
    return store_person(scene, &person, &next);
}

int account_register_citizen(const struct account_scene *scene, struct str name, const char cpr[10], int64_t birth_days, int64_t *ret_id)
{
    struct account_new what = { .role = ROLE_PUBLIC, .name = name, .cpr = cpr, .has_birth = true, .birth_days = birth_days };
    return account_add(scene, &what, ret_id);
}

int account_unit_open(const struct account_scene *scene, int64_t unit, struct bytes sealed, struct str *ret_name)
{
    return unit_open(scene->keys, unit, sealed, scene->arena, ret_name);
}

void account_ask_unit_name(const struct account_scene *scene, int64_t unit)
{
    sql_account_unit_ask(scene->db, &(struct sql_account_unit_in){ .id = unit });
}

int account_unit_name(const struct account_scene *scene, int64_t unit, struct str *ret_name)
{
    struct sql_account_unit row;
    int result = sql_account_unit(scene->db, scene->arena, &(struct sql_account_unit_in){ .id = unit }, &row);
    return result < 0 ? result : account_unit_open(scene, unit, row.sealed, ret_name);
}

int account_add_unit(const struct account_scene *scene, struct str name, int64_t *ret_id)
{
    struct bytes sealed;
    int64_t id = id_new(scene->now);
    int result = unit_seal(scene->keys, id, name, scene->arena, &sealed);
    if (result < 0)
        return result;
    int64_t rows = sql_account_unit_add(scene->db, &(struct sql_account_unit_add_in){ .id = id, .sealed = sealed, .created = scene->now });
    if (rows < 0)
        return (int)rows;
    *ret_id = id;
    return 0;
}
