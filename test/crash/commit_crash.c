// SPDX-License-Identifier: MPL-2.0
// commit_crash [KILLS [SEED]]: a process writes through the one writer with its log and says what
// was acknowledged; it is killed (SIGKILL) at a random moment and begun again. After each kill
// everything acknowledged is there exactly once, every row has its record in the log and every
// record its row, and the log holds.
#include "audit/audit.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "store/migration.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define KILLS 100
#define PRODUCERS 16
#define LIFE_US 40000   // the longest life of a writing process
#define IDS_MAX 4000000

DB_QUERY(row_add, "crash.add", "INSERT INTO crash (id, body) VALUES (?1, ?2)",
         "INSERT INTO crash (id, body) VALUES ($1, $2)", 2, 0);
DB_QUERY(row_list, "crash.list", "SELECT id, length(body) FROM crash ORDER BY id",
         "SELECT id, length(body)::BIGINT FROM crash ORDER BY id", 0, 2);

// Without a key, so that a doubled row would be seen.
#define TABLE "CREATE TABLE crash (id BIGINT NOT NULL, body BLOB NOT NULL)"
#define BODY 700

struct place {
    char folder[64], database[80], checkpoints[80], key[80];
};

struct row_job {
    struct write_job job;   // first
    struct audit *audit;
    int64_t id;
    int pipe;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool finished;
};

static void fail(const char *what, int64_t value)
{
    fprintf(stderr, "commit_crash: %s (%lld)\n", what, (long long)value);
    exit(EXIT_FAILURE);
}

static void expect(int result, const char *what)
{
    if (result < 0)
        fail(what, result);
}

static int apply(struct write_job *base, struct db *db)
{
    struct row_job *job = (struct row_job *)base;
    const struct audit_event event = { .kind = AUDIT_POST_WRITE, .person = 1, .object = job->id };
    uint8_t body[BODY];
    struct db_stmt *stmt;
    int r = db_start(db, &row_add, &stmt);

    if (r < 0)
        return r;
    memset(body, (int)(job->id & 0xff), sizeof(body));
    db_bind_int(stmt, 1, job->id);
    db_bind_blob(stmt, 2, bytes_from(body, sizeof(body)));
    r = db_step(stmt);
    db_end(stmt);
    if (r == 0)
        r = audit_append(job->audit, db, &event);
    // Some jobs fail after they have written: nothing of them may be found.
    return r == 0 && job->id % 11 == 0 ? -EPERM : r;
}

static void done(struct write_job *base, int result)
{
    struct row_job *job = (struct row_job *)base;

    if (result == 0 && write(job->pipe, &job->id, sizeof(job->id)) != sizeof(job->id))
        fail("the pipe", errno);
    if (result < 0 && result != -EPERM)
        fail("a job", result);
    pthread_mutex_lock(&job->lock);
    job->finished = true;
    pthread_cond_signal(&job->wake);
    pthread_mutex_unlock(&job->lock);
}

struct producer {
    struct writer *writer;
    struct audit *audit;
    int64_t first;
    int pipe;
};

static void *produce(void *data)
{
    const struct producer *producer = data;
    struct row_job job = {
        .job = { .apply = apply, .done = done },
        .audit = producer->audit,
        .pipe = producer->pipe,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .wake = PTHREAD_COND_INITIALIZER,
    };

    for (job.id = producer->first;; job.id++) {
        job.finished = false;
        writer_submit(producer->writer, &job.job);
        pthread_mutex_lock(&job.lock);
        while (!job.finished)
            pthread_cond_wait(&job.wake, &job.lock);
        pthread_mutex_unlock(&job.lock);
    }
    return NULL;
}

static struct db *open_database(const struct place *place)
{
    struct db *db;

    expect(db_open(place->database, DB_WRITE, &db), "opening the database");
    expect(migration_run(db, 1), "the schema");
    return db;
}

static void prepare(const struct place *place)
{
    struct db *db;

    expect(keeper_create_key(place->key), "the key");
    db = open_database(place);
    expect(db_begin_write(db), "begin");
    expect(db_script(db, TABLE, TABLE), "the table");
    expect(db_commit(db), "commit");
    db_close(db);
}

// Never returns.
static void write_until_killed(const struct place *place, int64_t round, int pipe)
{
    struct producer producers[PRODUCERS];
    pthread_t threads[PRODUCERS];
    struct keeper *keeper;
    struct audit *audit;
    struct writer *writer;
    struct writer_hooks hooks;
    struct db *db;

    expect(keeper_start(place->key, &keeper), "the keeper");
    db = open_database(place);
    expect(audit_open(db, keeper, place->checkpoints, clock_system(), &audit), "the log");
    hooks = audit_hooks(audit);
    expect(writer_start(db, &hooks, &writer), "the writer");
    for (int i = 0; i < PRODUCERS; i++) {
        producers[i] =
            (struct producer){ writer, audit, (round << 40) + ((int64_t)i << 32) + 1, pipe };
        expect(-pthread_create(&threads[i], NULL, produce, &producers[i]), "a thread");
    }
    for (;;)
        pause();
}

struct acknowledged {
    int64_t *ids;
    size_t count;
};

// Reads what the dead process has said; the kernel keeps it.
static void collect(int pipe, struct acknowledged *acknowledged)
{
    ssize_t got;

    while ((got = read(pipe, &acknowledged->ids[acknowledged->count], sizeof(int64_t))) ==
           sizeof(int64_t))
        if (++acknowledged->count >= IDS_MAX)
            fail("more rows than this test holds", IDS_MAX);
    if (got != 0)
        fail("half an id in the pipe", got);
}

static void run_and_kill(const struct place *place, int64_t round,
                         struct acknowledged *acknowledged)
{
    int ends[2], status;

    if (pipe(ends) < 0)
        fail("pipe", errno);
    pid_t child = fork();
    if (child < 0)
        fail("fork", errno);
    if (child == 0) {
        close(ends[0]);
        write_until_killed(place, round, ends[1]);
    }
    close(ends[1]);
    usleep((useconds_t)(random() % LIFE_US) + 20000);
    kill(child, SIGKILL);
    collect(ends[0], acknowledged);
    close(ends[0]);
    if (waitpid(child, &status, 0) != child || !WIFSIGNALED(status))
        fail("the process ended by itself", status);
}

static int compare(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

    return (left > right) - (left < right);
}

// Walks rows and acknowledged ids side by side, both ascending. Gives the number of rows.
static uint64_t compare_rows(struct db *db, struct acknowledged *acknowledged)
{
    struct db_stmt *stmt;
    uint64_t rows = 0;
    int64_t last = -1;
    size_t at = 0;
    int r;

    qsort(acknowledged->ids, acknowledged->count, sizeof(int64_t), compare);
    expect(db_start(db, &row_list, &stmt), "the list");
    while ((r = db_step(stmt)) > 0) {
        int64_t id = db_int(stmt, 0);

        if (id == last)
            fail("a row is there twice", id);
        if (id % 11 == 0 || db_int(stmt, 1) != BODY)
            fail("a row that should not be there, or half a row", id);
        if (at < acknowledged->count && acknowledged->ids[at] < id)
            fail("an acknowledged row is lost", acknowledged->ids[at]);
        at += at < acknowledged->count && acknowledged->ids[at] == id;
        last = id;
        rows++;
    }
    db_end(stmt);
    expect(r, "the list");
    if (at < acknowledged->count)
        fail("an acknowledged row is lost", acknowledged->ids[at]);
    return rows;
}

static uint64_t check(const struct place *place, struct acknowledged *acknowledged)
{
    struct audit_report report;
    struct keeper *keeper;
    struct db *db;
    uint64_t rows;

    expect(keeper_start(place->key, &keeper), "the keeper");
    expect(db_open(place->database, DB_READ, &db), "opening the database");
    expect(db_begin_read(db), "begin");
    rows = compare_rows(db, acknowledged);
    expect(db_commit(db), "commit");
    expect(audit_verify(db, keeper, place->checkpoints, &report), "reading the log");
    if (report.problem) {
        fprintf(stderr, "%s\n", report.problem);
        fail("the log does not hold, record", report.bad_record);
    }
    if (report.records != rows)
        fail("rows without a record or records without a row", (int64_t)(report.records - rows));
    db_close(db);
    keeper_stop(keeper);
    return rows;
}

static void remove_all(const struct place *place)
{
    static const char *const names[] = { "database", "database-wal", "database-shm", "checkpoints",
                                         "key" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[96];

        snprintf(path, sizeof(path), "%s/%s", place->folder, names[i]);
        unlink(path);
    }
    rmdir(place->folder);
}

int main(int argc, char **argv)
{
    long kills = argc > 1 ? strtol(argv[1], NULL, 10) : KILLS;
    unsigned seed = (unsigned)(argc > 2 ? strtol(argv[2], NULL, 10) : time(NULL));
    struct acknowledged acknowledged = { .ids = calloc(IDS_MAX, sizeof(int64_t)) };
    struct place place = { .folder = "/tmp/samtraad-crash-XXXXXX" };
    uint64_t rows = 0;

    if (!acknowledged.ids || !mkdtemp(place.folder))
        fail("preparing", errno);
    snprintf(place.database, sizeof(place.database), "%s/database", place.folder);
    snprintf(place.checkpoints, sizeof(place.checkpoints), "%s/checkpoints", place.folder);
    snprintf(place.key, sizeof(place.key), "%s/key", place.folder);
    printf("seed %u\n", seed);
    fflush(stdout);
    srandom(seed);
    log_threshold(LOG_WARNING);
    prepare(&place);
    for (long round = 1; round <= kills; round++) {
        run_and_kill(&place, round, &acknowledged);
        rows = check(&place, &acknowledged);
    }
    remove_all(&place);
    if (acknowledged.count == 0)
        fail("nothing was ever acknowledged", 0);
    printf("%ld kills, %zu acknowledged, %llu rows, each with its record\n", kills,
           acknowledged.count, (unsigned long long)rows);
    free(acknowledged.ids);
    return EXIT_SUCCESS;
}
