// SPDX-License-Identifier: MPL-2.0
// The program's log: one line of key=value on standard error for each event. Never personal data: ids, counts, codes.
#pragma once

#include "base/str.h"

enum log_level { LOG_UNSET, LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

// Writes one line: time=… level=… event=EVENT and what 'format' gives (itself key=value pairs; control characters become
// '?'). Safe from several threads; a line is one write.
void log_event(enum log_level level, const char *event, const char *format, ...) __attribute__((format(printf, 3, 4)));

// How many events of a level there were since the start.
uint64_t log_count(enum log_level level);

// Whether standard error is the journal of systemd (JOURNAL_STREAM): then each line says its level in the journal's way too, so that "journalctl -p warning"
// sifts them. Once, at the start.
void log_find_journal(void);

// Lines below this level are left out; the default is LOG_INFO.
void log_threshold(enum log_level level);
