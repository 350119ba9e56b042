// SPDX-License-Identifier: MPL-2.0
#include "store/moved.h"

#include "base/cleanup.h"
#include "base/encode.h"
#include "base/log.h"
#include "store/store_sql.h"

#include <endian.h>
#include <errno.h>

#define ARENA_MAX 4096

static const char *const names[] = { [MOVED_FILLING] = "filling", [MOVED_HERE] = "here", [MOVED_LEFT] = "left" };

// "left 0123456789abcdef"
static int parse(struct str note, struct moved *moved)
{
    const struct str name = str_cut(&note, ' ');

    if (decode_hex_exact(note, (uint8_t *)&moved->move, sizeof(moved->move)) < 0)
        return -EBADMSG;
    moved->move = be64toh(moved->move);
    for (enum moved_state state = MOVED_FILLING; state <= MOVED_LEFT; state++)
        if (str_equal(name, str_from(names[state])))
            moved->state = state;
    return moved->state == MOVED_UNSET ? -EBADMSG : 0;
}

static int read_note(struct db *db, struct arena *arena, struct moved *moved)
{
    struct sql_store_moved_get row;
    int r = sql_store_moved_get(db, arena, &row);

    if (r == -ENOENT) {
        moved->state = MOVED_NEVER;
        return 0;
    }
    if (r < 0)
        return r;
    moved->since = row.applied;
    return parse(row.name, moved);
}

int moved_read(struct db *db, struct moved *ret_moved)
{
    _cleanup_(arena_free_pointer) struct arena *arena = NULL;
    struct moved moved = { 0 };
    int r = arena_new(ARENA_MAX, &arena);

    r = r < 0 ? r : db_begin_read(db);
    if (r < 0)
        return r;
    r = read_note(db, arena, &moved);
    db_rollback(db);
    if (r == 0)
        *ret_moved = moved;
    return r;
}

static int64_t write_note(struct db *db, const struct moved *moved)
{
    char note[40];

    if (moved->state == MOVED_NEVER)
        return sql_store_moved_remove(db);
    snprintf(note, sizeof(note), "%s %016llx", names[moved->state], (unsigned long long)moved->move);
    return sql_store_moved_put(db, &(struct sql_store_moved_put_in){ .name = str_from(note), .applied = moved->since });
}

int moved_write(struct db *db, const struct moved *moved)
{
    int r = db_begin_write(db);

    if (r < 0)
        return r;
    const int64_t written = write_note(db, moved);
    r = written < 0 ? (int)written : db_commit(db);
    if (r < 0)
        db_rollback(db);
    return r;
}

int moved_check(struct db *db)
{
    struct moved moved;
    int r = moved_read(db, &moved);

    if (r < 0 || moved.state == MOVED_NEVER || moved.state == MOVED_HERE)
        return r;
    log_event(LOG_ERROR, "database", "meaning=\"%s\"",
              moved.state == MOVED_LEFT ? "the installation was moved to another database" : "a move to this database is not finished");
    return -EREMCHG;
}
