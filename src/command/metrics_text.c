// SPDX-License-Identifier: MPL-2.0
// Format: prometheus.io/docs/instrumenting/exposition_formats, version 0.0.4.
#include "command/metrics_text.h"

#include "base/log.h"
#include "command/version.h"
#include "store/replica.h"
#include "web/router.h"

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void gauge(struct buf *out, const char *name, const char *help, int64_t value)
{
    head(out, name, "gauge", help);
    buf_format(out, "%s %lld\n", name, (long long)value);
}

static void counter(struct buf *out, const char *name, const char *help, uint64_t value)
{
    head(out, name, "counter", help);
    buf_format(out, "%s %llu\n", name, (unsigned long long)value);
}

// What has never been asked for is left out.
static bool is_used(const struct server_counts *counts, unsigned class)
{
    for (unsigned i = 0; i < 6; i++)
        if (counts->classes[class].answers[i] > 0)
            return true;
    return false;
}

static void answers(const struct server_counts *counts, struct buf *out)
{
    const char *name;

    head(out, "samtraad_requests_total", "counter", "Answers by part of the program and status.");
    for (unsigned class = 0; class < SERVER_CLASSES && (name = router_class(class)); class++)
        for (unsigned i = 0; i < 6; i++)
            if (counts->classes[class].answers[i] > 0)
                buf_format(out, "samtraad_requests_total{class=\"%s\",status=\"%uxx\"} %llu\n", name, i, (unsigned long long)counts->classes[class].answers[i]);
    counter(out, "samtraad_requests_refused_total", "Requests that were malformed, too large, too slow or too many.", counts->refused);
}

static void durations(const struct server_counts *counts, struct buf *out)
{
    static const char metric[] = "samtraad_request_duration_seconds";
    const char *name;

    head(out, metric, "histogram", "From the whole request to its answer.");
    for (unsigned class = 0; class < SERVER_CLASSES && (name = router_class(class)); class++) {
        uint64_t within = 0;

        if (!is_used(counts, class))
            continue;
        for (unsigned bound = 0; bound < SERVER_BOUNDS; bound++) {
            within += counts->classes[class].within[bound];
            buf_format(out, "%s_bucket{class=\"%s\",le=\"%g\"} %llu\n", metric, name, (double)server_bound(bound) / 1e6, (unsigned long long)within);
        }
        within += counts->classes[class].within[SERVER_BOUNDS];
        buf_format(out, "%s_bucket{class=\"%s\",le=\"+Inf\"} %llu\n%s_sum{class=\"%s\"} %.6f\n%s_count{class=\"%s\"} %llu\n", metric, name,
                   (unsigned long long)within, metric, name, (double)counts->classes[class].microseconds / 1e6, metric, name, (unsigned long long)within);
    }
}

static void writer_text(const struct writer *writer, struct buf *out)
{
    static const char metric[] = "samtraad_writer_batch_jobs";
    const struct writer_statistics statistics = writer_statistics(writer);
    uint64_t within = 0;

    counter(out, "samtraad_writer_failed_jobs_total", "Jobs of the writer that were refused or failed.", statistics.failed);
    head(out, metric, "histogram", "Jobs in one transaction of the writer.");
    for (unsigned i = 0; i < WRITER_BATCHES; i++) {
        within += statistics.batches[i];
        buf_format(out, "%s_bucket{le=\"%u\"} %llu\n", metric, 1u << i, (unsigned long long)within);
    }
    buf_format(out, "%s_bucket{le=\"+Inf\"} %llu\n%s_sum %llu\n%s_count %llu\n", metric, (unsigned long long)within, metric,
               (unsigned long long)statistics.jobs, metric, (unsigned long long)within);
    gauge(out, "samtraad_writer_broken", "1: a commit has failed; nothing is written until a restart.", writer_broken(writer));
}

// Only where there is one.
static void replica_text(const struct replica *replica, struct buf *out)
{
    if (!replica)
        return;
    const struct replica_statistics statistics = replica_statistics(replica);
    gauge(out, "samtraad_replica_follows", "1: reads go to the replica; 0: it is away or behind.", statistics.follows);
    counter(out, "samtraad_replica_reads_total", "Reads that went to the replica.", statistics.reads);
    counter(out, "samtraad_replica_left_reads_total", "Reads that went to the database itself though there is a replica.", statistics.left);
}

static void figures_text(const struct figures *f, struct buf *out)
{
    gauge(out, "samtraad_sessions", "Sessions in use.", f->sessions);
    head(out, "samtraad_mail_queue", "gauge", "Mails by state.");
    buf_format(out, "samtraad_mail_queue{state=\"waiting\"} %lld\nsamtraad_mail_queue{state=\"failing\"} %lld\nsamtraad_mail_queue{state=\"given_up\"} %lld\n",
               (long long)(f->mail_waiting - f->mail_failing), (long long)f->mail_failing, (long long)f->mail_given_up);
    gauge(out, "samtraad_mail_oldest_failing_timestamp_seconds", "When the oldest of the mails that fail was made; 0: none fails.", f->mail_oldest_ms / 1000);
    head(out, "samtraad_journal_deliveries", "gauge", "Journal entries by state.");
    buf_format(out,
               "samtraad_journal_deliveries{state=\"waiting\"} %lld\nsamtraad_journal_deliveries{state=\"not_answered\"} %lld\n"
               "samtraad_journal_deliveries{state=\"failed\"} %lld\n",
               (long long)f->deliveries, (long long)f->receipts, (long long)f->deliveries_failed);
    gauge(out, "samtraad_log_records", "Records in the log.", f->log_records);
    gauge(out, "samtraad_log_checkpoint_records", "Records that the newest checkpoint covers.", f->checkpoint_records);
    gauge(out, "samtraad_log_checkpoint_timestamp_seconds", "When the newest checkpoint was signed.", f->checkpoint_ms / 1000);
    gauge(out, "samtraad_database_bytes", "Size of the database.", f->database_bytes);
    if (f->wal_bytes >= 0)
        gauge(out, "samtraad_wal_bytes", "Size of the write-ahead log.", f->wal_bytes);
    gauge(out, "samtraad_last_backup_timestamp_seconds", "When the last backup was made; 0: never.", f->backup_ms / 1000);
}

void metrics_text(const struct app *app, const struct figures *figures, struct buf *out)
{
    struct server_counts counts;

    server_counts(app->server, &counts);
    head(out, "samtraad_info", "gauge", "The program.");
    buf_format(out, "samtraad_info{version=\"%s\"} 1\n", SAMTRAAD_VERSION);
    answers(&counts, out);
    durations(&counts, out);
    writer_text(app->writer, out);
    replica_text(app->replica, out);
    gauge(out, "samtraad_streams", "Live streams that are open.", (int64_t)hub_count(app->hub));
    gauge(out, "samtraad_keeper_up", "1: the process with the master key answers.", keeper_alive(app->keeper));
    gauge(out, "samtraad_shares", "Shares of dialogues, the destroyed ones too.", keeper_shares(app->keeper));
    counter(out, "samtraad_shares_destroyed_total", "Shares destroyed since the start.", keeper_destroyed(app->keeper));
    counter(out, "samtraad_log_errors_total", "Events of level error in the program's log.", log_count(LOG_ERROR));
    counter(out, "samtraad_log_warnings_total", "Events of level warning in the program's log.", log_count(LOG_WARNING));
    gauge(out, "samtraad_database_readable", "1: the figures of the database could be read.", figures != NULL);
    if (figures)
        figures_text(figures, out);
}
