// SPDX-License-Identifier: MPL-2.0
// What a running process has cost, from /proc.
#pragma once

#include <stdint.h>
#include <sys/types.h>

// Microseconds of processor time (user and system) of a process and all that descend from it, the
// ended ones it has waited for included. Resolution: a clock tick, usually 10 ms.
struct process_time {
    int64_t user, system;
};
int process_times(pid_t pid, struct process_time *ret_time);   // -ESRCH
int64_t process_cpu(pid_t pid);                                // both together; -1 when there is none

// Nanoseconds of processor time of the calling thread.
int64_t process_own_cpu(void);

// Bytes of resident memory that are its own or shared in proportion (Pss) of the process alone; -1
// when there is no such process.
int64_t process_memory(pid_t pid);

// The same of a process and all that descend from it.
int64_t process_memory_all(pid_t pid);

// Microseconds that never jump.
int64_t process_clock(void);
