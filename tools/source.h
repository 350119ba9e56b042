// SPDX-License-Identifier: MPL-2.0
// What the generators share: reading a file, saying what is wrong with it and where, writing C.
#pragma once

#include "base/arena.h"
#include "base/buf.h"

#define SOURCE_MAX ((size_t)1 << 20)     // bytes of one source file
#define OUTPUT_MAX ((size_t)256 << 20)   // bytes of one generated file

// The first thing that was found wrong: "FILE:LINE: expected …, found …"; empty while nothing is.
struct fault {
    char text[512];
};

// A file that is read. path is as it shall stand in messages.
struct source {
    const char *path;
    struct str text;
    struct fault *fault;
};

// A place in a source; moves forward while the parser reads.
struct scanner {
    const struct source *source;
    size_t at;
};

// Reads a file of at most max bytes into the arena. -EINVAL with the fault set: it can't be read or is too large.
int source_read(struct arena *arena, const char *path, size_t max, struct fault *fault, struct source *ret_source);

// The line of a position, counted from 1.
unsigned source_line(const struct source *source, size_t at);

// Records the fault at a position, unless there is one already. Returns -EINVAL.
int source_fail(const struct source *source, size_t at, const char *format, ...) __attribute__((format(printf, 3, 4)));

// The same without a file's line. Returns -EINVAL.
int fault_set(struct fault *fault, const char *format, ...) __attribute__((format(printf, 2, 3)));

// What stands at the scanner, for a message: the next word, the next character, or "the end of the file". Short.
struct found {
    char text[48];
};
struct found scanner_found(const struct scanner *scanner);

// "expected WHAT, found …" at the scanner. Returns -EINVAL.
int scanner_expected(const struct scanner *scanner, const char *what);

// The byte 'ahead' bytes further on, 0 behind the end.
char scanner_peek(const struct scanner *scanner, size_t ahead);
bool scanner_done(const struct scanner *scanner);

// Moves behind the literal when it stands here.
bool scanner_take(struct scanner *scanner, const char *literal);

// Whether the literal stands here.
bool scanner_at(const struct scanner *scanner, const char *literal);
void scanner_spaces(struct scanner *scanner);   // skips white space, lines too
void scanner_blanks(struct scanner *scanner);   // skips spaces and tabs

// Reads a C identifier; empty when none stands here.
struct str scanner_name(struct scanner *scanner);

// Splits off the next line, without its end.
struct str scanner_line(struct scanner *scanner);

bool is_space(char c);
bool is_name_start(char c);
bool is_name(char c);
bool is_digit(char c);

// Lower case of ASCII; other bytes as they are.
char ascii_lower(char c);

// Equal but for the case of ASCII letters.
bool str_equal_fold(struct str a, struct str b);

// The file's name without folders and without its last ending.
struct str path_stem(const char *path);

// Appends s as a C string literal with its quotes; may be put beside another literal.
void emit_literal(struct buf *buf, struct str s);

// Writes the file unless it already holds exactly this (so that nothing is compiled needlessly). Says on standard error what went wrong. -E….
int output_write(const char *path, const struct buf *buf);

// A growing array in an arena: room for one more element, or NULL. *count is not changed.
void *arena_grow(struct arena *arena, void *array, size_t count, size_t size);
