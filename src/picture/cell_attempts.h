// SPDX-License-Identifier: MPL-2.0
// What a process that was taken over would try from inside its cell; for the tests of cells.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Enters the cell in a process of its own and fails the test when an attempt, which gives true when it got what it must not get, got it: it must be
// refused with an error, or kill the process.
void cell_refuses(int (*enter)(void), bool (*const attempts[])(void), size_t count);

// The attempts that every cell refuses: files, network, processes, programs, the server's memory, code made at run time, limits.
void cell_refuses_all(int (*enter)(void));

// Fails the test when one of the needs, which give true when they have what the work needs, is not met inside: otherwise the tests above would hold for a
// cell in which nothing works at all.
void cell_allows(int (*enter)(void), bool (*const needs[])(void), size_t count);

bool cell_works_in_memory(void);   // a need
